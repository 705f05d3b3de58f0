import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { systemRandom } from "../../../base/random.js";
import { eventually } from "../../eventually.test-kit.js";
import { withEnvironment } from "../proc.js";
import { describeRuntime } from "../runtime.contract.js";
import type { ContainerConfig, ContainerRecord, Runtime } from "../runtime.js";
import { openProcessRuntime } from "./process.js";

const trap = 'trap "echo bye; exit 0" TERM; echo hello; while :; do sleep 0.02; done';

for (const namespaces of ["auto", "off"] as const) {
  describeRuntime(`the process runtime (namespaces ${namespaces})`, async () => {
    const dir = mkdtempSync(join(tmpdir(), "runtime-"));
    const runtime = await openProcessRuntime({
      dir,
      imagesDir: dir,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      namespaces,
    });
    return {
      runtime,
      lasting: { command: ["sh", "-c", trap] },
      ending: (code) => ({ command: ["sh", "-c", `exit ${code}`] }),
      hanging: ["sleep", "600"],
      async close() {
        await runtime.close();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  });

  describe(`containers as processes (namespaces ${namespaces})`, () => {
    let dir: string;
    let runtime: Runtime;
    let sandbox: string;
    const reopen = async (): Promise<void> => {
      runtime = await openProcessRuntime({
        dir,
        imagesDir: dir,
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
        namespaces,
      });
      await runtime.setPodCidr("127.64.203.0/24");
    };
    beforeEach(async () => {
      dir = mkdtempSync(join(tmpdir(), "runtime-"));
      await reopen();
      sandbox = await runtime.runSandbox({
        pod: { uid: "u", namespace: "default", name: "p" },
        attempt: 0,
        hostname: "the-host",
        labels: {},
        annotations: {},
      });
    });
    afterEach(async () => {
      await runtime.removeSandbox(sandbox);
      await runtime.close();
      rmSync(dir, { recursive: true, force: true });
    });

    const start = async (script: string, parts: Partial<ContainerConfig> = {}): Promise<string> => {
      const id = await runtime.createContainer(sandbox, {
        name: "main",
        attempt: 0,
        image: "busybox",
        command: ["sh", "-c", script],
        args: [],
        env: [],
        mounts: [],
        annotations: {},
        ...parts,
      });
      await runtime.startContainer(id);
      return id;
    };
    const record = async (id: string): Promise<ContainerRecord | undefined> =>
      (await runtime.containers()).find((container) => container.id === id);
    const ended = (id: string): Promise<ContainerRecord> =>
      eventually(async () => {
        const found = await record(id);
        if (found?.state !== "exited") throw new Error("it still runs");
        return found;
      });
    const textOf = async (id: string): Promise<string> => {
      const lines: string[] = [];
      for await (const { line } of runtime.logs(id, { follow: false, signal: new AbortController().signal }))
        lines.push(`${Buffer.from(line)}\n`);
      return lines.join("");
    };
    const wrote = (id: string, text: string): Promise<void> =>
      eventually(async () => expect(await textOf(id)).toContain(text));
    const output = async (script: string, parts?: Partial<ContainerConfig>): Promise<string> => {
      const id = await start(script, parts);
      await ended(id);
      return textOf(id);
    };

    it("are measured: CPU time and memory of the whole tree, ended children included", async () => {
      const id = await start(
        "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; (sleep 60 & ); node -e 'const b = Buffer.alloc(8e7, 1); console.log(b.length); setInterval(() => b, 1e5)'",
      );
      await eventually(async () => expect(await textOf(id)).toContain("80000000"));
      const [stats] = await runtime.stats();
      expect(stats?.cpuNanoseconds).toBeGreaterThan(100_000_000);
      expect(stats?.workingSetBytes).toBeGreaterThan(80_000_000);
      expect(stats?.workingSetBytes).toBeLessThan(stats?.rssBytes ?? 0);
      expect(stats?.processes).toBeGreaterThanOrEqual(3);
      expect(stats?.logBytes).toBe(9);
    });

    it("inherit no environment but PATH", async () => {
      process.env.NAVARCH_TEST_SECRET = "secret";
      const env = await output("/usr/bin/env", {
        env: [
          { name: "GIVEN", value: "it's $HOME" },
          { name: "odd.name", value: "1" },
          { name: "UID", value: "77" },
        ],
      });
      delete process.env.NAVARCH_TEST_SECRET;
      const names = env
        .split("\n")
        .map((line) => line.split("=")[0])
        .filter((name) => name !== "" && name !== "PWD" && name !== "_" && name !== "SHLVL" && name !== "OLDPWD");
      expect(env).toContain("GIVEN=it's $HOME\n");
      expect(new Set(names)).toEqual(
        new Set([
          "PATH",
          "HOME",
          "HOSTNAME",
          "POD_IP",
          "GIVEN",
          "NAVARCH_SANDBOX_ID",
          "NAVARCH_CONTAINER_ID",
          ...names.filter((name) => name === "odd.name" || name === "UID"),
        ]),
      );
    });

    it("keep the order of both outputs and survive a script that opens /dev/stderr", async () => {
      expect(await output('echo one; echo two >&2; echo three > /dev/stderr; echo four; printf "no newline"')).toBe(
        "one\ntwo\nthree\nfour\nno newline\n",
      );
    });

    it("stamp each line with the time of its writing", async () => {
      const id = await start('trap "echo second; exit 0" TERM; echo first; while :; do sleep 0.02; done');
      await wrote(id, "first");
      const seenMs = Date.now();
      await systemClock.sleep(300);
      const askedMs = Date.now();
      await runtime.stopContainer(id, 60_000);
      const endedMs = Date.now();
      await systemClock.sleep(50);
      const times: number[] = [];
      for await (const { timestamp } of runtime.logs(id, { follow: false, signal: new AbortController().signal }))
        times.push(Date.parse(timestamp));
      expect(times[0]).toBeLessThanOrEqual(seenMs);
      expect(times[1]).toBeGreaterThanOrEqual(askedMs);
      expect(times[1]).toBeLessThanOrEqual(endedMs);
    });

    it("lose no line when their log is rotated, and keep the newest of it", async () => {
      const lines = 70_000;
      const id = await start(
        `i=0; while [ $i -lt 70 ]; do seq -f "%0309.0f" $((i * 1000)) $((i * 1000 + 999)); i=$((i + 1)); done; exec sleep 1000`,
      );
      await eventually(async () => {
        for await (const { line } of runtime.logs(id, {
          follow: false,
          tailLines: 1,
          signal: new AbortController().signal,
        }))
          if (Number(Buffer.from(line)) === lines - 1) return;
        throw new Error("not all is there");
      });
      let expected: number | undefined;
      let isFirst = true;
      for await (const { line } of runtime.logs(id, { follow: false, signal: new AbortController().signal })) {
        const number = Number(Buffer.from(line));
        if (expected !== undefined && number !== expected) throw new Error(`${expected} is followed by ${number}`);
        // The first one may be cut where the oldest segment began.
        expected = isFirst ? undefined : number + 1;
        isFirst = false;
      }
      expect(expected).toBe(lines);
      expect(statSync(join(dir, "containers", id, "log")).size).toBeLessThan(21_700_000);
      expect(existsSync(join(dir, "containers", id, "log.1"))).toBe(true);
    });

    it("give as many last lines as were asked for, however fast more are written", async () => {
      const id = await start("while :; do echo line; done");
      await eventually(async () => expect(await textOf(id)).toMatch(/line\nline/));
      for (let look = 0; look < 20; look++) {
        const lines: string[] = [];
        const signal = new AbortController().signal;
        for await (const { line } of runtime.logs(id, { follow: false, tailLines: 2, signal }))
          lines.push(Buffer.from(line).toString());
        expect(lines).toHaveLength(2);
      }
      await runtime.stopContainer(id, 0);
    });

    it("can be signalled with SIGINT", async () => {
      const id = await start('trap "exit 5" INT; echo ready; while :; do sleep 0.02; done');
      await wrote(id, "ready");
      await runtime.stopContainer(id, 60_000, "SIGINT");
      expect((await record(id))?.exitCode).toBe(5);
    });

    it("end by a signal that they have no handler for, and leave no word of the shells around them", async () => {
      const id = await start("exec sleep 1000");
      await runtime.stopContainer(id, 10_000);
      expect((await record(id))?.exitCode).toBe(143);
      expect(await textOf(id)).toBe("");
    });

    it("are killed when the grace is over", async () => {
      const id = await start('trap "" TERM; echo ready; while :; do sleep 0.02; done');
      await wrote(id, "ready");
      const beganMs = performance.now();
      await runtime.stopContainer(id, 300);
      expect(performance.now() - beganMs).toBeGreaterThan(250);
      expect((await record(id))?.exitCode).toBe(137);
    });

    it("take what they forked twice with them", async () => {
      const id = await start("(setsid sleep 1000 &); (setsid sh -c 'sleep 1000' &); sleep 0.1; exit 0");
      await ended(id);
      expect(withEnvironment(`NAVARCH_CONTAINER_ID=${id}`)).toEqual([]);
    });

    it("say what cannot be started", async () => {
      const id = await runtime.createContainer(sandbox, {
        name: "main",
        attempt: 0,
        image: "busybox",
        command: ["no-such-program"],
        args: [],
        env: [],
        mounts: [],
        annotations: {},
      });
      await expect(runtime.startContainer(id)).rejects.toMatchObject({
        reason: "RunContainerError",
        message: expect.stringContaining('exec: "no-such-program": executable file not found in $PATH'),
      });
      expect(await record(id)).toMatchObject({ state: "exited", exitCode: 128, reason: "StartError" });
    });

    it("run on while no agent is there, and are taken up with their end and their log", async () => {
      const lasting = await start(trap);
      await wrote(lasting, "hello");
      const ending = await start("sleep 0.2; echo late; exit 4", { name: "ending" });
      const before = await record(lasting);
      await runtime.close();
      await systemClock.sleep(500);
      await reopen();
      expect(await record(lasting)).toEqual(before);
      expect(await ended(ending)).toMatchObject({ exitCode: 4, reason: "Error" });
      expect(await textOf(ending)).toBe("late\n");
      await runtime.stopContainer(lasting, 60_000);
      expect(await record(lasting)).toMatchObject({ exitCode: 0 });
    });

    it("end when their supervisor is killed", async () => {
      const id = await start(trap);
      const supervisor = Number.parseInt(readFileSync(join(dir, "containers", id, "supervisor"), "utf8"), 10);
      process.kill(supervisor, "SIGKILL");
      expect(await ended(id)).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
      expect(withEnvironment(`NAVARCH_CONTAINER_ID=${id}`)).toEqual([]);
    });

    it("are told of at their end, not only when all are looked at", async () => {
      const took: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const id = await start(trap, { attempt });
        const pid = Number.parseInt(readFileSync(join(dir, "containers", id, "pid"), "utf8"), 10);
        const told = new Promise<number>((resolve) =>
          runtime.onEvent(({ containerId }) => containerId === id && resolve(performance.now())),
        );
        const killedMs = performance.now();
        process.kill(pid, "SIGKILL");
        took.push((await told) - killedMs);
      }
      // The quickest: others use this machine too. All are looked at every 2 s.
      expect(Math.min(...took)).toBeLessThan(1_000);
    });

    it("take standard input by exec and give the exit code back", async () => {
      const id = await start(trap);
      const session = await runtime.exec(id, {
        command: ["sh", "-c", "cat; echo $HOSTNAME >&2; exit 9"],
        stdin: true,
        tty: false,
        signal: new AbortController().signal,
      });
      await session.write(Buffer.from("in"));
      session.endInput();
      const read = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      };
      expect(await Promise.all([read(session.stdout), read(session.stderr), session.exitCode])).toEqual([
        "in",
        "the-host\n",
        9,
      ]);
    });

    it("are given no mount by a link that has taken the place of what it names", async () => {
      if (!runtime.features.mounts) return;
      const volume = realpathSync(mkdtempSync(join(dir, "volume-")));
      mkdirSync(join(volume, "sub"));
      writeFileSync(join(volume, "sub", "file"), "own");
      symlinkSync(join(volume, "sub"), join(volume, "link"));
      const mount = (path: string) => ({
        ...{ hostPath: join(volume, path), containerPath: "/srv", readOnly: false, optional: false, exact: true },
      });
      expect(await textOf((await ended(await start("cat /srv/file", { mounts: [mount("sub")] }))).id)).toBe("own\n");
      const file = { ...mount("sub/file"), containerPath: "/srv/it" };
      expect(await textOf((await ended(await start("cat /srv/it", { attempt: 1, mounts: [file] }))).id)).toBe("own\n");
      const led = await ended(await start("cat /srv/file", { attempt: 2, mounts: [mount("link")] }));
      expect([led.exitCode, await textOf(led.id)]).toEqual([128, ""]);
      execFileSync("mkfifo", [join(volume, "pipe")]);
      const piped = await ended(await start("cat /srv/file", { attempt: 3, mounts: [mount("pipe")] }));
      expect([piped.exitCode, await textOf(piped.id)]).toEqual([128, ""]);
    });

    it("see what is mounted where it belongs, and nothing of others", async () => {
      const has = runtime.features.mounts;
      const volume = join(dir, "volume");
      mkdirSync(volume);
      writeFileSync(join(volume, "key"), "value");
      const file = join(dir, "word");
      writeFileSync(file, "");
      const mounts = [
        { hostPath: volume, containerPath: "/data/deep", readOnly: false, optional: false },
        { hostPath: volume, containerPath: "/etc/navarch-test/config", readOnly: true, optional: false },
        {
          hostPath: volume,
          containerPath: "/var/run/secrets/kubernetes.io/serviceaccount",
          readOnly: true,
          optional: true,
        },
        { hostPath: file, containerPath: "/dev/termination-log", readOnly: false, optional: true },
      ];
      if (!has) {
        await expect(start("true", { mounts })).rejects.toMatchObject({ reason: "CreateContainerConfigError" });
        return;
      }
      const script = `cat /data/deep/key /etc/navarch-test/config/key /var/run/secrets/kubernetes.io/serviceaccount/key; echo; echo new > /data/deep/made;
        (echo x > /etc/navarch-test/config/key) 2>/dev/null || echo read-only; echo word > /dev/termination-log; test -r /etc/passwd && echo passwd; hostname;
        ls ${dir}/containers | wc -l; echo home > $HOME/file; echo null > /dev/null && test -d /proc/1 && test "$(cat /proc/1/comm)" = sh && echo own`;
      expect(await output(script, { mounts })).toBe("valuevaluevalue\nread-only\npasswd\nthe-host\n0\nown\n");
      expect(readFileSync(join(volume, "made"), "utf8")).toBe("new\n");
      expect(readFileSync(file, "utf8")).toBe("word\n");
    });
  });
}
