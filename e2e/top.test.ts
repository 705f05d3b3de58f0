import type { Cluster } from "./harness/cluster.js";
import { startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, findKubectls } from "./harness/needs.js";

const busy = `
apiVersion: v1
kind: Pod
metadata: {name: busy, labels: {app: busy}}
spec:
  containers:
  - {name: spin, image: busybox, command: [sh, -c, "while :; do :; done"], resources: {requests: {cpu: 10m}}}
  - {name: idle, image: busybox, command: [sleep, "1000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: hoard, labels: {app: hoard}}
spec:
  containers:
  - name: main
    image: busybox
    command: [node, -e, "const held = Buffer.alloc(1e8, 1); setInterval(() => held, 1e6)"]
`;

describeWith(["kubectl"], "kubectl top", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.ok(["apply", "-f", "-"], { input: busy });
    await cluster.ok(["wait", "pod", "--all", "--for=condition=Ready", "--timeout=60s"]);
  });
  afterAll(stopClusters);

  const rowsOf = (text: string): readonly (readonly string[])[] =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().split(/ +/));

  describe.each(findKubectls().filter(({ version }) => !version.includes("Debian")))("$version", ({ path }) => {
    const top = async (...args: readonly string[]): Promise<readonly (readonly string[])[]> => {
      const { code, stdout, stderr } = await cluster.kubectl(path, ["top", ...args]);
      if (code !== 0) throw new Error(`kubectl top ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
      return rowsOf(stdout);
    };

    it("tells what nodes use", async () => {
      const [head, row] = await top("nodes");
      expect(head?.slice(0, 2)).toEqual(["NAME", "CPU(cores)"]);
      expect(row?.join(" ")).toMatch(/^node-1 [1-9]\d*m \d+% \d+Mi \d+%$/);
    });

    it("tells what pods use, by pod and by container, sorted, selected and summed", async () => {
      const byMemory = await top("pods", "--sort-by=memory");
      expect(byMemory.map(([name]) => name)).toEqual(["NAME", "hoard", "busy"]);
      expect(Number.parseInt(byMemory[1]?.[2] ?? "", 10)).toBeGreaterThan(95);
      const byCpu = await top("pods", "--sort-by=cpu");
      expect(byCpu.map(([name]) => name)).toEqual(["NAME", "busy", "hoard"]);
      expect(Number.parseInt(byCpu[1]?.[1] ?? "", 10)).toBeGreaterThan(100);
      const containers = await top("pods", "--containers", "-l", "app=busy");
      expect(containers.slice(1).map(([pod, name]) => `${pod}/${name}`)).toEqual(["busy/idle", "busy/spin"]);
      const sum = (await top("pods", "-A", "--sum")).at(-1);
      expect(Number.parseInt(sum?.[1] ?? "", 10)).toBeGreaterThan(95);
      expect((await top("pod", "hoard")).length).toBe(2);
    });
  });

  it("has its figures from an API with tables, and is told what it may not", async () => {
    const [{ path = "" } = {}] = findKubectls();
    const shown = await cluster.kubectl(path, ["get", "podmetrics", "hoard"]);
    expect(rowsOf(shown.stdout)[0]).toEqual(["NAME", "CPU", "MEMORY", "WINDOW"]);
    const metrics = await cluster.json<{ window: string; containers: readonly { usage: object }[] }>([
      "get",
      "pods.metrics.k8s.io",
      "busy",
    ]);
    expect(metrics).toMatchObject({
      kind: "PodMetrics",
      apiVersion: "metrics.k8s.io/v1beta1",
      metadata: { name: "busy", namespace: "default", labels: { app: "busy" } },
      timestamp: expect.stringMatching(/Z$/),
      window: expect.stringMatching(/^\d+(\.\d+)?s$/),
    });
    expect(await cluster.navctl(["get", "pods.metrics.k8s.io", "none"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('pods "none" not found'),
    });
    const stuck = {
      metadata: { name: "stuck" },
      spec: { nodeName: "gone", containers: [{ name: "c", image: "busybox" }] },
    };
    await cluster.ok(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "Pod", ...stuck }) });
    expect(await cluster.navctl(["get", "pods.metrics.k8s.io", "stuck"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('podmetrics.metrics.k8s.io "default/stuck" not found'),
    });
    expect(await cluster.navctl(["get", "nodes.metrics.k8s.io", "gone"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nodes "gone" not found'),
    });
    await cluster.ok(["delete", "pod", "stuck", "--force", "--grace-period=0"]);
    expect(await cluster.navctl(["delete", "nodes.metrics.k8s.io", "node-1"])).toMatchObject({ code: 1 });
    expect(await cluster.navctl(["get", "pods.metrics.k8s.io", "--as", "somebody"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot list resource "pods" in API group "metrics.k8s.io"'),
    });
  });
});
