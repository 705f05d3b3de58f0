import { ApiUser, type Json } from "../harness/api-conformance.js";
import { updates } from "../harness/api-lifecycle.js";
import { onRuntimes } from "../harness/conformance.js";

const strategic = { type: "application/strategic-merge-patch+json" };

onRuntimes(["process"], "ReplicaSets", (kit) => {
  const api = new ApiUser();
  beforeAll(() => api.use(kit.cluster));

  const labels = { name: "sample-pod", pod: "httpd" };
  const podSpec = (name = "httpd"): Json => ({
    terminationGracePeriodSeconds: 0,
    containers: [{ name, image: "busybox", command: ["sleep", "3600"] }],
  });
  const draft = (replicas: number, podLabels: Json = labels): Json => ({
    metadata: { name: "test-rs", labels: podLabels },
    spec: {
      replicas,
      selector: { matchLabels: podLabels },
      template: { metadata: { labels: podLabels }, spec: podSpec() },
    },
  });
  const running = (namespace: string, count: number, podLabels: Json = labels): Promise<void> =>
    api.until(
      `${count} pods run`,
      async () => {
        const selector = encodeURIComponent(`name=${podLabels.name}`);
        const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
        return items.length === count && items.every(({ status }: Json) => status.phase === "Running");
      },
      30_000,
    );
  /** A ReplicaSet whose pods run, in a namespace of its own. */
  const started = async (
    replicas: number,
    podLabels?: Json,
  ): Promise<{ namespace: string; all: string; path: string }> => {
    const namespace = await api.namespace("replicaset");
    const all = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
    await api.ok("POST", all, draft(replicas, podLabels));
    await running(namespace, replicas, podLabels);
    return { namespace, all, path: `${all}/test-rs` };
  };

  it("ReplicaSet should adopt matching pods on creation and release no longer matching pods", async () => {
    const namespace = await api.namespace("replicaset");
    const name = { name: "pod-adoption-release" };
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    await api.ok("POST", pods, { metadata: { ...name, labels: name }, spec: podSpec() });
    await running(namespace, 1, name);
    const { metadata } = await api.ok("POST", `/apis/apps/v1/namespaces/${namespace}/replicasets`, draft(1, name));
    const owned = async (): Promise<boolean> =>
      ((await api.get(`${pods}/pod-adoption-release`)).metadata.ownerReferences ?? []).some(
        ({ uid, controller }: Json) => controller && uid === metadata.uid,
      );
    await api.until("the pod is adopted", owned);
    expect((await api.get(pods)).items).toHaveLength(1);
    await api.ok("PATCH", `${pods}/pod-adoption-release`, { metadata: { labels: { name: "not-matching-name" } } });
    await api.until("the pod is released", async () => !(await owned()));
    await running(namespace, 1, name);
  });

  it("ReplicaSet should have a working scale subresource", async () => {
    const { path } = await started(1);
    const replicas = async (): Promise<number> => (await api.get(path)).spec.replicas;
    await api.until("the status counts the pod", async () => (await api.get(`${path}/scale`)).status.replicas === 1);
    const scale = await api.get(`${path}/scale`);
    expect([scale.kind, scale.spec.replicas]).toEqual(["Scale", 1]);
    const { resourceVersion, ...metadata } = scale.metadata;
    const scaled = await api.ok("PUT", `${path}/scale`, { ...scale, metadata, spec: { replicas: 2 } });
    expect(scaled.spec.replicas).toBe(2);
    expect(await replicas()).toBe(2);
    await api.ok("PATCH", `${path}/scale`, { spec: { replicas: 4 } }, strategic);
    expect(await replicas()).toBe(4);
  });

  it("ReplicaSet Replace and Patch tests", async () => {
    const { path, namespace } = await started(1);
    const found = await api.get(path);
    await updates(api, path, (now) => ({ ...now, spec: { ...now.spec, replicas: 2 } }));
    const scaled = await api.get(path);
    expect([scaled.metadata.uid, scaled.spec.replicas]).toEqual([found.metadata.uid, 2]);
    await running(namespace, 2);
    await api.until("its status counts both", async () => (await api.get(path)).status.replicas === 2);
    const image = "alpine";
    const containers = [{ name: "test-rs", image, command: ["sleep", "3600"] }];
    const change = {
      metadata: { labels: { "test-rs": "patched" } },
      spec: { replicas: 3, template: { spec: { terminationGracePeriodSeconds: 0, containers } } },
    };
    await api.ok("PATCH", path, change, strategic);
    await api.until(
      "three replicas are available",
      async () => {
        const { status } = await api.get(path);
        return status.readyReplicas === 3 && status.availableReplicas === 3;
      },
      40_000,
    );
    const patched = await api.get(`/apis/apps/v1/namespaces/${namespace}/replicasets?labelSelector=test-rs%3Dpatched`);
    const [{ spec }] = patched.items;
    expect(spec.template.spec.containers[0]).toMatchObject({ name: "test-rs", image });
    expect(spec.template.spec.terminationGracePeriodSeconds).toBe(0);
  });

  it("ReplicaSet should list and delete a collection of ReplicaSets", async () => {
    const e2e = api.name("value");
    const { all } = await started(3, { ...labels, e2e });
    await api.ok("POST", all, { ...draft(0, { ...labels, e2e: "other" }), metadata: { name: "other" } });
    const everywhere = `/apis/apps/v1/replicasets?labelSelector=e2e%3D${e2e}`;
    expect((await api.get(everywhere)).items).toHaveLength(1);
    await api.ok("DELETE", `${all}?labelSelector=e2e%3D${e2e}`, { gracePeriodSeconds: 1 });
    expect((await api.get(everywhere)).items).toEqual([]);
    expect((await api.get(all)).items.map(({ metadata }: Json) => metadata.name)).toEqual(["other"]);
  });

  it("ReplicaSet should validate Replicaset Status endpoints", async () => {
    const { all, path } = await started(1);
    const selector = encodeURIComponent("name=sample-pod,pod=httpd");
    const watched = await api.watch(`${all}?labelSelector=${selector}`);
    const sees = (type: string): Promise<void> =>
      api.until(`the watch tells of ${type}`, async () =>
        watched.events.some(({ object }) => object.status.conditions?.some((each: Json) => each.type === type)),
      );
    expect((await api.get(`${path}/status`)).metadata.name).toBe("test-rs");
    const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "written by a test" };
    const updated = await updates(api, `${path}/status`, (now) => ({
      ...now,
      status: { ...now.status, conditions: [...(now.status.conditions ?? []), condition] },
    }));
    expect(updated.status.conditions).toMatchObject([condition]);
    await sees("StatusUpdate");
    const body = { status: { conditions: [{ type: "StatusPatched", status: "True" }] } };
    const patched = await api.ok("PATCH", `${path}/status`, body);
    expect(patched.status.conditions).toMatchObject(body.status.conditions);
    await sees("StatusPatched");
    watched.stop();
  });
});
