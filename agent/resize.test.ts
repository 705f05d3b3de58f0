import { events } from "../api/core/event.js";
import { namespaces } from "../api/core/namespace.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { silentLog } from "../base/log.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { type LocalApi, openLocalApi } from "../e2e/harness/local-api.js";
import { type Agent, startAgent } from "./agent.js";
import type { ContainerResources } from "./runtime/runtime.js";
import { simulatedNode } from "./runtime/simulated/node.js";

describe("a pod that is resized", () => {
  let clock: VirtualClock;
  let api: LocalApi;
  let agent: Agent;
  let updates: { readonly id: string; readonly resources: ContainerResources }[];
  let broken: string | undefined;
  const node = () => simulatedNode({ clock, random: seededRandom(1), cpu: "4", memory: "8Gi" });
  let simulated: ReturnType<typeof node>;

  const start = async (): Promise<void> => {
    agent = await startAgent({
      nodeName: "node",
      client: api.client,
      dataDir: "/tmp",
      clock,
      log: silentLog,
      version: "v1.36.0",
      ...simulated,
    });
    await clock.advance(1_000);
  };
  beforeEach(async () => {
    clock = new VirtualClock();
    updates = [];
    broken = undefined;
    simulated = node();
    const { runtime } = simulated;
    runtime.updateContainerResources = async (id, resources) => {
      if (broken !== undefined) throw new Error(broken);
      updates.push({ id, resources });
    };
    api = await openLocalApi({ clock });
    for (const name of ["default", "kube-node-lease"]) await api.client.create(namespaces, { metadata: { name } });
    await api.client.create(nodes, { metadata: { name: "node" }, spec: { podCIDR: "10.0.0.0/24" } });
    await start();
  });
  afterEach(async () => {
    await agent.stop();
    await api.close();
  });

  const resources = (cpu: string) => ({ requests: { cpu, memory: "1Gi" }, limits: { cpu: "4", memory: "1Gi" } });
  const create = async (name: string, cpu: string, container: object = {}): Promise<void> => {
    await api.client.create(pods, {
      metadata: { name, namespace: "default" },
      spec: { nodeName: "node", containers: [{ name: "main", image: "x", resources: resources(cpu), ...container }] },
    });
    await clock.advance(1_000);
  };
  const resize = async (name: string, cpu: string): Promise<void> => {
    const body = { spec: { containers: [{ name: "main", resources: resources(cpu) }] } };
    await api.client.patch(pods, { namespace: "default", name }, { type: "strategic", body, subresource: "resize" });
    await clock.advance(1_000);
  };
  const get = (name: string): Promise<Pod> => api.client.get(pods, { namespace: "default", name });
  const main = async (name: string) => (await get(name)).status?.containerStatuses?.[0];
  const condition = async (name: string, type: string) =>
    (await get(name)).status?.conditions?.find((one) => one.type === type);
  const told = async () => (await api.client.list(events)).items.map(({ reason }) => reason);

  it("has it without a restart, and says what it has", async () => {
    await create("web", "1");
    expect(await main("web")).toMatchObject({ allocatedResources: { cpu: "1" }, resources: resources("1") });
    await resize("web", "2");
    const { allocatedResources, resources: has, restartCount } = (await main("web")) ?? {};
    expect({ allocatedResources, has, restartCount }).toEqual({
      allocatedResources: { cpu: "2", memory: "1Gi" },
      has: resources("2"),
      restartCount: 0,
    });
    expect(updates).toEqual([
      {
        id: expect.any(String),
        resources: { cpuRequestMilli: 2000, cpuLimitMilli: 4000, memoryLimitBytes: 1024 ** 3 },
      },
    ]);
    expect(await condition("web", "PodResizePending")).toBeUndefined();
    expect(await condition("web", "PodResizeInProgress")).toBeUndefined();
    expect(await told()).toEqual(expect.arrayContaining(["ResizeStarted", "ResizeCompleted"]));
    expect((await get("web")).status?.observedGeneration).toBe(2);
  });

  it("waits while others have what it wants, and has it when they go", async () => {
    await create("web", "1");
    await create("other", "2");
    await resize("web", "3");
    expect(await condition("web", "PodResizePending")).toMatchObject({
      status: "True",
      reason: "Deferred",
      message: "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000",
    });
    expect(await main("web")).toMatchObject({ allocatedResources: { cpu: "1" } });
    await api.client.delete(pods, { namespace: "default", name: "other" }, { gracePeriodSeconds: 0 });
    await clock.advance(10_000);
    expect(await condition("web", "PodResizePending")).toBeUndefined();
    expect(await main("web")).toMatchObject({ allocatedResources: { cpu: "3" }, restartCount: 0 });
  });

  it("is told where it can never have it, and keeps what it had over a restart of the agent", async () => {
    await create("web", "1");
    await resize("web", "2");
    const body = {
      spec: { containers: [{ name: "main", resources: { requests: { memory: "9Gi" }, limits: { memory: "9Gi" } } }] },
    };
    await api.client.patch(
      pods,
      { namespace: "default", name: "web" },
      { type: "strategic", body, subresource: "resize" },
    );
    await clock.advance(1_000);
    await agent.stop();
    await start();
    await clock.advance(1_000);
    expect(await condition("web", "PodResizePending")).toMatchObject({
      reason: "Infeasible",
      message: "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592",
    });
    expect(await main("web")).toMatchObject({ allocatedResources: { cpu: "2", memory: "1Gi" }, restartCount: 0 });
  });

  it("restarts where its policy says so", async () => {
    await create("web", "1", { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] });
    await resize("web", "2");
    await clock.advance(5_000);
    expect(await main("web")).toMatchObject({ restartCount: 1, resources: resources("2") });
    expect(updates).toEqual([]);
  });

  it("is tried again where the runtime refuses, and says why", async () => {
    await create("web", "1");
    broken = "device or resource busy";
    await resize("web", "2");
    expect(await condition("web", "PodResizeInProgress")).toMatchObject({
      status: "True",
      reason: "Error",
      message: "device or resource busy",
    });
    expect(await main("web")).toMatchObject({ allocatedResources: { cpu: "2" }, resources: resources("1") });
    broken = undefined;
    await clock.advance(10_000);
    expect(await condition("web", "PodResizeInProgress")).toBeUndefined();
    expect(await main("web")).toMatchObject({ resources: resources("2") });
  });
});
