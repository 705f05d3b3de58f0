import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { systemRandom } from "../../../base/random.js";
import { eventually } from "../../eventually.test-kit.js";
import { identityOf, isAlive, type ProcessIdentity, withEnvironment } from "../proc.js";
import type { Runtime } from "../runtime.js";
import { ProcessContainer, startTimeoutMs } from "./container.js";
import { containerTools, storedContainer } from "./container.test-kit.js";
import { type StoredContainer, storeContainer, writeSupervisor } from "./container-files.js";
import { openProcessRuntime } from "./process.js";

describe("containers that an agent before left", () => {
  let dir: string;
  let runtime: Runtime;
  let sandbox: string;
  const open = async (): Promise<void> => {
    runtime = await openProcessRuntime({
      ...{ dir, imagesDir: dir, clock: systemClock, random: systemRandom, log: silentLog },
    });
    await runtime.setPodCidr("127.64.208.0/24");
  };
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "adopt-"));
    await open();
    const pod = { uid: "u", namespace: "default", name: "p" };
    sandbox = await runtime.runSandbox({ pod, attempt: 0, hostname: "p", labels: {}, annotations: {} });
  });
  afterEach(async () => {
    await runtime.removeSandbox(sandbox);
    await runtime.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const create = (): Promise<string> =>
    runtime.createContainer(sandbox, {
      ...{ name: "main", attempt: 0, image: "busybox", command: ["sleep", "600"] },
      ...{ args: [], env: [], mounts: [], annotations: {} },
    });
  const fileOf = (id: string, name: string): string => join(dir, "containers", id, name);
  const identityIn = (id: string, name: string): ProcessIdentity =>
    identityOf(readFileSync(fileOf(id, name), "utf8")) ?? { pid: 0, startTicks: "" };

  it("count as ended at once when everything of them was killed meanwhile", async () => {
    const id = await create();
    await runtime.startContainer(id);
    await runtime.close();
    for (const { pid } of [identityIn(id, "supervisor"), ...withEnvironment(`NAVARCH_CONTAINER_ID=${id}`)])
      process.kill(pid, "SIGKILL");
    await open();
    expect((await runtime.containers())[0]).toMatchObject({ state: "exited", reason: "ContainerStatusUnknown" });
  });

  it("count as ended at once after another boot, and what has their pids now is left alone", async () => {
    const id = await create();
    await runtime.startContainer(id);
    const record: StoredContainer = JSON.parse(readFileSync(fileOf(id, "record.json"), "utf8"));
    await runtime.close();
    writeFileSync(fileOf(id, "record.json"), JSON.stringify({ ...record, bootId: "another" }));
    const main = identityIn(id, "pid");
    await open();
    expect((await runtime.containers())[0]).toMatchObject({ state: "exited", reason: "ContainerStatusUnknown" });
    expect(isAlive(main)).toBe(true);
    await runtime.stopSandbox(sandbox);
    expect(isAlive(main)).toBe(true);
    process.kill(identityIn(id, "supervisor").pid, "SIGKILL");
    process.kill(main.pid, "SIGKILL");
  });

  it("end with all that they started when they are removed before their program took over", async () => {
    const id = await create();
    for (const [name, text] of Object.entries({
      run: `read -r stat </proc/self/stat; echo "$stat" >pid; exec /bin/sh ./inner\n`,
      inner: "sleep 600 & sleep 601\n",
      // As in namespaces: it has begun only when this is written.
      began: "",
    }))
      writeFileSync(fileOf(id, name), text);
    const record: StoredContainer = JSON.parse(readFileSync(fileOf(id, "record.json"), "utf8"));
    writeFileSync(fileOf(id, "record.json"), JSON.stringify({ ...record, namespaces: true }));
    const child: ChildProcess = spawn("/bin/sh", [join(dir, "supervisor.sh"), join(dir, "containers", id)], {
      detached: true,
      stdio: "ignore",
    });
    await eventually(() => expect(existsSync(fileOf(id, "pid"))).toBe(true));
    await eventually(() => expect(inSession(child.pid ?? 0).length).toBeGreaterThanOrEqual(4));
    await runtime.close();
    await open();
    expect((await runtime.containers())[0]).toMatchObject({ state: "created" });
    await runtime.removeContainer(id);
    await eventually(() => expect(inSession(child.pid ?? 0)).toEqual([]));
  });
});

