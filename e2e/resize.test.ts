import { type Pod, pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { type Containerd, containerTools, freePodRange, heldTo, startContainerd } from "./harness/containerd.js";
import { describeWith, newestKubectl } from "./harness/needs.js";
import { eventually } from "./harness/run.js";

const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: busybox:latest
    imagePullPolicy: IfNotPresent
    command: [sleep, "1000"]
    resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]
    resources: {requests: {cpu: 100m, memory: 32Mi}, limits: {cpu: 200m, memory: 64Mi}}
`;

function helpers(cluster: () => Cluster) {
  const get = (): Promise<Pod> => cluster().client.get(pods, { namespace: "default", name: "web" });
  return {
    get,
    main: async () => (await get()).status?.containerStatuses?.[0],
    condition: async (type: string) => (await get()).status?.conditions?.find((one) => one.type === type),
    patch: async (resources: object): Promise<string> => {
      const body = JSON.stringify({ spec: { containers: [{ name: "main", resources }] } });
      const args = ["patch", "pod", "web", "--subresource", "resize", "--patch", body];
      // From 1.32 on kubectl knows of it.
      const kubectl = newestKubectl(32);
      const { code, stdout, stderr } = await (kubectl ? cluster().kubectl(kubectl, args) : cluster().navctl(args));
      return code === 0 ? stdout : stderr;
    },
    start: async () => {
      await cluster().ok(["apply", "-f", "-"], { input: manifest });
      await cluster().ok(["wait", "pod/web", "--for=condition=Ready", "--timeout=60s"]);
    },
  };
}

describeWith(["kubectl"], "kubectl patch --subresource resize of a plain process", () => {
  let cluster: Cluster;
  const { condition, patch, start, main } = helpers(() => cluster);
  beforeAll(async () => {
    cluster = await startCluster();
    await start();
  });
  afterAll(stopClusters);

  it("is refused where it may not be, and told to be infeasible where nothing holds a program to it", async () => {
    expect(await patch({ limits: { cpu: "100m", memory: "32Mi" } })).toContain(
      "Pod QOS Class may not change as a result of resizing",
    );
    expect(await patch({ limits: { cpu: "300m" } })).toBe("pod/web patched\n");
    await eventually("it is told", async () => {
      const found = await condition("PodResizePending");
      return found?.reason === "Infeasible" && found.message?.includes("not supported by this node's runtime");
    });
    expect(await main()).toMatchObject({ restartCount: 0, resources: { limits: { cpu: "200m" } } });
  });
});

describeWith([...containerTools, "kubectl"], "kubectl patch --subresource resize of a container", () => {
  let containerd: Containerd;
  let cluster: Cluster;
  const { get, main, condition, patch, start } = helpers(() => cluster);
  beforeAll(async () => {
    containerd = await startContainerd();
    const flags = ["--runtime", "auto", "--cri-socket", containerd.socket, ...freePodRange()];
    cluster = await startCluster({ flags });
    await start();
  });
  afterAll(async () => {
    await stopClusters();
    await containerd.stop();
  });

  const held = async (v1: string, v2: string): Promise<string> => heldTo((await main())?.containerID ?? "", v1, v2);

  it("changes what the kernel holds it to, without a restart", async () => {
    expect(await held("cpu.cfs_quota_us", "cpu.max")).toMatch(/^20000\b/);
    expect(await patch({ requests: { cpu: "150m" }, limits: { cpu: "300m" } })).toBe("pod/web patched\n");
    await eventually("it has it", async () => (await main())?.resources?.limits?.cpu === "300m");
    expect(await held("cpu.cfs_quota_us", "cpu.max")).toMatch(/^30000\b/);
    expect(await main()).toMatchObject({ restartCount: 0, allocatedResources: { cpu: "150m", memory: "32Mi" } });
    expect(await condition("PodResizePending")).toBeUndefined();
    expect(await condition("PodResizeInProgress")).toBeUndefined();
  });

  it("restarts it where its policy says so", async () => {
    expect(await patch({ limits: { memory: "96Mi" } })).toBe("pod/web patched\n");
    await eventually("it has it", async () => {
      const found = await main();
      return found?.restartCount === 1 && found.resources?.limits?.memory === "96Mi";
    });
    expect(await held("memory.limit_in_bytes", "memory.max")).toBe(String(96 * 1024 * 1024));
    expect((await get()).status?.phase).toBe("Running");
  });

  it("is told to be infeasible where the node does not have it", async () => {
    expect(await patch({ requests: { cpu: "1000" }, limits: { cpu: "1000" } })).toBe("pod/web patched\n");
    await eventually("it is told", async () => {
      const found = await condition("PodResizePending");
      return (
        found?.reason === "Infeasible" &&
        /^Node didn't have enough capacity: cpu, requested: 1000000, capacity: \d+$/.test(found.message ?? "")
      );
    });
  });
});
