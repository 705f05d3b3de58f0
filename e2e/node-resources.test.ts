import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { events } from "../api/core/event.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import { describeWith } from "./harness/needs.js";
import { eventually, run } from "./harness/run.js";

const podOf = (name: string, spec: object): string =>
  JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { restartPolicy: "Never", ...spec } });
const container = (script: string, rest: object = {}): object => ({
  name: "main",
  image: "busybox",
  command: ["sh", "-c", script],
  ...rest,
});

function helpers(cluster: () => Cluster) {
  const get = (name: string): Promise<Pod> => cluster().client.get(pods, { namespace: "default", name });
  return {
    get,
    create: (name: string, spec: object) => cluster().ok(["apply", "-f", "-"], { input: podOf(name, spec) }),
    failed: (name: string): Promise<Pod> =>
      eventually(`${name} has failed`, async () => {
        const pod = await get(name);
        if (pod.status?.phase !== "Failed") throw new Error(`${name} is ${JSON.stringify(pod.status)}`);
        return pod;
      }),
    told: async (name: string): Promise<readonly string[]> =>
      (await cluster().client.list(events)).items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`),
    node: () => cluster().client.get(nodes, { name: "node-1" }),
  };
}

describe("what a node has", () => {
  let cluster: Cluster;
  const { create, failed, told, node } = helpers(() => cluster);
  beforeAll(async () => {
    const reserved = ["--kube-reserved", "cpu=250m,memory=64Mi", "--system-reserved", "cpu=250m"];
    cluster = await startCluster({ flags: [...reserved, "--max-pods", "20", "--shutdown-grace-period", "8s"] });
  });
  afterAll(stopClusters);

  it("is told without what is kept back", async () => {
    const { capacity = {}, allocatable = {} } = (await node()).status ?? {};
    expect(Number(allocatable.cpu?.replace(/m$/, ""))).toBe(Number(capacity.cpu) * 1000 - 500);
    expect(allocatable.pods).toBe("20");
    const ki = (amount = ""): number => Number(/^(\d+)Ki$/.exec(amount)?.[1]);
    expect(ki(capacity.memory) - ki(allocatable.memory)).toBe((64 + 100) * 1024);
  });

  it("is given to no more pods than it lasts for, however they are bound", async () => {
    const greedy = container("exit 0", { resources: { requests: { cpu: "1000" } } });
    await create("greedy", { nodeName: "node-1", containers: [greedy] });
    const { status } = await failed("greedy");
    expect(status?.reason).toBe("OutOfcpu");
    expect(status?.message).toMatch(
      /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, used: \d+, capacity: \d+$/,
    );
    expect(status?.containerStatuses).toBeUndefined();
    await eventually("it is told", async () => /^OutOfcpu: Node didn't have/m.test((await told("greedy")).join("\n")));
    expect(await cluster.ok(["get", "pod", "greedy"])).toMatch(/greedy +0\/1 +OutOfcpu/);
  });

  it("is taken from pods that fill the disk beyond their limits", async () => {
    await create("logger", {
      containers: [
        container("head -c 3000000 /dev/zero | tr '\\0' x; echo; exec sleep 1000", {
          resources: { limits: { "ephemeral-storage": "1Mi" } },
        }),
      ],
    });
    expect((await failed("logger")).status).toMatchObject({
      reason: "Evicted",
      message: "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ",
    });
    await eventually("it is told", async () =>
      (await told("logger")).join("\n").includes("Evicted: Pod ephemeral local"),
    );
  });

  it("goes to nobody when it shuts down: pods end, and are told why", async () => {
    await create("web", { containers: [container("trap 'exit 0' TERM; while :; do sleep 0.1; done")] });
    await cluster.ok(["wait", "pod/web", "--for=condition=Ready", "--timeout=60s"]);
    const { dataDir } = cluster;
    expect(await cluster.stop()).toBe(0);
    cluster = await startCluster({ dataDir });
    const { status } = await failed("web");
    const message = "Pod was terminated in response to imminent node shutdown.";
    expect(status).toMatchObject({ reason: "Terminated", message });
    expect(status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "TerminationByKubelet",
    });
  });
});

describe("flags of a node's resources", () => {
  it.each([
    [["--eviction-hard", "memory.free<1Gi"], 'unknown signal "memory.free"'],
    [["--kube-reserved", "pid=100"], '"pid" cannot be reserved'],
    [["--eviction-soft", "memory.available<1Gi"], "needs a time in --eviction-soft-grace-period"],
    [["--shutdown-grace-period-critical-pods", "1s"], "cannot be longer"],
  ])("%j are refused", async (flags, message) => {
    await expect(startCluster({ flags })).rejects.toThrow(message);
  });
  afterAll(stopClusters);
});

describeWith(["root"], "a disk that fills up", () => {
  let cluster: Cluster;
  let disk: string;
  const { create, failed, told, node, get } = helpers(() => cluster);
  beforeAll(async () => {
    disk = temporaryDir();
    const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=300m", "navarch-test", disk]);
    if (mounted.code !== 0) throw new Error(mounted.stderr);
    mkdirSync(join(disk, "cluster"));
    const flags = ["--eviction-hard", "nodefs.available<100Mi", "--eviction-pressure-transition-period", "3s"];
    cluster = await startCluster({ dataDir: join(disk, "cluster", "data"), flags });
  });
  afterAll(async () => {
    await stopClusters();
    await run("umount", [disk]);
    rmSync(dirname(join(disk, "x")), { recursive: true, force: true });
  });

  it("is given back by the pod that filled it, the node marked meanwhile", async () => {
    const volume = { volumes: [{ name: "cache", emptyDir: {} }] };
    const mounts = { volumeMounts: [{ name: "cache", mountPath: "/cache" }] };
    await create("small", { ...volume, containers: [container("echo > /cache/x; exec sleep 1000", mounts)] });
    await create("filler", {
      ...volume,
      containers: [container("head -c 220000000 /dev/zero > /cache/x; exec sleep 1000", mounts)],
    });
    const { status } = await failed("filler");
    expect(status?.reason).toBe("Evicted");
    expect(status?.message).toMatch(
      /^The node was low on resource: ephemeral-storage\. Threshold quantity: 100Mi, available: \d+Ki\. /,
    );
    expect((await get("small")).status?.phase).toBe("Running");
    const ofNode = ["EvictionThresholdMet: Attempting to reclaim ephemeral-storage", "NodeHasDiskPressure: "];
    await eventually("events of the node", async () => {
      const all = await told("node-1");
      return ofNode.every((start) => all.some((text) => text.startsWith(start)));
    });
    await eventually("the pressure is over", async () => {
      const found = (await node()).status?.conditions?.find(({ type }) => type === "DiskPressure");
      return found?.status === "False" && found.reason === "KubeletHasNoDiskPressure";
    });
    await eventually("the taint is gone", async () => (await node()).spec.taints === undefined);
  });
});
