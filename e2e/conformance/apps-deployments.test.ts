import { ApiUser, type Json } from "../harness/api-conformance.js";
import { onRuntimes } from "../harness/conformance.js";

jest.setTimeout(90_000);

const strategic = { type: "application/strategic-merge-patch+json" };

onRuntimes(["process"], "Deployments", (kit) => {
  const api = new ApiUser();
  beforeAll(() => api.use(kit.cluster));

  const labels = { name: "sample-pod" };
  const spec = (replicas: number, image = "busybox"): Json => ({
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "httpd", image, command: ["sleep", "3600"] }],
      },
    },
  });
  const namespaced = async (): Promise<{ pods: string; sets: string; all: string }> => {
    const namespace = await api.namespace("deployment");
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    return { pods, sets: `${apps}/replicasets`, all: `${apps}/deployments` };
  };
  const complete = (path: string): Promise<void> =>
    api.until(
      "the rollout is complete",
      async () => {
        const now = await api.get(path);
        const { observedGeneration, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = now.status;
        const counts = [updatedReplicas, replicas, availableReplicas];
        return observedGeneration >= now.metadata.generation && counts.every((each) => each === now.spec.replicas);
      },
      30_000,
    );

  it("Deployment should have a working scale subresource", async () => {
    const { all } = await namespaced();
    const path = `${all}/test-new-deployment`;
    await api.ok("POST", all, { metadata: { name: "test-new-deployment" }, spec: spec(1) });
    await complete(path);
    const scale = await api.get(`${path}/scale`);
    expect([scale.spec.replicas, scale.status.replicas]).toEqual([1, 1]);
    const { resourceVersion: _, ...metadata } = scale.metadata;
    const scaled = await api.ok("PUT", `${path}/scale`, { ...scale, metadata, spec: { replicas: 2 } });
    expect(scaled.spec.replicas).toBe(2);
    expect((await api.get(path)).spec.replicas).toBe(2);
    await api.ok("PATCH", `${path}/scale`, { spec: { replicas: 4 } }, strategic);
    expect((await api.get(path)).spec.replicas).toBe(4);
  });

  it("Deployment Recreate should delete old pods and create new ones", async () => {
    const { all, pods } = await namespaced();
    const path = `${all}/test-recreate-deployment`;
    const strategy = { type: "Recreate" };
    await api.ok("POST", all, { metadata: { name: "test-recreate-deployment" }, spec: { ...spec(1), strategy } });
    await complete(path);
    const [old] = (await api.get(pods)).items;
    const watched = await api.watch(pods);
    await api.ok("PATCH", path, { spec: { template: { spec: spec(1, "alpine").template.spec } } }, strategic);
    await complete(path);
    const isNew = ({ metadata }: Json): boolean => metadata.uid !== old.metadata.uid;
    await api.until("the watch tells of the new pod", async () =>
      watched.events.some(({ object }) => isNew(object) && object.status.phase === "Running"),
    );
    watched.stop();
    const started = watched.events.findIndex(({ object }) => isNew(object));
    const ended = watched.events.findIndex(({ type, object }) => !isNew(object) && type === "DELETED");
    expect(ended).toBeGreaterThanOrEqual(0);
    expect(started).toBeGreaterThan(ended);
    expect((await api.get(pods)).items.map(({ spec: { containers } }: Json) => containers[0].image)).toEqual([
      "alpine",
    ]);
  });

  it("Deployment should delete old replica sets", async () => {
    const { all, sets, pods } = await namespaced();
    const path = `${all}/test-cleanup-deployment`;
    await api.ok("POST", sets, { metadata: { name: "test-cleanup-controller", labels }, spec: spec(1) });
    await api.until("its pod runs", async () => {
      const { items } = await api.get(pods);
      return items.length === 1 && items[0].status.phase === "Running";
    });
    const metadata = { name: "test-cleanup-deployment", labels };
    await api.ok("POST", all, { metadata, spec: { ...spec(1, "alpine"), revisionHistoryLimit: 0 } });
    await complete(path);
    await api.until("one ReplicaSet is left", async () => (await api.get(sets)).items.length === 1);
    const [left] = (await api.get(sets)).items;
    expect(left.spec.template.spec.containers[0].image).toBe("alpine");
  });
});
