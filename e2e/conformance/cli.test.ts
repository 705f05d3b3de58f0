import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Cluster, endInOrder, startCluster, stopClusters } from "../harness/cluster.js";
import { guestbook } from "../harness/guestbook.js";
import { describeWith, findKubectls } from "../harness/needs.js";
import { eventually, type RunOptions } from "../harness/run.js";

interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly restartPolicy: string; readonly containers: readonly { name: string; image: string }[] };
  readonly status: { readonly phase: string };
}

/** The conformance tests of the command line, told anew with kubectl itself; a test is named after its line. */
describeWith(["kubectl"], "sig-cli", () => {
  const [{ path: program } = { path: "kubectl" }] = [...findKubectls()]
    .filter(({ version }) => !version.includes("Debian"))
    .reverse();
  const namespace = "kubectl-conformance";
  const children = new Set<ChildProcess>();
  let cluster: Cluster;

  const tried = (args: readonly string[], options?: RunOptions) =>
    cluster.kubectl(program, ["-n", namespace, ...args], options);
  const kubectl = async (args: readonly string[], options?: RunOptions): Promise<string> => {
    const { code, stdout, stderr } = await tried(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  const getPod = async (name: string): Promise<Pod> =>
    JSON.parse(await kubectl(["get", "pod", name, "-o", "json"])) as Pod;
  const running = (name: string): Promise<Pod> =>
    eventually(`pod ${name} runs`, async () => {
      const pod = await getPod(name);
      return pod.status.phase === "Running" ? pod : undefined;
    });

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.ok(["create", "namespace", namespace]);
  });
  afterAll(async () => {
    for (const child of children) await endInOrder(child);
    await stopClusters();
  });

  it("Kubectl client Kubectl api-versions should check if v1 is in available api versions", async () => {
    expect((await kubectl(["api-versions"])).split("\n")).toContain("v1");
  });

  it("Kubectl client Kubectl cluster-info should check if control plane services is included", async () => {
    const { host } = new URL(cluster.url);
    expect(await kubectl(["cluster-info"])).toMatch(
      new RegExp(`Kubernetes control plane.* is running at .*https://${host}`),
    );
  });

  it("Kubectl client Kubectl version should print all data", async () => {
    const text = await kubectl(["version"]);
    expect(text).toContain("Client Version: v1.");
    expect(text).toContain("Server Version: v1.36.");
    const { clientVersion, serverVersion } = JSON.parse(await kubectl(["version", "-o", "json"])) as Readonly<
      Record<string, Readonly<Record<string, string>>>
    >;
    for (const version of [clientVersion, serverVersion])
      for (const field of ["major", "minor", "gitVersion", "gitCommit", "buildDate", "goVersion", "platform"])
        expect(version?.[field]).toEqual(expect.any(String));
  });

  it("Kubectl client Kubectl diff should find a difference for Deployments", async () => {
    const deployment = (image: string): string =>
      JSON.stringify({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "httpd-deployment" },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: "httpd" } },
          template: {
            metadata: { labels: { app: "httpd" } },
            spec: { containers: [{ name: "httpd", image, command: ["sleep", "600"] }] },
          },
        },
      });
    await kubectl(["create", "-f", "-"], { input: deployment("my-app") });
    const { code, stdout } = await tried(["diff", "-f", "-"], { input: deployment("busybox") });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^- +image: my-app$/m);
    expect(stdout).toMatch(/^\+ +image: busybox$/m);
    await kubectl(["delete", "deployment", "httpd-deployment"]);
  });

  it("Kubectl client Kubectl label should update the label on a resource", async () => {
    await kubectl(["run", "pause", "--image=busybox", "--labels=name=pause", "--command", "--", "sleep", "600"]);
    await running("pause");
    await kubectl(["label", "pods", "pause", "testing-label=testing-label-value"]);
    expect(await kubectl(["get", "pod", "pause", "-L", "testing-label"])).toContain("testing-label-value");
    expect(await kubectl(["get", "pods", "-l", "testing-label=testing-label-value", "-o", "name"])).toBe("pod/pause\n");
    await kubectl(["label", "pods", "pause", "testing-label-"]);
    expect(await kubectl(["get", "pod", "pause", "-L", "testing-label"])).not.toContain("testing-label-value");
    expect(await kubectl(["get", "pods", "-l", "testing-label", "-o", "name"])).toBe("");
    await kubectl(["delete", "pod", "pause", "--now"]);
  });

  it("Kubectl client Kubectl replace should update a single-container pod's image", async () => {
    const name = "e2e-test-httpd-pod";
    await kubectl(["run", name, "--image=my-app", `--labels=run=${name}`, "--command", "--", "sleep", "600"]);
    await running(name);
    const listed = JSON.parse(await kubectl(["get", "pods", "-l", `run=${name}`, "-o", "json"])) as { items: Pod[] };
    expect(listed.items.map(({ spec }) => spec.containers[0]?.image)).toEqual(["my-app"]);
    const changed = (await kubectl(["get", "pod", name, "-o", "json"])).replace(
      '"image": "my-app"',
      '"image": "busybox"',
    );
    await kubectl(["replace", "-f", "-"], { input: changed });
    expect((await getPod(name)).spec.containers[0]?.image).toBe("busybox");
    // By force it is made anew.
    const before = JSON.parse(await kubectl(["get", "pod", name, "-o", "json"])) as { metadata: { uid: string } };
    await kubectl(["replace", "--force", "--grace-period=0", "-f", "-"], {
      input: changed.replace("busybox", "busybox:1.36"),
    });
    const after = await running(name);
    expect(after.spec.containers[0]?.image).toBe("busybox:1.36");
    expect((after as unknown as typeof before).metadata.uid).not.toBe(before.metadata.uid);
    await kubectl(["delete", "pod", name, "--now"]);
  });

  it("Kubectl client Kubectl run pod should create a pod from an image when restart is Never", async () => {
    const name = "e2e-test-run-pod";
    await kubectl(["run", name, "--restart=Never", "--pod-running-timeout=2m0s", "--image=my-app"]);
    const pod = await getPod(name);
    expect(pod.spec.restartPolicy).toBe("Never");
    expect(pod.spec.containers.map(({ image }) => image)).toEqual(["my-app"]);
    await running(name);
    await kubectl(["delete", "pod", name, "--now"]);
  });

  it("Kubectl client Kubectl server-side dry-run should dry-run update Pods", async () => {
    const name = "e2e-test-dry-run-pod";
    await kubectl(["run", name, "--image=my-app", `--labels=run=${name}`]);
    await running(name);
    const patch = JSON.stringify({ spec: { containers: [{ name, image: "busybox" }] } });
    const answered = JSON.parse(
      await kubectl(["patch", "pod", name, "-p", patch, "--dry-run=server", "-o", "json"]),
    ) as Pod;
    expect(answered.spec.containers[0]?.image).toBe("busybox");
    expect((await getPod(name)).spec.containers[0]?.image).toBe("my-app");
    await kubectl(["delete", "pod", name, "--now"]);
  });

  it("Kubectl client Proxy server should support proxy with --port 0", async () => {
    const line = await proxy(["--port=0", "--disable-filter"]);
    const port = Number(/:(\d+)$/.exec(line)?.[1]);
    expect(port).toBeGreaterThan(0);
    expect(JSON.parse(await fetched({ port, path: "/api/" }))).toMatchObject({ versions: ["v1"] });
  });

  it("Kubectl client Proxy server should support --unix-socket=/path", async () => {
    const socketPath = join(cluster.dataDir, "proxy.sock");
    expect(await proxy([`--unix-socket=${socketPath}`])).toBe(`Starting to serve on ${socketPath}`);
    expect(JSON.parse(await fetched({ socketPath, path: "/api/" }))).toMatchObject({ versions: ["v1"] });
  });

  it("Kubectl logs should be able to retrieve and filter logs", async () => {
    const script =
      "for i in $(seq 1 30); do echo line $i of the log; done; sleep 2; while true; do echo late; sleep 0.2; done";
    await kubectl(["run", "logs-generator", "--image=busybox", "--restart=Never", "--", "sh", "-c", script]);
    await eventually("the log has begun", async () => (await kubectl(["logs", "logs-generator"])).includes("line 30"));
    await eventually("a later line", async () => (await kubectl(["logs", "logs-generator"])).includes("late"));
    const container = ["logs", "logs-generator", "logs-generator"];
    expect(await kubectl([...container, "--tail=1"])).toBe("late\n");
    expect(await kubectl([...container, "--limit-bytes=1"])).toBe("l");
    const stamped = await kubectl([...container, "--tail=1", "--timestamps"]);
    expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d) late\n$/);
    await eventually("of the last second there are the late lines alone", async () => {
      const recent = await kubectl([...container, "--since=1s"]);
      expect(recent).not.toContain("of the log");
      return recent.includes("late\n");
    });
    const all = await kubectl([...container, "--since=24h"]);
    for (const early of ["line 1 of the log\n", "line 30 of the log\n", "late\n"]) expect(all).toContain(early);
    await kubectl(["delete", "pod", "logs-generator", "--now"]);
  });

  it("Kubectl client Guestbook application should create and stop a working application", async () => {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: guestbook });
    await kubectl(["create", "-f", "-"], { input });
    const asks = (command: string, value = ""): Promise<string> => {
      const path = `/api/v1/namespaces/${namespace}/services/http:frontend:80/proxy/guestbook`;
      return kubectl(["get", "--raw", `${path}?cmd=${command}&key=messages&value=${value}`]);
    };
    const frontends = ["get", "pods", "-l", "app=guestbook,tier=frontend", "-o", "jsonpath={.items[*].status.phase}"];
    await eventually("the frontends run", async () => (await kubectl(frontends)) === "Running Running Running");
    await eventually("they serve what there is: nothing", async () => (await asks("get")) === '{"data":""}');
    await eventually("they take an entry", async () => (await asks("set", "TestEntry")) === '{"message":"Updated"}');
    await eventually("the entry can be read", async () => (await asks("get")) === '{"data":"TestEntry"}');
    await kubectl(["delete", "--grace-period=0", "--force", "-f", "-"], { input });
    const left = ["get", "services,deployments,replicasets,pods", "-l", "app in (guestbook, agnhost)", "-o", "name"];
    await eventually("nothing is left", async () => (await kubectl(left)) === "" || undefined);
  });

  /** Starts `kubectl proxy` and answers the line that says where it serves. */
  function proxy(args: readonly string[]): Promise<string> {
    const child = spawn(program, ["--kubeconfig", cluster.kubeconfig, "proxy", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    });
  }
});

function fetched(target: { port?: number; socketPath?: string; path: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", ...target, headers: { host: "localhost" } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    asked.on("error", reject);
    asked.end();
  });
}
