import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import {
  busybox,
  type Containerd,
  containerTools,
  freePodRange,
  pidsOf,
  startContainerd,
} from "./harness/containerd.js";
import { describeWith, findKubectls } from "./harness/needs.js";
import { busyboxImage } from "./harness/oci-image.js";
import { wordsOf } from "./harness/processes.js";
import { eventually, type RunOptions, type RunResult } from "./harness/run.js";
import { openTerminal, type Terminal } from "./harness/terminal.js";

const minorOf = (version: string): number => Number(/^1\.(\d+)/.exec(version)?.[1] ?? 99);
const byAge = findKubectls().toSorted((a, b) => minorOf(a.version) - minorOf(b.version));
/** The oldest speaks SPDY, the newest WebSocket. */
const kubectls = [...new Set([byAge[0], byAge.at(-1)])].flatMap((kubectl) => kubectl ?? []);
const largeBytes = 5 * 1024 * 1024;

describeWith([...containerTools, "kubectl"], "kubectl with containers", () => {
  let containerd: Containerd;
  let cluster: Cluster;
  let dir: string;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "navarch-kubectl-"));
    containerd = await startContainerd();
    containerd.import({ [busybox.replace("latest", "v2")]: busyboxImage({ labels: { version: "2" } }) });
    cluster = await startCluster({ flags: ["--runtime", "cri", "--cri-socket", containerd.socket, ...freePodRange()] });
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    await cluster.ok(["wait", "--for=condition=Ready", "pod/plain", "pod/shell", "pod/talker", "--timeout=60s"]);
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await stopClusters();
    await containerd.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  describe.each(kubectls.map(({ version, path }) => ({ version, path })))("$version", ({ version, path }) => {
    const suffix = `${minorOf(version)}`;
    const inTerminal = (...args: readonly string[]): Terminal =>
      openTerminal(path, ["--kubeconfig", cluster.kubeconfig, ...args], 101, 37);
    const kubectl = (args: readonly string[], options?: RunOptions): Promise<RunResult> =>
      cluster.kubectl(path, args, options);
    const ok = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await kubectl(args);
      if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
      return stdout;
    };
    const start = (...args: readonly string[]): ChildProcess & { readonly lines: string[] } => {
      const child = spawn(path, ["--kubeconfig", cluster.kubeconfig, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      children.push(child);
      const lines: string[] = [];
      for (const input of [child.stdout, child.stderr])
        createInterface({ input }).on("line", (line) => lines.push(line));
      return Object.assign(child, { lines });
    };

    it("carries input, both outputs and the exit code of a command", async () => {
      const script = "cat; echo bad >&2; exit 3";
      const result = await kubectl(["exec", "-i", "plain", "-c", "main", "--", "sh", "-c", script], { input: "in\n" });
      expect(result).toMatchObject({ code: 3, stdout: "in\n" });
      expect(result.stderr).toMatch(/^bad\ncommand terminated with exit code 3\n$/);
      const missing = await kubectl(["exec", "plain", "-c", "main", "--", "no-such-program"]);
      expect(missing.code).not.toBe(0);
      expect(missing.stderr).toContain("no-such-program");
    });

    it("that is killed leaves no command behind, and no other is touched", async () => {
      const { status } = await cluster.client.get(pods, { namespace: "default", name: "plain" });
      const main = status?.containerStatuses?.find((container) => container.name === "main");
      const running = (seconds: string): number =>
        pidsOf(main?.containerID ?? "").filter((pid) => wordsOf(pid).join(" ") === `sleep ${seconds}`).length;
      const [stays, goes] = [`77${suffix}`, `78${suffix}`];
      const other = start("exec", "plain", "-c", "main", "--", "sleep", stays);
      await eventually("the other one runs", () => running(stays) === 1);
      const child = start("exec", "plain", "-c", "main", "--", "sh", "-c", `sleep ${goes} & sleep ${goes}; wait`);
      await eventually("it runs", () => running(goes) === 2);
      child.kill("SIGKILL");
      await eventually("it has ended", () => running(goes) === 0);
      expect(running(stays)).toBe(1);
      other.kill("SIGKILL");
      await eventually("so has the other", () => running(stays) === 0);
    });

    it("gives a command a terminal of the size of ours, and exits as it does", async () => {
      const shell = inTerminal("exec", "-it", "plain", "-c", "main", "--", "sh");
      await shell.sees("# ");
      const sized = (size: string): Promise<unknown> =>
        eventually(`the size is ${size}`, () => {
          shell.type("stty size\n");
          return shell.shown.includes(size) || undefined;
        });
      await sized("37 101");
      shell.resize(88, 22);
      await sized("22 88");
      shell.type("exit 9\n");
      expect(await shell.exited).toBe(9);
    });

    it("attaches to a container's terminal, and leaves it running", async () => {
      for (const round of ["one", "two"]) {
        const shell = inTerminal("attach", "-it", "shell");
        shell.type(`echo ${round}-$((1+1))\n`);
        await shell.sees(`${round}-2`);
        shell.kill("SIGKILL");
        await shell.exited;
      }
      expect(await ok("get", "pod", "shell", "-o", "jsonpath={.status.containerStatuses[0].restartCount}")).toBe("0");
    });

    it("runs a pod with a terminal, or with pipes, and takes it away afterwards", async () => {
      const run = ["--rm", "--image=busybox", "--image-pull-policy=IfNotPresent", "--restart=Never"];
      const name = `run-${suffix}`;
      const shell = inTerminal("run", "-it", name, ...run, "--", "sh");
      await shell.sees(/If you don't see a command prompt|# /);
      shell.type("\n");
      await shell.sees("# ");
      shell.type("echo hello-$((40+2)); exit 0\n");
      await shell.sees("hello-42");
      expect(await shell.exited).toBe(0);
      expect(shell.shown).toContain(`pod "${name}" deleted`);
      expect((await kubectl(["get", "pod", name])).stderr).toContain("NotFound");
      const piped = await kubectl(["run", "-i", `pipe-${suffix}`, ...run, "--", "sh", "-c", "sleep 1; cat; exit 5"], {
        input: "one\ntwo\n",
      });
      expect(piped.stdout).toContain("one\ntwo\n");
      expect(piped.code).toBe(5);
    });

    it("prints what a program said that ended at once", async () => {
      const run = ["--rm", "--image=busybox", "--image-pull-policy=IfNotPresent", "--restart=Never", "--quiet"];
      for (const round of [1, 2]) {
        const said = [
          "run",
          "-i",
          `quick-${suffix}-${round}`,
          ...run,
          "--",
          "sh",
          "-c",
          `seq 1 200; echo round-${round}`,
        ];
        const { code, stdout } = await kubectl(said);
        expect({ code, stdout }).toEqual({
          code: 0,
          stdout: expect.stringMatching(/^1\n2\n(?:\d+\n)*200\nround-\d\n/),
        });
      }
    });

    it("forwards ports, several connections at once, and says where nobody listens", async () => {
      const child = start("port-forward", "pod/plain", ":8080", ":81");
      const [port, closed] = await eventually("ports are forwarded", () => {
        const found = [8080, 81].map((to) =>
          child.lines.flatMap((line) => new RegExp(`127\\.0\\.0\\.1:(\\d+) -> ${to}$`).exec(line)?.[1] ?? []),
        );
        return found.every(({ length }) => length > 0) ? found.map(([first]) => Number(first)) : undefined;
      });
      const ask = async (): Promise<string> =>
        (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })).text();
      expect(await Promise.all(Array.from({ length: 8 }, ask))).toEqual(Array(8).fill("plain\n"));
      await fetch(`http://127.0.0.1:${closed}/`).catch(() => {});
      const said = await eventually("it says so", () => child.lines.find((line) => line.includes("refused")));
      expect(said).toMatch(/error forwarding port 81 to pod plain, uid [-0-9a-f]{36}: (?!error forwarding)/);
    });

    it("copies files and folders both ways", async () => {
      const [there, back] = ["there", "back"].map((name) => join(dir, `${name}-${suffix}`)) as [string, string];
      const bytes = randomBytes(largeBytes);
      writeFileSync(there, bytes);
      const remote = `/tmp/copied-${suffix}`;
      expect(await kubectl(["cp", there, `default/plain:${remote}`, "-c", "main"])).toMatchObject({ code: 0 });
      expect(await ok("exec", "plain", "-c", "main", "--", "sha256sum", remote)).toContain(
        createHash("sha256").update(bytes).digest("hex"),
      );
      expect(await kubectl(["cp", `default/plain:${remote}`, back, "-c", "main"])).toMatchObject({ code: 0 });
      expect(readFileSync(back).equals(bytes)).toBe(true);
      await ok("cp", "default/plain:/etc", join(dir, `etc-${suffix}`), "-c", "main");
      expect(readFileSync(join(dir, `etc-${suffix}`, "passwd"), "utf8")).toContain("player:x:1234");
    });

    it("shows logs: as they come, of the run before, with times, of all containers", async () => {
      const follower = start("logs", "-f", "talker", "-c", "ticks", "--tail=2");
      await eventually("it follows", () => follower.lines.length >= 4 || undefined);
      follower.kill("SIGTERM");
      const numbers = follower.lines.map((line) => Number(line.slice("tick ".length)));
      expect(numbers.map((number) => number - (numbers[0] ?? 0))).toEqual(numbers.map((_, at) => at));
      await eventually(
        "a run has ended",
        async () => (await kubectl(["logs", "-p", "talker", "-c", "dies"])).code === 0,
      );
      expect(await ok("logs", "--previous", "talker", "-c", "dies")).toBe("my last words\n");
      expect(await ok("logs", "--timestamps", "talker", "-c", "ticks", "--limit-bytes=60")).toMatch(
        /^\d{4}-\d\d-\d\dT[\d:.]+Z tick 0\n/,
      );
      const all = await ok("logs", "talker", "--all-containers", "--prefix");
      expect(all).toContain("[pod/talker/ticks] tick 0");
      expect(all).toContain("[pod/talker/prepares] prepared");
      const none = await kubectl(["logs", "--previous", "plain", "-c", "main"]);
      expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('previous terminated container "main"') });
    });

    if (minorOf(version) >= 23)
      it("debugs a container whose processes it sees, and no others", async () => {
        const debug = (name: string, ...args: readonly string[]): Promise<string> =>
          ok("debug", "plain", "-c", name, "--image=busybox", "--image-pull-policy=IfNotPresent", ...args)
            .then(() =>
              eventually(`${name} has ended`, async () => {
                const field = `{.status.ephemeralContainerStatuses[?(@.name=="${name}")].state.terminated.exitCode}`;
                return (await ok("get", "pod", "plain", "-o", `jsonpath=${field}`)) === "0" || undefined;
              }),
            )
            .then(() => ok("logs", "plain", "-c", name));
        const list = ["--", "sh", "-c", "cat /proc/*/cmdline | tr '\\0' ' '; readlink /proc/1/root"];
        const seen = await debug(`sees-${suffix}`, "--target=main", ...list);
        expect(seen).toContain("httpd -f");
        expect(seen).not.toContain("sleep 7777");
        expect(await debug(`alone-${suffix}`, ...list)).not.toContain("httpd -f");
      });

    it("gives a running container another image, whatever its policy, and one that had none", async () => {
      const name = `changed-${suffix}`;
      const field = (path: string): Promise<string> => ok("get", "pod", name, "-o", `jsonpath={.status.${path}}`);
      const spec = { restartPolicy: "Never", terminationGracePeriodSeconds: 0 };
      const overrides = `--overrides=${JSON.stringify({ apiVersion: "v1", spec })}`;
      const command = ["--", "sleep", "3600"];
      await ok("run", name, "--image=missing:v1", "--image-pull-policy=Never", overrides, ...command);
      await eventually("it has no image", async () =>
        (await field("containerStatuses[0].state")).includes("NeverPull"),
      );
      await ok("set", "image", `pod/${name}`, `${name}=busybox`);
      await eventually("it runs", async () => (await field("phase")) === "Running");
      await ok("set", "image", `pod/${name}`, `${name}=busybox:v2`);
      await eventually("it runs the other", async () => {
        const text = await field("containerStatuses[0]");
        if (text.includes('"restartCount":1') && text.includes('"running"')) return true;
        throw new Error(text);
      });
      expect(await field("phase")).toBe("Running");
      expect(await field("containerStatuses[0].image")).toBe("busybox:v2");
      expect(await ok("get", "events", `--field-selector=involvedObject.name=${name},reason=Killing`)).toContain(
        `Container ${name} definition changed, will be restarted`,
      );
      await ok("delete", "pod", name);
    });

    it("tells what nodes and pods use", async () => {
      const rows = await eventually("there are figures", async () => {
        const text = await ok("top", "pods", "--containers");
        return text.includes("talker") ? text : undefined;
      });
      expect(rows).toMatch(/talker +ticks +\d+m +\d+Mi/);
      expect(await ok("top", "nodes")).toMatch(/node-1 +\d+m +\d+% +\d+Mi +\d+%/);
    });
  });
});

