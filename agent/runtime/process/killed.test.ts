import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { systemRandom } from "../../../base/random.js";
import { eventually } from "../../eventually.test-kit.js";
import { openProcessRuntime } from "./process.js";

/** A process of its own that starts two containers, says so, and then works on until it is killed. */
const program = `
import { systemClock } from "${join(__dirname, "../../../base/clock.ts")}";
import { silentLog } from "${join(__dirname, "../../../base/log.ts")}";
import { systemRandom } from "${join(__dirname, "../../../base/random.ts")}";
import { openProcessRuntime } from "${join(__dirname, "process.ts")}";
setInterval(() => {}, 1000);
(async () => {
const dir = process.argv[2];
const runtime = await openProcessRuntime({ dir, imagesDir: dir, clock: systemClock, random: systemRandom, log: silentLog });
await runtime.setPodCidr("127.64.205.0/24");
const sandbox = await runtime.runSandbox({ pod: { uid: "u", namespace: "default", name: "p" }, attempt: 0, hostname: "p", labels: {}, annotations: {} });
const start = async (name, script) => {
  const id = await runtime.createContainer(sandbox, { name, attempt: 0, image: "busybox", command: ["sh", "-c", script], args: [], env: [], mounts: [], annotations: {} });
  await runtime.startContainer(id);
};
await start("lasting", "echo before; sleep 1; echo after; exec sleep 1000");
await start("ending", "sleep 1; exit 6");
console.log(JSON.stringify(await runtime.containers()));
})();
`;

describe("an agent that is killed", () => {
  let dir: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "killed-"));
  });
  afterEach(() => {
    child?.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  it("leaves its containers running, to be taken up by the next one with what happened meanwhile", async () => {
    const outfile = join(dir, "program.cjs");
    await build({
      stdin: { contents: program, resolveDir: __dirname, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "cjs",
      outfile,
      absWorkingDir: join(__dirname, "../../.."),
    });
    const started = spawn(process.execPath, [outfile, join(dir, "runtime")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = started;
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: started.stdout }).once("line", resolve);
      started.once("exit", () => reject(new Error("it ended too early")));
    });
    const before: readonly { readonly name: string }[] = JSON.parse(line);
    started.kill("SIGKILL");
    await systemClock.sleep(1_500);

    const runtime = await openProcessRuntime({
      dir: join(dir, "runtime"),
      imagesDir: dir,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    try {
      const byName = async (name: string) => (await runtime.containers()).find((container) => container.name === name);
      const lasting = await byName("lasting");
      expect(lasting).toEqual(before.find(({ name }) => name === "lasting"));
      await eventually(async () => expect(await byName("ending")).toMatchObject({ state: "exited", exitCode: 6 }));
      const lines: string[] = [];
      for await (const entry of runtime.logs(lasting?.id ?? "", {
        follow: false,
        signal: new AbortController().signal,
      }))
        lines.push(Buffer.from(entry.line).toString());
      expect(lines).toEqual(["before", "after"]);
    } finally {
      for (const { id } of await runtime.sandboxes()) await runtime.removeSandbox(id);
      await runtime.close();
    }
  });
});
