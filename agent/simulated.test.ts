import { leases } from "../api/coordination/lease.js";
import { namespaces } from "../api/core/namespace.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { silentLog } from "../base/log.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { createInformers, type Informers } from "../client/informer/informers.js";
import { type LocalApi, openLocalApi } from "../e2e/harness/local-api.js";
import { type Agent, startAgent } from "./agent.js";
import { sharedViews } from "./pod/pod-source.js";
import { simulatedNode } from "./runtime/simulated/node.js";

describe("many simulated nodes in one process", () => {
  let clock: VirtualClock;
  let api: LocalApi;
  let informers: Informers;
  let agents: Agent[];

  beforeEach(async () => {
    clock = new VirtualClock();
    api = await openLocalApi({ clock });
    for (const name of ["default", "kube-node-lease"]) await api.client.create(namespaces, { metadata: { name } });
    informers = createInformers(api.client, { clock, log: silentLog });
    const views = sharedViews(informers);
    agents = [];
    for (let index = 0; index < 20; index++) {
      const nodeName = `node-${index}`;
      await api.client.create(nodes, { metadata: { name: nodeName }, spec: { podCIDR: `10.0.${index}.0/24` } });
      agents.push(
        await startAgent({
          nodeName,
          client: api.client,
          dataDir: "",
          clock,
          log: silentLog,
          version: "v1.36.0",
          view: views(nodeName),
          ...simulatedNode({ clock, random: seededRandom(index) }),
        }),
      );
    }
    await clock.advance(1_000);
  });
  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await informers.stop();
    await api.close();
  });

  const create = (name: string, annotations: Readonly<Record<string, string>>, spec: object = {}): Promise<Pod> =>
    api.client.create(pods, {
      metadata: { name, namespace: "default", annotations },
      spec: { nodeName: "node-3", containers: [{ name: "main", image: "x" }], ...spec },
    });
  const get = (name: string): Promise<Pod> => api.client.get(pods, { namespace: "default", name });
  const main = async (name: string) => (await get(name)).status?.containerStatuses?.[0];

  it("become Ready and renew their leases every 10 s", async () => {
    const { items } = await api.client.list(nodes);
    expect(
      items.every(({ status }) =>
        status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
      ),
    ).toBe(true);
    const renewed = async (): Promise<number> =>
      Date.parse((await api.client.get(leases, { namespace: "kube-node-lease", name: "node-7" })).spec.renewTime ?? "");
    const before = await renewed();
    await clock.advance(30_000);
    expect((await renewed()) - before).toBeGreaterThanOrEqual(20_000);
  });

  it("write their status on change or every 5 minutes, no oftener", async () => {
    const version = async (): Promise<string> =>
      (await api.client.get(nodes, { name: "node-5" })).metadata.resourceVersion;
    await clock.advance(30_000);
    const before = await version();
    await clock.advance(240_000);
    expect(await version()).toBe(before);
    await clock.advance(60_000);
    expect(await version()).not.toBe(before);
  });

  it("run the pods of their own node, at an address of its range", async () => {
    await create("web", {});
    await clock.advance(100);
    expect((await get("web")).status).toMatchObject({
      phase: "Running",
      podIP: expect.stringMatching(/^10\.0\.3\./),
      hostIP: "10.0.3.1",
    });
  });

  it("hold back what fails: at once, then 10 s, 20 s, up to 5 min", async () => {
    await create("crash", { "navarch.dev/simulated-run-time": "1ms", "navarch.dev/simulated-exit-code": "1" });
    await clock.advance(500);
    const counts: (number | undefined)[] = [(await main("crash"))?.restartCount];
    for (const ms of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      await clock.advance(ms - 3_000);
      const early = (await main("crash"))?.restartCount;
      await clock.advance(3_050);
      counts.push(early, (await main("crash"))?.restartCount);
    }
    expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8]);
    expect((await main("crash"))?.state?.waiting).toMatchObject({
      reason: "CrashLoopBackOff",
      message: expect.stringContaining("back-off 5m0s"),
    });
  });

  it("begin anew after ten minutes of running", async () => {
    await create("long", { "navarch.dev/simulated-run-time": "11m", "navarch.dev/simulated-exit-code": "1" });
    await clock.advance(11 * 60_000 + 500);
    expect(await main("long")).toMatchObject({ restartCount: 1, state: { running: {} } });
    await clock.advance(11 * 60_000 + 500);
    expect(await main("long")).toMatchObject({ restartCount: 2, state: { running: {} } });
  });

  it("retry an image that does not come after 10 s, 20 s", async () => {
    await create("image", { "navarch.dev/simulated-pull-failure": "nowhere" });
    await clock.advance(100);
    expect((await main("image"))?.state?.waiting).toEqual({ reason: "ErrImagePull", message: "nowhere" });
    for (const holdMs of [10_000, 20_000]) {
      await clock.advance(1_500);
      expect((await main("image"))?.state?.waiting).toEqual({
        reason: "ImagePullBackOff",
        message: 'Back-off pulling image "x": ErrImagePull: nowhere',
      });
      await clock.advance(holdMs - 1_500);
      expect((await main("image"))?.state?.waiting).toMatchObject({ reason: "ErrImagePull" });
    }
  });

  it("try another image at once, whatever became of the one before", async () => {
    await create("renamed", {}, { containers: [{ name: "main", image: "No Such Name" }] });
    await clock.advance(20_000);
    expect((await main("renamed"))?.state?.waiting).toMatchObject({ reason: "InvalidImageName" });
    const spec = { containers: [{ name: "main", image: "x" }] };
    const body = { spec };
    await api.client.patch(pods, { namespace: "default", name: "renamed" }, { type: "strategic", body });
    await clock.advance(100);
    expect((await main("renamed"))?.state).toHaveProperty("running");
  });

  it("follow probes: unready until they succeed, started again when liveness fails", async () => {
    const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 5 };
    const livenessProbe = { httpGet: { port: 80 }, periodSeconds: 10, failureThreshold: 3 };
    await create(
      "slow",
      { "navarch.dev/simulated-ready-delay": "30s" },
      { containers: [{ name: "main", image: "x", readinessProbe }] },
    );
    await create(
      "sick",
      { "navarch.dev/simulated-unhealthy-after": "1m" },
      { containers: [{ name: "main", image: "x", livenessProbe }] },
    );
    await clock.advance(25_000);
    expect((await main("slow"))?.ready).toBe(false);
    await clock.advance(11_000);
    expect((await main("slow"))?.ready).toBe(true);
    expect((await main("sick"))?.restartCount).toBe(0);
    await clock.advance(60_000);
    expect((await main("sick"))?.restartCount).toBe(1);
  });

  it("give a pod its grace to end, and end it when its time is over", async () => {
    await create("stubborn", { "navarch.dev/simulated-stop-delay": "1h" });
    await create("timed", {}, { activeDeadlineSeconds: 60 });
    await clock.advance(1_000);
    await api.client.delete(pods, { namespace: "default", name: "stubborn" });
    await clock.advance(29_000);
    await get("stubborn");
    await clock.advance(2_000);
    await expect(get("stubborn")).rejects.toMatchObject({ reason: "NotFound" });
    await clock.advance(60_000);
    expect((await get("timed")).status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
  });
});
