import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { busybox, type Containerd, containerTools, pidsOf, startContainerd } from "../../../e2e/harness/containerd.js";
import { describeWith } from "../../../e2e/harness/needs.js";
import { wordsOf } from "../../../e2e/harness/processes.js";
import { eventually } from "../../eventually.test-kit.js";
import type { ContainerConfig, ContainerRecord, ExecOptions, ExecSession, Runtime, SandboxConfig } from "../runtime.js";
import { openCriRuntime } from "./cri.js";
import { RuntimeService } from "./service.js";

describeWith(containerTools, "containers through CRI", () => {
  let containerd: Containerd;
  let runtime: Runtime;
  let dir: string;
  /** The host's cgroups are everybody's: uids are like no others. */
  const run = randomUUID();
  let counter = 0;
  const reopen = async (): Promise<void> => {
    runtime = await openCriRuntime({
      ...{ socket: containerd.socket, dir, clock: systemClock, log: silentLog },
      logLimits: { maxBytes: 1_000_000, maxFiles: 5, checkEveryMs: 100 },
    });
    await runtime.setPodCidr("10.202.9.0/24");
  };
  beforeAll(async () => {
    containerd = await startContainerd();
    dir = mkdtempSync(join(tmpdir(), "runtime-"));
    await reopen();
  });
  afterEach(async () => {
    for (const { id } of await runtime.sandboxes()) await runtime.removeSandbox(id);
  });
  afterAll(async () => {
    await runtime.close();
    await containerd.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const sandbox = (parts: Partial<SandboxConfig> = {}): Promise<string> => {
    const uid = `${run}-${counter++}`;
    const pod = { uid, namespace: "default", name: `pod-${uid}` };
    return runtime.runSandbox({ pod, attempt: 0, hostname: "the-host", labels: {}, annotations: {}, ...parts });
  };
  const start = async (in_: string, script: string, parts: Partial<ContainerConfig> = {}): Promise<string> => {
    const id = await runtime.createContainer(in_, {
      ...{ name: "main", attempt: 0, image: busybox, command: ["sh", "-c", script], args: [] },
      ...{ env: [], mounts: [], annotations: {}, ...parts },
    });
    await runtime.startContainer(id);
    return id;
  };
  const record = async (id: string): Promise<ContainerRecord | undefined> =>
    (await runtime.containers()).find((container) => container.id === id);
  const output = async (in_: string, script: string, parts?: Partial<ContainerConfig>): Promise<string> => {
    const id = await start(in_, script, parts);
    await eventually(async () => expect((await record(id))?.state).toBe("exited"));
    return linesOf(id);
  };
  const linesOf = async (id: string): Promise<string> => {
    const lines: string[] = [];
    for await (const { line } of runtime.logs(id, { follow: false, signal: new AbortController().signal }))
      lines.push(`${Buffer.from(line)}\n`);
    return lines.join("");
  };
  const exec = (id: string, script: string, options: Partial<ExecOptions> = {}): Promise<ExecSession> =>
    runtime.exec(id, {
      ...{ command: ["sh", "-c", script], stdin: false, tty: false, signal: new AbortController().signal },
      ...options,
    });
  const read = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const sleeping = "exec sleep 1000";

  it("are refused by name where the agent cannot write down what it makes for them", async () => {
    renameSync(join(dir, "sandboxed"), join(dir, "aside"));
    await expect(sandbox()).rejects.toMatchObject({ reason: "CreatePodSandboxError" });
    renameSync(join(dir, "aside"), join(dir, "sandboxed"));
    expect(await runtime.sandboxes()).toEqual([]);
  });

  it("leave nothing of the agent's when it was killed in the middle of removing them", async () => {
    const kept = await sandbox();
    const uids = [await sandbox(), await sandbox()].map((_id, index) => `${run}-${counter - 2 + index}`);
    const cgroupsOf = (uid: string): readonly string[] =>
      // Those of others may vanish while it looks.
      spawnSync("find", ["/sys/fs/cgroup", "-type", "d", "-name", `pod${uid}`], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((path) => path !== "");
    const logsOf = (uid: string): readonly string[] =>
      readdirSync(join(dir, "logs")).filter((name) => name.endsWith(`_${uid}`));
    const [first = "", second = ""] = uids;
    expect([cgroupsOf(first).length > 0, logsOf(first).length]).toEqual([true, 1]);
    await runtime.close();
    const service = new RuntimeService(containerd.socket, systemClock);
    for (const { id, labels } of await service.listPodSandboxes({}))
      if (uids.includes(labels["io.kubernetes.pod.uid"] ?? "")) {
        await service.stopPodSandbox(id);
        await service.removePodSandbox(id);
      }
    service.close();
    // Something of the second one runs on, in its cgroup.
    const straggler = spawn("sleep", ["1000"], { stdio: "ignore" });
    const ended = new Promise((resolve) => straggler.once("exit", (_code, signal) => resolve(signal)));
    for (const path of cgroupsOf(second)) writeFileSync(join(path, "cgroup.procs"), String(straggler.pid));
    await reopen();
    expect(await ended).toBe("SIGKILL");
    await eventually(() => expect(uids.flatMap((uid) => [...cgroupsOf(uid), ...logsOf(uid)])).toEqual([]));
    expect((await runtime.sandboxes()).map(({ id }) => id)).toEqual([kept]);
    expect(logsOf(`${run}-${counter - 3}`)).toHaveLength(1);
  });

  it("get what lay at an exact path when they were made, whatever took its place before they start", async () => {
    const volume = join(dir, "volume");
    mkdirSync(join(volume, "sub"), { recursive: true });
    mkdirSync(join(dir, "secret"));
    writeFileSync(join(volume, "sub", "file"), "own\n");
    writeFileSync(join(dir, "secret", "file"), "secret\n");
    const mount = (path: string, containerPath: string) => ({
      ...{ hostPath: join(volume, path), containerPath, readOnly: false, optional: false, exact: true },
    });
    const in_ = await sandbox();
    const script = "cat /folder/file /one; echo more >/folder/more; echo again >>/one";
    const mounts = [mount("sub", "/folder"), mount("sub/file", "/one")];
    const id = await runtime.createContainer(in_, {
      ...{ name: "main", attempt: 0, image: busybox, command: ["sh", "-c", script], args: [] },
      ...{ env: [], annotations: {}, mounts },
    });
    renameSync(join(volume, "sub"), join(volume, "aside"));
    symlinkSync(join(dir, "secret"), join(volume, "sub"));
    await runtime.startContainer(id);
    await eventually(async () => expect((await record(id))?.state).toBe("exited"));
    expect(await linesOf(id)).toBe("own\nown\n");
    expect(readFileSync(join(volume, "aside", "more"), "utf8")).toBe("more\n");
    expect(readdirSync(join(dir, "secret"))).toEqual(["file"]);
    const led = { mounts: [mount("sub", "/folder")], attempt: 1 };
    await expect(start(in_, "cat /folder/file", led)).rejects.toMatchObject({ reason: "CreateContainerError" });
    await runtime.removeSandbox(in_);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(join(dir, "held"));
    expect(readFileSync(join(volume, "aside", "file"), "utf8")).toBe("own\nagain\n");
  });

  it("take input, keep their outputs apart and give the exit code back", async () => {
    const id = await start(await sandbox(), sleeping);
    const session = await exec(id, "cat; echo err >&2; exit 9", { stdin: true });
    const outputs = Promise.all([read(session.stdout), read(session.stderr)]);
    await session.write(Buffer.from("in"));
    session.endInput();
    expect(await outputs).toEqual(["in", "err\n"]);
    expect(await session.exitCode).toBe(9);
    const missing = await exec(id, "", { command: ["no-such-program"] });
    await expect(missing.exitCode).rejects.toMatchObject({ reason: "NotFound" });
    await expect(exec(id, "", { command: ["no-such-program"], brief: true })).rejects.toMatchObject({
      ...{ reason: "NotFound", message: expect.stringContaining("no-such-program") },
    });
  });

  it("are not looked at for the end of a program beside theirs", async () => {
    const id = await start(await sandbox(), sleeping);
    await systemClock.sleep(500);
    let told = 0;
    const end = runtime.onEvent(({ containerId }) => void (containerId === id && told++));
    for (let turn = 0; turn < 3; turn++) expect(await (await exec(id, "exit 3", { brief: true })).exitCode).toBe(3);
    await systemClock.sleep(1_500);
    expect(told).toBe(0);
    await runtime.stopContainer(id, 0);
    await eventually(async () => expect(told).toBeGreaterThan(0));
    end();
  });

  it("pass 20 MB through unharmed", async () => {
    const id = await start(await sandbox(), sleeping);
    const session = await exec(id, "md5sum; head -c 20000000 /dev/zero", { stdin: true });
    const outputs = read(session.stdout);
    for (let at = 0; at < 20; at++) await session.write(Buffer.alloc(1_000_000));
    session.endInput();
    const text = await outputs;
    expect(text.slice(0, text.indexOf("-") + 2)).toMatch(/^88ebd8c9a1bdbd64fb2ea3ecdff7a2ef|^[0-9a-f]{32} {2}-\n$/);
    expect(text.length - text.indexOf("\n") - 1).toBe(20_000_000);
    expect(await session.exitCode).toBe(0);
  });

  it("end a program beside their own whose caller has gone, with all that it started, and no other", async () => {
    const id = await start(await sandbox(), "sleep 1000");
    const waiting = await exec(id, "sleep 1002 & sleep 1003; wait");
    const running = (seconds: number): boolean =>
      pidsOf(id).some((pid) => wordsOf(pid).join(" ") === `sleep ${seconds}`);
    await eventually(() => expect([1000, 1002, 1003].map(running)).toEqual([true, true, true]));
    // So much later that the two cannot be taken for each other.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const gone = new AbortController();
    const left = await exec(id, "sleep 1004 & sleep 1005; wait", { signal: gone.signal });
    await eventually(() => expect([1004, 1005].map(running)).toEqual([true, true]));
    gone.abort();
    expect(await left.exitCode).toBe(137);
    await eventually(() => expect([1004, 1005].map(running)).toEqual([false, false]));
    expect([1000, 1002, 1003].map(running)).toEqual([true, true, true]);
    void waiting;
  });

  it("have terminals with sizes", async () => {
    const id = await start(await sandbox(), sleeping);
    const sized = "until stty size | grep -q '43 132'; do sleep 0.05; done; stty size";
    const session = await exec(id, `read line; ${sized}; echo got $line; exit 4`, { stdin: true, tty: true });
    const text = read(session.stdout);
    session.resize?.(132, 43);
    await session.write(Buffer.from("word\n"));
    expect(await text).toMatch(/43 132\r\ngot word\r\n/);
    expect(await session.exitCode).toBe(4);
  });

  it("can be joined: their own input and output", async () => {
    const id = await start(await sandbox(), 'while read line; do echo "got $line"; done; exit 6', {
      stdin: true,
      stdinOnce: true,
    });
    const session = await runtime.attach(id, { stdin: true, signal: new AbortController().signal });
    const text = read(session.stdout);
    await session.write(Buffer.from("one\ntwo\n"));
    await systemClock.sleep(200);
    session.endInput();
    expect(await text).toBe("got one\ngot two\n");
    expect(await session.exitCode).toBe(6);
  });

  it("tell who joins them also what they wrote before, where that is asked for", async () => {
    const script = "echo first; echo bad >&2; read x; echo second; echo no newline | tr -d '\\n'";
    const id = await start(await sandbox(), script, { stdin: true, stdinOnce: true });
    await eventually(async () => expect(await linesOf(id)).toContain("first"));
    const { signal } = new AbortController();
    const session = await runtime.attach(id, { stdin: true, fromStart: true, signal });
    const texts = Promise.all([read(session.stdout), read(session.stderr)]);
    await session.write(Buffer.from("\n"));
    expect(await texts).toEqual(["first\nsecond\nno newline", "bad\n"]);
  });

  it("answer on their ports through a connection, also those bound to their own loopback", async () => {
    const in_ = await sandbox();
    await start(in_, "echo hello > /tmp/index.html; exec httpd -f -p 127.0.0.1:8080 -h /tmp");
    const { signal } = new AbortController();
    const answer = await eventually(async () => {
      const connection = await runtime.connect(in_, 8080, signal);
      connection.end("GET / HTTP/1.0\r\n\r\n");
      const text = await read(connection);
      expect(text).toContain("hello");
      return text;
    });
    expect(answer).toContain("200 OK");
    const refused = await runtime.connect(in_, 8081, signal);
    await expect(read(refused)).rejects.toThrow(/8081|refused/);
  });

  it("can be ended by another signal than the image's, and are killed when the grace is over", async () => {
    const in_ = await sandbox();
    const polite = await start(in_, 'trap "exit 5" INT; trap "" TERM; echo ready; while :; do sleep 0.02; done');
    await eventually(async () => expect(await linesOf(polite)).toBe("ready\n"));
    await runtime.stopContainer(polite, 60_000, "SIGINT");
    expect((await record(polite))?.exitCode).toBe(5);
    const stubborn = await start(in_, 'trap "" TERM; echo ready; while :; do sleep 0.02; done', { attempt: 1 });
    await eventually(async () => expect(await linesOf(stubborn)).toBe("ready\n"));
    const beganMs = performance.now();
    await runtime.stopContainer(stubborn, 300);
    expect(performance.now() - beganMs).toBeGreaterThan(290);
    expect(await record(stubborn)).toMatchObject({ exitCode: 137, reason: "Error" });
  });

  it("share processes, or the host's network, where their sandbox says so", async () => {
    expect(await output(await sandbox(), "echo $$; hostname")).toBe("1\nthe-host\n");
    const shared = await sandbox({ shareProcesses: true });
    const other = await start(shared, sleeping, { name: "other" });
    expect(await output(shared, "ps")).toContain("sleep 1000");
    expect(await record(other)).toMatchObject({ state: "running" });
    const host = await sandbox({ hostNamespaces: { network: true }, hostname: "" });
    expect(await output(host, "ls /sys/class/net")).toContain("lo");
    expect((await runtime.sandboxes()).find(({ id }) => id === host)?.ips).toEqual([]);
  });

  it("get sysctls and ports of the host", async () => {
    const in_ = await sandbox({
      sysctls: { "net.ipv4.ip_unprivileged_port_start": "123" },
      portMappings: [{ protocol: "TCP", containerPort: 80, hostPort: 18_765, hostIP: "127.0.0.1" }],
    });
    expect(await output(in_, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).toBe("123\n");
    await start(in_, "echo mapped > /tmp/index.html; exec httpd -f -p 80 -h /tmp", { attempt: 1 });
    expect(
      await eventually(async () =>
        (await fetch("http://127.0.0.1:18765/", { headers: { connection: "close" } })).text(),
      ),
    ).toBe("mapped\n");
  });

  it("are held to their limits, which can be changed while they run", async () => {
    const id = await start(await sandbox({ qosClass: "Burstable" }), sleeping, {
      resources: { cpuRequestMilli: 100, cpuLimitMilli: 200, memoryLimitBytes: 64 * 1024 * 1024 },
    });
    const read = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null";
    const limit = async (): Promise<string> => {
      const session = await exec(id, read, { brief: true });
      const chunks: Uint8Array[] = [];
      for await (const chunk of session.stdout) chunks.push(chunk);
      return Buffer.concat(chunks).toString().trim();
    };
    expect(await limit()).toBe(String(64 * 1024 * 1024));
    await runtime.updateContainerResources?.(id, { memoryLimitBytes: 96 * 1024 * 1024 });
    expect(await limit()).toBe(String(96 * 1024 * 1024));
  });

  it("are told of within 100 ms of their end, and taken up with their log by the next agent", async () => {
    const id = await start(await sandbox(), `echo before; ${sleeping}`);
    const told = new Promise<number>((resolve) =>
      runtime.onEvent(({ containerId }) => {
        if (containerId === id)
          void record(id).then((found) => found?.state === "exited" && resolve(performance.now()));
      }),
    );
    const lasting = await start(await sandbox(), sleeping);
    const killedMs = performance.now();
    process.kill(pidsOf(id)[0] ?? 0, "SIGKILL");
    expect((await told) - killedMs).toBeLessThan(1_000);
    const before = await record(lasting);
    await runtime.close();
    await reopen();
    expect(await record(lasting)).toEqual(before);
    expect(await record(id)).toMatchObject({ exitCode: 137, reason: "Error" });
  });

  it("lose no line when their log is rotated, whoever follows it", async () => {
    const lines = 60_000;
    const id = await start(await sandbox(), `seq 0 ${lines - 1}; sleep 1`);
    const found = await record(id);
    const folder = join(dir, "logs", `default_${found?.pod.name}_${found?.pod.uid}`, "main");
    let expected = 0;
    // Where a file ends in the middle of a line, its rest is the next entry.
    let held = "";
    for await (const { line, partial } of runtime.logs(id, { follow: true, signal: new AbortController().signal })) {
      held += Buffer.from(line).toString();
      if (partial) continue;
      if (Number(held) !== expected) throw new Error(`instead of ${expected} comes ${held}`);
      held = "";
      expected++;
    }
    expect(expected).toBe(lines);
    expect(readdirSync(folder).length).toBeGreaterThan(1);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(5);
  });

  it("of others in the same runtime are none of ours", async () => {
    await sandbox();
    const other = mkdtempSync(join(tmpdir(), "runtime-"));
    const second = await openCriRuntime({ socket: containerd.socket, dir: other, clock: systemClock, log: silentLog });
    expect(await second.sandboxes()).toEqual([]);
    await second.close();
    rmSync(other, { recursive: true, force: true });
  });
});
