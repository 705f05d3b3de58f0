import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { systemRandom } from "../../../base/random.js";
import { eventually } from "../../eventually.test-kit.js";
import { firstChild, signalProcess, stateOf, withEnvironment } from "../proc.js";
import type { Runtime, RuntimeEvent } from "../runtime.js";
import { containerMark } from "./container-files.js";
import { openProcessRuntime } from "./process.js";

describe.each(["auto", "off"] as const)("containers in trouble (namespaces %s)", (namespaces) => {
  let dir: string;
  let runtime: Runtime;
  let sandbox: string;
  const events: RuntimeEvent[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "trouble-"));
    const surroundings = { clock: systemClock, random: systemRandom, log: silentLog };
    runtime = await openProcessRuntime({ dir, imagesDir: dir, namespaces, ...surroundings });
    await runtime.setPodCidr("127.64.214.0/24");
    runtime.onEvent((event) => events.push(event));
    const pod = { uid: "u", namespace: "default", name: "p" };
    sandbox = await runtime.runSandbox({ pod, attempt: 0, hostname: "p", labels: {}, annotations: {} });
  });
  afterAll(async () => {
    await runtime.removeSandbox(sandbox);
    await runtime.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const create = (script: string): Promise<string> =>
    runtime.createContainer(sandbox, {
      ...{ name: "main", attempt: 0, image: "busybox", command: ["sh", "-c", script], args: [] },
      ...{ env: [], mounts: [], annotations: {} },
    });
  const fileOf = (id: string, name: string): string => join(dir, "containers", id, name);
  const pidIn = (id: string, name: string): number => Number.parseInt(readFileSync(fileOf(id, name), "utf8"), 10);
  const ended = (id: string) =>
    eventually(async () => {
      const found = (await runtime.containers()).find((each) => each.id === id);
      if (found?.state !== "exited") throw new Error("still running");
      return found;
    });

  it("go on while their log cannot be written, which is told", async () => {
    const id = await create(
      "i=0; while [ $i -lt 2000 ]; do echo 'a line of some length, to fill a pipe with'; i=$((i+1)); done; exit 3",
    );
    symlinkSync("/dev/full", fileOf(id, "log"));
    await runtime.startContainer(id);
    expect(await ended(id)).toMatchObject({ exitCode: 3, reason: "Error" });
    const warnings = events.flatMap(({ containerId, warning }) => (containerId === id && warning ? [warning] : []));
    expect(warnings).toContainEqual({
      reason: "LogNotWritten",
      message: expect.stringContaining("output of container main was lost"),
    });
  });

  it("have their log written on when what copies it is killed", async () => {
    const id = await create("trap 'echo two; exit 0' TERM; echo one; while :; do sleep 0.02; done");
    await runtime.startContainer(id);
    const linesOf = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      const signal = new AbortController().signal;
      for await (const { line } of runtime.logs(id, { follow: false, signal }))
        lines.push(Buffer.from(line).toString());
      return lines;
    };
    await eventually(async () => expect(await linesOf()).toEqual(["one"]));
    const copier = firstChild(pidIn(id, "pump"));
    expect(copier && signalProcess(copier, "SIGKILL")).toBe(true);
    await runtime.stopContainer(id, 60_000);
    expect(await linesOf()).toEqual(["one", "two"]);
  });

  it("have their last words in the log when they have ended, however late these are copied", async () => {
    const id = await create("trap 'echo last; exit 3' TERM; echo ready; while :; do sleep 0.02; done");
    await runtime.startContainer(id);
    const log = (): string => readFileSync(fileOf(id, "log"), "utf8");
    await eventually(() => expect(log()).toBe("ready\n"));
    const copier = firstChild(pidIn(id, "pump"));
    expect(copier && signalProcess(copier, "SIGSTOP")).toBe(true);
    const later = setTimeout(() => copier && signalProcess(copier, "SIGCONT"), 1_500);
    await runtime.stopContainer(id, 60_000);
    expect([log(), (await ended(id)).exitCode]).toEqual(["ready\nlast\n", 3]);
    clearTimeout(later);
  });

  it("end and are told of though somebody has stopped what keeps them", async () => {
    const id = await create("exec sleep 1000");
    await runtime.startContainer(id);
    const keepers = [pidIn(id, "supervisor"), pidIn(id, "pump")];
    if (namespaces === "auto" && runtime.features.mounts) keepers.push(pidIn(id, "pid"));
    for (const pid of keepers) process.kill(pid, "SIGSTOP");
    await eventually(async () => {
      if (keepers.some((pid) => stateOf(pid) === "T")) throw new Error("still stopped");
    });
    await runtime.stopContainer(id, 0);
    expect(await ended(id)).toMatchObject({ exitCode: 137 });
  });

  it("end though their own program is stopped", async () => {
    const id = await create("kill -STOP $$; echo never");
    await runtime.startContainer(id);
    await eventually(async () => {
      if (!withEnvironment(containerMark(id)).some(({ pid }) => stateOf(pid) === "T")) throw new Error("not stopped");
    });
    await runtime.stopContainer(id, 50);
    expect(await ended(id)).toMatchObject({ exitCode: 137 });
  });
});