/** navctl's own way to each of them. */
describeWith(containerTools, "navctl with containers", () => {
  let containerd: Containerd;
  let cluster: Cluster;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "navarch-navctl-"));
    containerd = await startContainerd();
    cluster = await startCluster({ flags: ["--runtime", "cri", "--cri-socket", containerd.socket, ...freePodRange()] });
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    await cluster.ok(["wait", "--for=condition=Ready", "pod/plain", "pod/shell", "pod/talker", "--timeout=30s"]);
  }, 90_000);
  afterAll(async () => {
    await stopClusters();
    await containerd.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 90_000);

  it("prints what a program said that ended at once, and ends as it did", async () => {
    const run = ["--rm", "--image=busybox", "--image-pull-policy=IfNotPresent", "--restart=Never", "--quiet"];
    const script = "seq 1 200; exit 7";
    const { code, stdout } = await cluster.navctl(["run", "-i", "quick", ...run, "--", "sh", "-c", script]);
    expect({ code, stdout }).toEqual({ code: 7, stdout: expect.stringMatching(/^1\n2\n(?:\d+\n)*200\n$/) });
    const echoed = await cluster.navctl(["run", "-i", "echo", ...run, "--", "cat"], { input: "one\ntwo\n" });
    expect({ code: echoed.code, stdout: echoed.stdout }).toEqual({ code: 0, stdout: "one\ntwo\n" });
  });

  it("runs commands, copies, debugs, and reads logs", async () => {
    const inPlain = ["exec", "-i", "plain", "-c", "main", "--"];
    expect(await cluster.navctl([...inPlain, "sh", "-c", "cat; echo bad >&2; exit 3"], { input: "in\n" })).toEqual({
      ...{ code: 3, stdout: "in\n", stderr: "bad\ncommand terminated with exit code 3\n" },
    });
    const bytes = randomBytes(largeBytes);
    writeFileSync(join(dir, "there"), bytes);
    await cluster.ok(["cp", join(dir, "there"), "plain:/tmp/copied", "-c", "main"]);
    await cluster.ok(["cp", "plain:/tmp/copied", join(dir, "back"), "-c", "main"]);
    expect(readFileSync(join(dir, "back")).equals(bytes)).toBe(true);
    writeFileSync(join(dir, "small"), "small");
    expect(await cluster.navctl(["cp", join(dir, "small"), "plain:/nowhere/at/all", "-c", "main"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^tar: .*\ncommand terminated with exit code 1\n$/s),
    });
    const looker = [
      "debug",
      "plain",
      "-c",
      "sees",
      "--image=busybox",
      "--image-pull-policy=IfNotPresent",
      "--target=main",
    ];
    const seen = await cluster.ok([...looker, "-i", "--quiet", "--", "sh", "-c", "cat /proc/*/cmdline | tr '\\0' ' '"]);
    expect(seen).toContain("httpd -f");
    await eventually(
      "a run has ended",
      async () => (await cluster.navctl(["logs", "-p", "talker", "-c", "dies"])).code === 0,
    );
    expect(await cluster.ok(["logs", "-p", "talker", "-c", "dies"])).toBe("my last words\n");
    expect(await cluster.ok(["logs", "talker", "-c", "ticks", "--limit-bytes=7"])).toBe("tick 0\n");
  });
});

const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, "mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www"]
  - {name: other, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "7777"]}
---
apiVersion: v1
kind: Pod
metadata: {name: shell}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: busybox, imagePullPolicy: IfNotPresent, command: [sh], tty: true, stdin: true}]
---
apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - {name: prepares, image: busybox, imagePullPolicy: IfNotPresent, command: [echo, prepared]}
  containers:
  - name: ticks
    image: busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, 'n=0; while :; do echo tick $n; n=$((n+1)); sleep 0.3; done']
  - name: dies
    image: busybox
    imagePullPolicy: IfNotPresent
    command: [sh, -c, '[ -e /tmp/mark/once ] && exec sleep 3600; touch /tmp/mark/once; echo my last words']
    volumeMounts: [{name: mark, mountPath: /tmp/mark}]
  volumes: [{name: mark, emptyDir: {}}]
`;
