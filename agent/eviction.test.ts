import { events } from "../api/core/event.js";
import { namespaces } from "../api/core/namespace.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { silentLog } from "../base/log.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { type LocalApi, openLocalApi } from "../e2e/harness/local-api.js";
import { type Agent, startAgent } from "./agent.js";
import { parseThresholds } from "./resources/eviction/threshold.js";
import { hardThresholds, type ResourceSettings } from "./resources/node/settings.js";
import { simulatedNode } from "./runtime/simulated/node.js";

const gi = 1024 ** 3;

describe("a node that runs out of memory", () => {
  let clock: VirtualClock;
  let api: LocalApi;
  let agent: Agent;
  /** Of what others than our pods use. */
  let free: number;

  const start = async (settings: Partial<ResourceSettings> = {}): Promise<void> => {
    const node = simulatedNode({ clock, random: seededRandom(1), memory: "16Gi", cpu: "4" });
    agent = await startAgent({
      nodeName: "node",
      client: api.client,
      dataDir: "/tmp",
      clock,
      log: silentLog,
      version: "v1.36.0",
      ...node,
      observe: async () => {
        const used = (await node.runtime.stats()).reduce((sum, { workingSetBytes }) => sum + workingSetBytes, 0);
        return [{ signal: "memory.available", available: free - used, capacity: 16 * gi }];
      },
      resources: { thresholds: hardThresholds(parseThresholds("memory.available<1Gi")), ...settings },
    });
    await clock.advance(1_000);
  };
  beforeEach(async () => {
    clock = new VirtualClock();
    free = 8 * gi;
    api = await openLocalApi({ clock });
    for (const name of ["default", "kube-node-lease"]) await api.client.create(namespaces, { metadata: { name } });
    await api.client.create(nodes, { metadata: { name: "node" }, spec: { podCIDR: "10.0.0.0/24" } });
  });
  afterEach(async () => {
    await agent.stop();
    await api.close();
  });

  const create = (name: string, memory: string, requests: Readonly<Record<string, string>> = {}): Promise<Pod> =>
    api.client.create(pods, {
      metadata: { name, namespace: "default", annotations: { "navarch.dev/simulated-memory": memory } },
      spec: { nodeName: "node", containers: [{ name: "main", image: "x", resources: { requests } }] },
    });
  const get = (name: string): Promise<Pod> => api.client.get(pods, { namespace: "default", name });
  const told = async (): Promise<readonly string[]> =>
    (await api.client.list(events)).items.map(
      ({ involvedObject, reason, message }) => `${involvedObject.name} ${reason}: ${message}`,
    );
  const condition = async (type: string) =>
    (await api.client.get(nodes, { name: "node" })).status?.conditions?.find((one) => one.type === type);

  it("evicts who uses more than was promised, says so everywhere, and takes in nothing without requests", async () => {
    await start();
    await create("modest", "3Gi", { memory: "4Gi" });
    await create("hog", "2Gi", { memory: "1Gi" });
    await clock.advance(5_000);
    expect((await get("hog")).status?.phase).toBe("Running");
    expect(await condition("MemoryPressure")).toMatchObject({ status: "False", reason: "KubeletHasSufficientMemory" });
    free = 5.5 * gi;
    await clock.advance(10_000);
    const message =
      "The node was low on resource: memory. Threshold quantity: 1Gi, available: 512Mi. " +
      "Container main was using 2Gi, request is 1Gi, has larger consumption of memory. ";
    const { status } = await get("hog");
    expect(status).toMatchObject({ phase: "Failed", reason: "Evicted", message });
    expect(status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "TerminationByKubelet",
      message,
    });
    expect((await get("modest")).status?.phase).toBe("Running");
    expect(await condition("MemoryPressure")).toMatchObject({ status: "True", reason: "KubeletHasInsufficientMemory" });
    expect(await told()).toEqual(
      expect.arrayContaining([
        `hog Evicted: ${message}`,
        "node EvictionThresholdMet: Attempting to reclaim memory",
        "node NodeHasInsufficientMemory: Node node status is now: NodeHasInsufficientMemory",
      ]),
    );
    await create("late", "1Mi");
    await clock.advance(1_000);
    expect((await get("late")).status).toMatchObject({
      phase: "Failed",
      reason: "Evicted",
      message: "Pod was rejected: The node had condition: [MemoryPressure]. ",
    });
    await clock.advance(300_000);
    expect(await condition("MemoryPressure")).toMatchObject({ status: "False" });
  });

  it("gives pods their time where the threshold is soft", async () => {
    await start({
      thresholds: [{ signal: "memory.available", below: { value: gi, text: "1Gi" }, graceMs: 30_000 }],
      evictionMaxPodGraceMs: 5_000,
    });
    await create("hog", "2Gi");
    free = 2.5 * gi;
    await clock.advance(20_000);
    expect(await condition("MemoryPressure")).toMatchObject({ status: "True" });
    expect((await get("hog")).status?.phase).toBe("Running");
    await clock.advance(20_000);
    expect((await get("hog")).status).toMatchObject({ phase: "Failed", reason: "Evicted" });
  });

  it("takes in no more than there is to promise, and says what it promises", async () => {
    await start({ kubeReserved: { cpu: "1" }, maxPods: 3 });
    expect((await api.client.get(nodes, { name: "node" })).status).toMatchObject({
      capacity: { cpu: "4", memory: "16Gi" },
      allocatable: { cpu: "3", memory: "15Gi" },
    });
    await create("first", "0", { cpu: "2" });
    await create("second", "0", { cpu: "2" });
    await clock.advance(1_000);
    expect((await get("first")).status?.phase).toBe("Running");
    const { status } = await get("second");
    expect(status).toMatchObject({
      phase: "Failed",
      reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 2000, capacity: 3000",
    });
    expect(status?.containerStatuses).toBeUndefined();
    await api.client.delete(pods, { namespace: "default", name: "first" }, { gracePeriodSeconds: 0 });
    await clock.advance(1_000);
    await create("third", "0", { cpu: "3" });
    await clock.advance(1_000);
    expect((await get("third")).status?.phase).toBe("Running");
  });

  it("ends its pods in order when it shuts down itself", async () => {
    await start({ shutdownGraceMs: 20_000, shutdownGraceCriticalMs: 5_000 });
    await create("web", "0");
    await clock.advance(1_000);
    const stopped = agent.stop();
    await clock.advance(30_000);
    await stopped;
    const { status } = await get("web");
    const message = "Pod was terminated in response to imminent node shutdown.";
    expect(status).toMatchObject({ phase: "Failed", reason: "Terminated", message });
    expect(status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      reason: "TerminationByKubelet",
      message,
    });
    expect(await condition("Ready")).toMatchObject({ status: "False", message: "node is shutting down" });
  });
});