describe("a container whose start hangs", () => {
  it("is given up with everything that was started for it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "hang-"));
    const hurried: Clock = {
      ...systemClock,
      now: () => systemClock.now(),
      monotonic: () => systemClock.monotonic(),
      after: (ms, work) => {
        if (ms !== startTimeoutMs) return systemClock.after(ms, work);
        const begun = (): boolean => existsSync(join(dir, "one", "pid"));
        void eventually(() => expect(begun()).toBe(true)).then(work);
        return { cancel: () => {} };
      },
      sleep: (ms, signal) => systemClock.sleep(ms, signal),
    };
    mkdirSync(join(dir, "one"));
    writeSupervisor(join(dir, "supervisor.sh"));
    const stored = storedContainer();
    storeContainer(join(dir, "one"), stored);
    const tools = containerTools({ clock: hurried, supervisor: join(dir, "supervisor.sh") });
    const container = new ProcessContainer(join(dir, "one"), stored, tools);
    await container.start({
      ...{ workingDir: "/", env: new Map(), argv: ["true"] },
      enter: { words: [], setup: ["sleep 600"], become: [] },
    });
    expect(container.record).toMatchObject({ state: "exited", reason: "StartError" });
    const supervisor = identityOf(readFileSync(join(dir, "one", "supervisor"), "utf8"));
    await eventually(() => expect(inSession(supervisor?.pid ?? 0)).toEqual([]));
    container.remove();
    rmSync(dir, { recursive: true, force: true });
  });
});

describe("a container that starts while it is looked at", () => {
  it("is not taken for ended", async () => {
    const dir = mkdtempSync(join(tmpdir(), "starts-"));
    const supervisor = spawn("sleep", ["60"], { stdio: "ignore" });
    const stored = storedContainer({ namespaces: false });
    storeContainer(dir, stored);
    for (const name of ["log", "lost"]) writeFileSync(join(dir, name), "");
    // Told of after the first look at the files.
    const warn = (): void => writeFileSync(join(dir, "supervisor"), readFileSync(`/proc/${supervisor.pid}/stat`));
    const container = new ProcessContainer(dir, stored, containerTools({ warn }));
    container.check();
    await container.settled();
    expect(container.record).toMatchObject({ state: "created" });
    supervisor.kill("SIGKILL");
    container.close();
    rmSync(dir, { recursive: true, force: true });
  });
});

describe("a container that ended", () => {
  it("did so a tick of the file's clock later than the file says, but never later than now", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ended-"));
    const stored = storedContainer({ namespaces: false });
    storeContainer(dir, stored);
    // Of a process that is long gone.
    const line = `${readFileSync("/proc/self/stat", "utf8").trim().replace(/^\d+/, "4194305")}\n`;
    for (const name of ["supervisor", "pid"]) writeFileSync(join(dir, name), line);
    for (const name of ["log", "drained"]) writeFileSync(join(dir, name), "");
    const endOf = async (writtenMs: number): Promise<number | undefined> => {
      writeFileSync(join(dir, "exit"), "1\n");
      utimesSync(join(dir, "exit"), writtenMs / 1000, writtenMs / 1000);
      const container = new ProcessContainer(dir, stored, containerTools());
      await container.settled();
      container.close();
      return container.record.finishedAtMs;
    };
    expect(await endOf(1_700_000_000_000)).toBe(1_700_000_000_010);
    const writtenMs = Date.now() + 60_000;
    expect(await endOf(writtenMs)).toBeLessThan(writtenMs);
    rmSync(dir, { recursive: true, force: true });
  });
});

describe("a container that ends while it is looked at", () => {
  it("keeps the exit code that it left", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ends-"));
    const supervisor = spawn("sleep", ["60"], { stdio: "ignore" });
    const line = readFileSync(`/proc/${supervisor.pid}/stat`, "utf8");
    const stored = storedContainer({ namespaces: false });
    storeContainer(dir, stored);
    for (const name of ["supervisor", "pid"]) writeFileSync(join(dir, name), line);
    for (const name of ["log", "lost", "drained"]) writeFileSync(join(dir, name), "");
    // Told of after the first look at the files, before the one at the processes.
    const warn = (): void => {
      writeFileSync(join(dir, "exit"), "1\n");
      supervisor.kill("SIGKILL");
      const identity = identityOf(line);
      while (identity && isAlive(identity));
    };
    const container = new ProcessContainer(dir, stored, containerTools({ warn }));
    container.check();
    await eventually(() => expect(container.record).toMatchObject({ exitCode: 1, reason: "Error" }));
    container.close();
    rmSync(dir, { recursive: true, force: true });
  });
});

/** Pids of the session's processes that are alive. */
function inSession(leader: number): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      return Number(fields[3]) === leader && fields[0] !== "Z";
    } catch {
      return false;
    }
  });
}
