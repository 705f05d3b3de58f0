import { ApiUser, type Json, type Watched } from "../harness/api-conformance.js";
import { onRuntimes } from "../harness/conformance.js";

const core = "/api/v1";
const strategic = { type: "application/strategic-merge-patch+json" };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

onRuntimes(
  ["process"],
  "scheduling",
  (kit) => {
    const api = new ApiUser();
    beforeAll(() => api.use(kit.cluster));

    const container = { name: "pause", image: "busybox", command: ["sleep", "3600"] };
    const draft = (name: string, spec: Json = {}, more: Json = {}): Json => ({
      metadata: { name, ...more },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ ...container, ...more.container }], ...spec },
    });
    const schedulable = async (): Promise<Json[]> =>
      (await api.get(`${core}/nodes`)).items.filter(
        ({ spec, status }: Json) =>
          !spec.unschedulable &&
          (spec.taints ?? []).length === 0 &&
          status.conditions.some(({ type, status: value }: Json) => type === "Ready" && value === "True"),
      );
    const becomes = (path: string, what: string, is: (pod: Json) => boolean): Promise<void> =>
      api.until(what, async () => is(await api.get(path)));
    const runs = (path: string): Promise<void> =>
      becomes(path, `${path} runs`, ({ status }) => status.phase === "Running");
    /** The scheduler has looked at the pod, said so in an event, and found no place. */
    const findsNoPlace = async (pods: string, name: string): Promise<void> => {
      const events = pods.replace(/pods$/, "events");
      await api.until(`an event says that ${name} has no place`, async () =>
        (await api.get(events)).items.some(
          ({ reason, involvedObject }: Json) => reason === "FailedScheduling" && involvedObject.name === name,
        ),
      );
      const { spec, status } = await api.get(`${pods}/${name}`);
      expect([spec.nodeName, status.phase]).toEqual([undefined, "Pending"]);
      expect(status.conditions).toMatchObject([{ type: "PodScheduled", status: "False", reason: "Unschedulable" }]);
    };
    /** A node on which a pod without wishes ran, with a label that no other has. */
    const labelled = async (pods: string): Promise<{ readonly node: string; readonly selector: Json }> => {
      await api.ok("POST", pods, draft("without-label"));
      await runs(`${pods}/without-label`);
      const { nodeName } = (await api.get(`${pods}/without-label`)).spec;
      await api.ok("DELETE", `${pods}/without-label`);
      const selector = { [`kubernetes.io/e2e-${api.name("label")}`]: "42" };
      const found = await api.ok("PATCH", `${core}/nodes/${nodeName}`, { metadata: { labels: selector } }, strategic);
      expect(found.metadata.labels).toMatchObject(selector);
      return { node: nodeName, selector };
    };
    const fresh = async (): Promise<string> => `${core}/namespaces/${await api.namespace("sched")}/pods`;

    it("Conformance Tests should have at least two untainted nodes", async () => {
      expect((await schedulable()).length).toBeGreaterThanOrEqual(2);
    });

    it("SchedulerPredicates validates that NodeSelector is respected if not matching", async () => {
      const pods = await fresh();
      await api.ok("POST", pods, draft("restricted-pod", { nodeSelector: { label: "nonempty" } }));
      await findsNoPlace(pods, "restricted-pod");
    });

    it("SchedulerPredicates validates that NodeSelector is respected if matching", async () => {
      const pods = await fresh();
      const { node, selector } = await labelled(pods);
      // Without the selector the pod would go to the emptier node.
      const { cpu } = (await api.get(`${core}/nodes/${node}`)).status.allocatable;
      const resources = { requests: { cpu: `${Math.floor(milli(cpu) / 2)}m` } };
      await api.ok("POST", pods, draft("filler", { nodeName: node, containers: [{ ...container, resources }] }));
      await runs(`${pods}/filler`);
      await api.ok("POST", pods, draft("with-labels", { nodeSelector: selector }));
      await becomes(`${pods}/with-labels`, "it is not pending any more", ({ status }) => status.phase !== "Pending");
      expect((await api.get(`${pods}/with-labels`)).spec.nodeName).toBe(node);
      await api.ok("DELETE", `${pods}/filler`);
      const [key = ""] = Object.keys(selector);
      const after = await api.ok(
        "PATCH",
        `${core}/nodes/${node}`,
        { metadata: { labels: { [key]: null } } },
        strategic,
      );
      expect(after.metadata.labels).not.toHaveProperty([key]);
    });

    it("SchedulerPredicates validates that a conflict exists between pods with same hostPort and protocol but one using 0.0.0.0 hostIP", async () => {
      const pods = await fresh();
      const { node, selector } = await labelled(pods);
      const hostPort = 28_000 + (process.pid % 1_000);
      const wants = (hostIP: string): Json => ({
        nodeSelector: selector,
        containers: [{ ...container, ports: [{ containerPort: 8080, hostPort, protocol: "TCP", hostIP }] }],
      });
      await api.ok("POST", pods, draft("pod4", wants("")));
      await runs(`${pods}/pod4`);
      expect((await api.get(`${pods}/pod4`)).spec.nodeName).toBe(node);
      await api.ok("POST", pods, draft("pod5", wants("127.0.0.1")));
      await findsNoPlace(pods, "pod5");
    });

    const milli = (text = "0"): number => (text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000);
    const requested = ({ spec }: Json): number =>
      spec.containers.reduce((sum: number, { resources }: Json) => sum + milli(resources?.requests?.cpu), 0);

    it("SchedulerPredicates validates resource limits of pods that are allowed to run", async () => {
      const pods = await fresh();
      const nodes = await schedulable();
      const all = (await api.get(`${core}/pods`)).items.filter(
        ({ spec, status }: Json) => spec.nodeName && !["Succeeded", "Failed"].includes(status.phase),
      );
      const free = new Map<string, number>(
        nodes.map(({ metadata: { name }, status }) => {
          const taken = all.filter(({ spec }: Json) => spec.nodeName === name);
          return [
            name,
            taken.reduce((left: number, pod: Json) => left - requested(pod), milli(status.allocatable.cpu)),
          ];
        }),
      );
      for (const [name, left] of free) {
        await api.ok("PATCH", `${core}/nodes/${name}`, { metadata: { labels: { node: name } } }, strategic);
        const cpu = `${Math.floor(left * 0.7)}m`;
        const terms = [{ matchExpressions: [{ key: "node", operator: "In", values: [name] }] }];
        await api.ok(
          "POST",
          pods,
          draft(`filler-${name}`, {
            affinity: {
              nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
            },
            containers: [{ ...container, resources: { requests: { cpu }, limits: { cpu } } }],
          }),
        );
      }
      for (const name of free.keys()) await runs(`${pods}/filler-${name}`);
      const half = `${Math.floor(Math.max(...free.values()) * 0.5)}m`;
      const resources = { requests: { cpu: half }, limits: { cpu: half } };
      await api.ok("POST", pods, draft("additional-pod", { containers: [{ ...container, resources }] }));
      await findsNoPlace(pods, "additional-pod");
      const { items } = await api.get(pods);
      expect(items.filter(({ spec }: Json) => spec.nodeName)).toHaveLength(nodes.length);
      await api.ok("DELETE", pods);
      for (const name of free.keys())
        await api.ok("PATCH", `${core}/nodes/${name}`, { metadata: { labels: { node: null } } }, strategic);
    });

    const taint = { key: "kubernetes.io/e2e-evict-taint-key", value: "evictTaintVal", effect: "NoExecute" };
    const tolerant = (name: string, tolerationSeconds: number, more: Json = {}): Json => ({
      ...draft(name, { tolerations: [{ ...taint, tolerationSeconds }], ...more }),
      metadata: { name, labels: { group: "taint-eviction" } },
    });
    /** Answers since when. */
    const setTaint = async (node: string, present: boolean): Promise<number> => {
      const timeAdded = new Date().toISOString().replace(/\.\d+/, "");
      const taints = present ? [{ ...taint, timeAdded }] : null;
      const { spec } = await api.ok("PATCH", `${core}/nodes/${node}`, { spec: { taints } });
      expect((spec.taints ?? []).some(({ key }: Json) => key === taint.key)).toBe(present);
      return Date.parse(timeAdded);
    };
    const evicting = async (): Promise<{ readonly pods: string; readonly watched: Watched }> => {
      const pods = await fresh();
      return { pods, watched: await api.watch(`${pods}?labelSelector=group%3Dtaint-eviction`) };
    };

    const toleratedSeconds = 15;
    let spared: { readonly pods: string; readonly watched: Watched; readonly taintedMs: number };
    // Its time goes by while the other tests run.
    beforeAll(async () => {
      const { pods, watched } = await evicting();
      await api.ok("POST", pods, tolerant("taint-eviction-4", toleratedSeconds));
      await runs(`${pods}/taint-eviction-4`);
      const { nodeName } = (await api.get(`${pods}/taint-eviction-4`)).spec;
      const nodeSelector = { "kubernetes.io/hostname": nodeName };
      await api.ok("POST", pods, draft("witness", { nodeSelector }));
      await runs(`${pods}/witness`);
      const taintedMs = await setTaint(nodeName, true);
      // That this one has to go shows that the taint has been acted on.
      await api.until("the witness is evicted", async () => {
        const { code, body } = await api.call("GET", `${pods}/witness`);
        return code === 404 || body.metadata.deletionTimestamp !== undefined;
      });
      expect((await api.get(`${pods}/taint-eviction-4`)).metadata.deletionTimestamp).toBeUndefined();
      await setTaint(nodeName, false);
      spared = { pods, watched, taintedMs };
    });

    it("NoExecuteTaintManager Multiple Pods evicts pods with minTolerationSeconds", async () => {
      const { pods, watched } = await evicting();
      const seconds: Json = { "taint-eviction-b1": 1, "taint-eviction-b2": 3 };
      const [first = "", second = ""] = Object.keys(seconds);
      await api.ok("POST", pods, tolerant(first, seconds[first]));
      await runs(`${pods}/${first}`);
      const { nodeName } = (await api.get(`${pods}/${first}`)).spec;
      const nodeSelector = { "kubernetes.io/hostname": nodeName };
      await api.ok("POST", pods, tolerant(second, seconds[second], { nodeSelector }));
      await runs(`${pods}/${second}`);
      const taintedMs = await setTaint(nodeName, true);
      const deleted = () => watched.events.filter(({ type }) => type === "DELETED").map(({ object }) => object);
      await api.until("both are evicted", async () => deleted().length === 2);
      for (const { metadata, status } of deleted()) {
        const { lastTransitionTime } = status.conditions.find(({ type }: Json) => type === "DisruptionTarget");
        expect(Date.parse(lastTransitionTime) - taintedMs).toBeGreaterThanOrEqual(seconds[metadata.name] * 1000);
      }
      watched.stop();
      await setTaint(nodeName, false);
    });

    it("NoExecuteTaintManager Single Pod removing taint cancels eviction", async () => {
      const { pods, watched, taintedMs } = spared;
      await pause(Math.max(0, taintedMs + (toleratedSeconds + 2) * 1000 - Date.now()));
      watched.stop();
      expect(watched.events.map(({ type }) => type)).not.toContain("DELETED");
      const { metadata, status } = await api.get(`${pods}/taint-eviction-4`);
      expect([metadata.deletionTimestamp, status.phase]).toEqual([undefined, "Running"]);
    });
  },
  { flags: ["--nodes", "2", "--allow-host-access"] },
);
