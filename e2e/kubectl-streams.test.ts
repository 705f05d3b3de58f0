import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";
import { eventually } from "./harness/run.js";
import { openTerminal, type Terminal } from "./harness/terminal.js";

jest.setTimeout(60_000);

/** Real ones, unmodified: what they carry between a terminal, files or ports and a container. */
describeWith(["kubectl", "script"], "kubectl's streams", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.ok(["apply", "-f", "-"], { input: manifest });
    await cluster.ok(["wait", "--for=condition=Ready", "pod/plain", "pod/shell", "--timeout=20s"]);
  }, 60_000);
  afterAll(stopClusters, 60_000);

  const kubectls = findKubectls().filter(({ version }) => Number(/^1\.(\d+)/.exec(version)?.[1] ?? 99) >= 30);
  describe.each(kubectls.map(({ version, path }) => ({ version, path })))("$version", ({ version, path }) => {
    const suffix = version.replace(/\W+/g, "-").toLowerCase().replace(/-$/, "");
    const inTerminal = (...args: readonly string[]): Terminal =>
      openTerminal(path, ["--kubeconfig", cluster.kubeconfig, ...args], 101, 37);

    it("gives a command in a container a terminal of the size of ours, and exits as it does", async () => {
      const shell = inTerminal("exec", "-it", "plain", "--", "sh");
      await shell.sees("# ");
      await eventually("the size is known", () => {
        shell.type("stty size\n");
        return shell.shown.includes("37 101") || undefined;
      });
      shell.resize(88, 22);
      await eventually("the new size is known", () => {
        shell.type("stty size\n");
        return shell.shown.includes("22 88") || undefined;
      });
      shell.type("exit 9\n");
      expect(await shell.exited).toBe(9);
    });

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
      const shell = inTerminal("attach", "-it", "shell");
      shell.type("echo attached-$((1+1))\n");
      await shell.sees("attached-2");
      shell.kill("SIGKILL");
      await shell.exited;
      const again = inTerminal("attach", "-it", "shell");
      again.type("echo again-$((1+1))\n");
      await again.sees("again-2");
      again.kill("SIGKILL");
      await again.exited;
      expect(
        await cluster.ok(["get", "pod", "shell", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"]),
      ).toBe("0");
    });
  });
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
`;
