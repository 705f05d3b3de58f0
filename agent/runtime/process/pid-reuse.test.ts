import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../eventually.test-kit.js";
import { firstChild, isAlive } from "../proc.js";
import { ProcessContainer } from "./container.js";
import { containerTools, storedContainer } from "./container.test-kit.js";
import { storeContainer } from "./container-files.js";

/** A container that ended while nobody looked, and whose pid has since become a stranger's. */
describe.each([
  { namespaces: true, boot: "this boot" },
  { namespaces: false, boot: "this boot" },
  { namespaces: true, boot: "another boot" },
])("a pid that came again (namespaces $namespaces, $boot)", ({ namespaces, boot }) => {
  let dir: string;
  let stranger: ChildProcess;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "pid-reuse-"));
    stranger = spawn("sh", ["-c", "sleep 60 & wait"], { stdio: "ignore" });
  });
  afterEach(() => {
    const child = firstChild(stranger.pid ?? 0);
    if (child) process.kill(child.pid, "SIGKILL");
    stranger.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  it("harms neither the stranger nor its children", async () => {
    const pid = stranger.pid ?? 0;
    const child = await eventually(() => {
      const found = firstChild(pid);
      if (!found) throw new Error("it has no child yet");
      return found;
    });
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = line.lastIndexOf(")") + 2;
    const fields = line.slice(end).split(" ");
    // The same process where the boot is another, else one that began earlier.
    if (boot === "this boot") fields[19] = "1";
    const identity = `${line.slice(0, end)}${fields.join(" ")}`.trim();
    const stored = storedContainer({ namespaces, ...(boot === "this boot" ? {} : { bootId: "another" }) });
    storeContainer(dir, stored);
    writeFileSync(join(dir, "log"), "");
    writeFileSync(join(dir, "began"), "\n");
    writeFileSync(join(dir, "supervisor"), `${identity}\n`);
    writeFileSync(join(dir, "pid"), `${identity}\n`);
    const container = new ProcessContainer(dir, stored, containerTools());
    container.check();
    await eventually(() => expect(container.record).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" }));
    expect(isAlive(child)).toBe(true);
    expect(stranger.signalCode).toBeNull();
    container.close();
  });
});
