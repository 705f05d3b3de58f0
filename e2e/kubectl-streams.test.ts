import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";
import { eventually, exitOf } from "./harness/run.js";
import { openTerminal, type Terminal } from "./harness/terminal.js";

/** Those in which something of it changed. */
const kubectls = findKubectls().filter(({ version }) => !/^1\.(28|32)/.test(version));
const minorOf = (version: string): number => Number(/^1\.(\d+)/.exec(version)?.[1] ?? 99);
const newest = (family: typeof kubectls) =>
  family.toSorted((a, b) => minorOf(b.version) - minorOf(a.version)).slice(0, 1);
/** One of those that speak SPDY for everything, one of those that speak WebSocket. */
const families = [
  ...newest(kubectls.filter(({ version }) => minorOf(version) < 30)),
  ...newest(kubectls.filter(({ version }) => minorOf(version) >= 31)),
];
const hugeBytes = 50 * 1024 * 1024;

/** Real ones, unmodified: what they carry between a terminal, files or ports and a container. */
describeWith(["kubectl", "script"], "kubectl's streams", () => {
  let cluster: Cluster;
  let dir: string;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "navarch-streams-"));
    cluster = await startCluster();
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    await cluster.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
    await cluster.ok(["wait", "--for=condition=Ready", "pod/plain", "pod/shell", "--timeout=60s"]);
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await stopClusters();
    rmSync(dir, { recursive: true, force: true });
  });

  /** `kubectl port-forward`; answers the local port. */
  const forward = async (path: string, target: string, ports = ":80"): Promise<number> => {
    const child = spawn(path, ["--kubeconfig", cluster.kubeconfig, "port-forward", target, ports], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const port = /^Forwarding from 127\.0\.0\.1:(\d+) ->/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      child.once("exit", (code) => reject(new Error(`port-forward ended with ${code}: ${errors.join("\n")}`)));
    });
  };
  const ask = async (port: number, path = "/"): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } })).text();

  describe.each(kubectls.map(({ version, path }) => ({ version, path })))("$version", ({ version, path }) => {
    const inTerminal = (...args: readonly string[]): Terminal =>
      openTerminal(path, ["--kubeconfig", cluster.kubeconfig, ...args], 101, 37);

    it("gives a command in a container a terminal of the size of ours, and exits as it does", async () => {
      const shell = inTerminal("exec", "-it", "plain", "--", "sh");
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

    it("carries input, both outputs and the exit code of a command", async () => {
      const script = "cat; echo bad >&2; exit 3";
      const result = await cluster.kubectl(path, ["exec", "-i", "plain", "--", "sh", "-c", script], { input: "in\n" });
      expect(result).toMatchObject({ code: 3, stdout: "in\n" });
      expect(result.stderr).toMatch(/^bad\ncommand terminated with exit code 3\n$/);
    });

    it("forwards ports of pods, services and deployments, several connections at once", async () => {
      const targets = ["deployment/web", "service/web"];
      for (const target of targets) {
        const port = await forward(path, target);
        const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port)));
        for (const answer of answers) expect(answer).toContain("web-");
      }
    });

    it("copies files both ways", async () => {
      const [there, back] = ["there", "back"].map((name) => join(dir, `${name}-${version}`)) as [string, string];
      const bytes = randomBytes(300_000);
      writeFileSync(there, bytes);
      const remote = `/tmp/copied-${version.replace(/\W/g, "")}-${process.pid}`;
      expect(await cluster.kubectl(path, ["cp", there, `default/plain:${remote}`])).toMatchObject({ code: 0 });
      expect(await cluster.kubectl(path, ["cp", `default/plain:${remote}`, back])).toMatchObject({ code: 0 });
      expect(readFileSync(back).equals(bytes)).toBe(true);
      await cluster.kubectl(path, ["exec", "plain", "--", "rm", remote]);
    });
  });

  describe.each(families.map(({ version, path }) => ({ version, path })))(
    "$version, for its family",
    ({ version, path }) => {
      const suffix = version.replace(/\W+/g, "-").toLowerCase().replace(/-$/, "");
      const inTerminal = (...args: readonly string[]): Terminal =>
        openTerminal(path, ["--kubeconfig", cluster.kubeconfig, ...args], 101, 37);

      it("runs a pod with a terminal and takes it away afterwards", async () => {
        const name = `run-${suffix}`;
        const shell = inTerminal("run", "-it", "--rm", name, "--image=busybox", "--restart=Never", "--", "sh");
        await shell.sees(/If you don't see a command prompt|# /);
        shell.type("\n");
        await shell.sees("# ");
        shell.type("echo hello-$((40+2)); exit 0\n");
        await shell.sees("hello-42");
        expect(await shell.exited).toBe(0);
        expect(shell.shown).toContain(`pod "${name}" deleted`);
        expect((await cluster.navctl(["get", "pod", name])).code).toBe(1);
      });

      it("pipes into the command of a pod that it runs, and exits as that does", async () => {
        const run = (name: string, script: string, input: string) =>
          cluster.kubectl(
            path,
            ["run", "-i", "--rm", `${name}-${suffix}`, "--image=busybox", "--restart=Never", "--", "sh", "-c", script],
            { input },
          );
        const piped = await run("pipe", "sleep 1; cat; sleep 0.2", "one\ntwo\n");
        expect(piped.stdout).toContain("one\ntwo\n");
        expect(piped.code).toBe(0);
        expect((await run("fail", "cat; exit 5", "")).code).toBe(5);
      });

      it("attaches to a container's terminal, and leaves it running", async () => {
        for (const round of ["one", "two"]) {
          const shell = inTerminal("attach", "-it", "shell");
          shell.type(`echo ${round}-$((1+1))\n`);
          await shell.sees(`${round}-2`);
          shell.kill("SIGKILL");
          await shell.exited;
        }
        expect(
          await cluster.ok(["get", "pod", "shell", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"]),
        ).toBe("0");
      });

      it("carries 50 MB each way unharmed", async () => {
        const bytes = randomBytes(hugeBytes);
        const sum = createHash("sha256").update(bytes).digest("hex");
        const exec = ["--kubeconfig", cluster.kubeconfig, "exec", "-i", "plain", "--"];
        const up = spawn(path, [...exec, "sha256sum"], { stdio: ["pipe", "pipe", "inherit"] });
        up.stdin.end(bytes);
        const answered: Buffer[] = [];
        up.stdout.on("data", (chunk: Buffer) => answered.push(chunk));
        expect(await exitOf(up)).toBe(0);
        expect(Buffer.concat(answered).toString()).toContain(sum);
        const file = join(dir, "huge");
        writeFileSync(file, bytes);
        const down = spawn(path, [...exec, "cat", file], { stdio: ["ignore", "pipe", "inherit"] });
        const hash = createHash("sha256");
        for await (const chunk of down.stdout) hash.update(chunk);
        expect(hash.digest("hex")).toBe(sum);
      });

      it("reaches services, pods and nodes through the API server", async () => {
        const raw = async (where: string): Promise<string> => {
          const { code, stdout, stderr } = await cluster.kubectl(path, ["get", "--raw", `/api/v1/${where}`]);
          return code === 0 ? stdout : stderr;
        };
        expect(await raw("namespaces/default/services/web/proxy/")).toMatch(/^web-/);
        expect(await raw("namespaces/default/services/http:web:80/proxy/")).toMatch(/^web-/);
        expect(await raw("nodes/node-1/proxy/healthz")).toBe("ok");
        expect(await raw("nodes/node-1/proxy/pods")).toContain('"kind":"PodList"');
        expect(await raw("namespaces/default/pods/plain:81/proxy/")).toContain(
          "error trying to reach service: dial tcp",
        );
        const child = spawn(path, ["--kubeconfig", cluster.kubeconfig, "proxy", "--port=0"]);
        children.push(child);
        const port = await new Promise<number>((resolve) =>
          createInterface({ input: child.stdout }).on("line", (line) => resolve(Number(/:(\d+)$/.exec(line)?.[1]))),
        );
        expect(await ask(port, "/api/v1/namespaces/default/services/web/proxy/any/path")).toMatch(/^web-/);
      });

      it("says what is wrong with a port on which nobody listens", async () => {
        const child = spawn(path, ["--kubeconfig", cluster.kubeconfig, "port-forward", "pod/plain", ":81"]);
        children.push(child);
        const said: string[] = [];
        const port = new Promise<number>((resolve) =>
          createInterface({ input: child.stdout }).on("line", (line) => {
            const found = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
            if (found) resolve(Number(found));
          }),
        );
        createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
        await ask(await port).catch(() => {});
        await eventually("it says so", () => said.some((line) => line.includes("connection refused")) || undefined);
        expect(said.join("\n")).toMatch(
          /an error occurred forwarding \d+ -> 81: error forwarding port 81 to pod plain, uid /,
        );
      });
    },
  );
});

const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec:
  containers: [{name: main, image: busybox, command: [sleep, "1000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: shell}
spec:
  containers: [{name: main, image: busybox, command: [sh], tty: true, stdin: true}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "my-app:latest", env: [{name: PORT, value: "80"}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
