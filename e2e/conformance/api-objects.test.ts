import { type Json, onApi, type Watched } from "../harness/api-conformance.js";

const label = "watch-this-configmap";

onApi("watches, namespaces and garbage", (api) => {
  const configMap = (name: string, value: string, data: Json = {}): Json => ({
    metadata: { name, labels: { [label]: value } },
    data,
  });
  const selecting = (value: string): string => `labelSelector=${encodeURIComponent(`${label}=${value}`)}`;

  it("Watchers should observe add, update, and delete watch notifications on configmaps", async () => {
    const namespace = await api.namespace("watch");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const onA = await api.watch(`${path}?${selecting("A")}`);
    const onB = await api.watch(`${path}?${selecting("B")}`);
    const either = encodeURIComponent(`${label} in (A,B)`);
    const onBoth = await api.watch(`${path}?labelSelector=${either}`);
    await api.ok("POST", path, configMap("a", "A"));
    await api.ok("PATCH", `${path}/a`, { data: { mutation: "1" } });
    await api.ok("PATCH", `${path}/a`, { data: { mutation: "2" } });
    await api.ok("DELETE", `${path}/a`);
    await api.ok("POST", path, configMap("b", "B"));
    await api.ok("DELETE", `${path}/b`);
    await onBoth.take(6);
    await Promise.all([onA.take(4), onB.take(2)]);
    expect(onA.told).toEqual(["ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a"]);
    expect(onA.events.map(({ object }) => object.data?.mutation)).toEqual([undefined, "1", "2", "2"]);
    expect(onB.told).toEqual(["ADDED b", "DELETED b"]);
    expect(onBoth.told).toEqual([...onA.told, ...onB.told]);
    for (const watch of [onA, onB, onBoth]) watch.stop();
  });

  it("Watchers should start watching from a specific resource version", async () => {
    const namespace = await api.namespace("watch");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await api.ok("POST", path, configMap("m", "from-version"));
    const first = await api.ok("PATCH", `${path}/m`, { data: { mutation: "1" } });
    await api.ok("PATCH", `${path}/m`, { data: { mutation: "2" } });
    await api.ok("DELETE", `${path}/m`);
    const version = first.metadata.resourceVersion;
    const watch = await api.watch(`${path}?${selecting("from-version")}&resourceVersion=${version}`);
    await watch.take(2);
    expect(watch.told).toEqual(["MODIFIED m", "DELETED m"]);
    expect(watch.events[0]?.object.data).toEqual({ mutation: "2" });
    watch.stop();
  });

  it("Watchers should restart watching from the last resource version observed by the previous watch", async () => {
    const namespace = await api.namespace("watch");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const before = await api.watch(`${path}?${selecting("restarted")}`);
    await api.ok("POST", path, configMap("m", "restarted"));
    await api.ok("PATCH", `${path}/m`, { data: { mutation: "1" } });
    const [, last] = await before.take(2);
    before.stop();
    await before.ended;
    await api.ok("PATCH", `${path}/m`, { data: { mutation: "2" } });
    await api.ok("DELETE", `${path}/m`);
    const version = last?.object.metadata.resourceVersion;
    const after = await api.watch(`${path}?${selecting("restarted")}&resourceVersion=${version}`);
    await after.take(2);
    expect(after.told).toEqual(["MODIFIED m", "DELETED m"]);
    after.stop();
  });

  it("Watchers should observe an object deletion if it stops meeting the requirements of the selector", async () => {
    const namespace = await api.namespace("watch");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const watch = await api.watch(`${path}?${selecting("changed")}`);
    const relabel = (value: string) => api.ok("PATCH", `${path}/m`, { metadata: { labels: { [label]: value } } });
    await api.ok("POST", path, configMap("m", "changed"));
    await api.ok("PATCH", `${path}/m`, { data: { mutation: "1" } });
    await relabel("wrong");
    await watch.take(3);
    expect(watch.told).toEqual(["ADDED m", "MODIFIED m", "DELETED m"]);
    await api.ok("PATCH", `${path}/m`, { data: { mutation: "2" } });
    await relabel("changed");
    await api.ok("PATCH", `${path}/m`, { data: { mutation: "3" } });
    await api.ok("DELETE", `${path}/m`);
    await watch.take(6);
    expect(watch.told.slice(3)).toEqual(["ADDED m", "MODIFIED m", "DELETED m"]);
    expect(watch.events[3]?.object.data).toEqual({ mutation: "2" });
    watch.stop();
  });

  it("Watchers should receive events on concurrent watches in same order", async () => {
    const namespace = await api.namespace("watch");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const start = (await api.get(path)).metadata.resourceVersion;
    let isDone = false;
    const produce = (async () => {
      for (let round = 0; !isDone && round < 200; round++) {
        const name = `m-${round % 20}`;
        const { code } = await api.call("POST", path, configMap(name, "order"));
        if (code === 409)
          await api.call(round % 3 === 0 ? "DELETE" : "PATCH", `${path}/${name}`, { data: { round: `${round}` } });
      }
    })();
    const count = 100;
    const first = await api.watch(`${path}?resourceVersion=${start}`);
    const versionsOf = async (watch: Watched, wanted: number): Promise<readonly string[]> =>
      (await watch.take(wanted)).map(({ object }) => object.metadata.resourceVersion);
    // One more from each event on, all of them open at a time.
    const later: Watched[] = [];
    for (let at = 0; at < count - 1; at++) {
      const version = (await versionsOf(first, at + 1))[at];
      later.push(await api.watch(`${path}?resourceVersion=${version}`));
    }
    const versions = await versionsOf(first, count);
    for (const [at, watch] of later.entries())
      expect(await versionsOf(watch, count - at - 1)).toEqual(versions.slice(at + 1));
    for (const watch of [first, ...later]) watch.stop();
    isDone = true;
    await produce;
  });

  it("Namespaces should patch a Namespace", async () => {
    const name = await api.namespace("patched");
    await api.ok(
      "PATCH",
      `/api/v1/namespaces/${name}`,
      { metadata: { labels: { testLabel: "testValue" } } },
      strategic,
    );
    expect((await api.get(`/api/v1/namespaces/${name}`)).metadata.labels).toMatchObject({ testLabel: "testValue" });
  });

  it("Namespaces should apply an update to a Namespace", async () => {
    const path = `/api/v1/namespaces/${await api.namespace("updated")}`;
    const found = await api.get(path);
    const labels = { ...found.metadata.labels, updated: "yes" };
    const updated = await api.ok("PUT", path, { ...found, metadata: { ...found.metadata, labels } });
    expect(updated.metadata.labels.updated).toBe("yes");
  });

  it("Namespaces should apply changes to a namespace status", async () => {
    const path = `/api/v1/namespaces/${await api.namespace("status")}`;
    expect((await api.get(`${path}/status`)).status.phase).toBe("Active");
    const condition = { type: "StatusPatch", status: "True", reason: "E2E patch", message: "Patched by an e2e test" };
    const patched = await api.ok("PATCH", `${path}/status`, { status: { conditions: [condition] } }, merge);
    expect(patched.status.conditions).toMatchObject([condition]);
    const next = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Updated by an e2e test" };
    const updated = await api.ok("PUT", `${path}/status`, {
      ...patched,
      status: { ...patched.status, conditions: [...patched.status.conditions, next] },
    });
    expect(updated.status.conditions).toMatchObject([condition, next]);
  });

  it("Namespaces should apply a finalizer to a Namespace", async () => {
    const name = await api.namespace("finalized");
    const path = `/api/v1/namespaces/${name}`;
    const finalizer = `e2e.example.com/${name}`;
    const found = await api.get(path);
    const spec = { ...found.spec, finalizers: [...found.spec.finalizers, finalizer] };
    const added = await api.ok("PUT", `${path}/finalize`, { ...found, spec });
    expect(added.spec.finalizers).toContain(finalizer);
    const rest = added.spec.finalizers.filter((each: string) => each !== finalizer);
    const removed = await api.ok("PUT", `${path}/finalize`, { ...added, spec: { ...added.spec, finalizers: rest } });
    expect(removed.spec.finalizers).toEqual(["kubernetes"]);
  });

  const sleeper = (name: string, more: Json = {}): Json => ({
    metadata: { name, ...more },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "c", image: "busybox", command: ["sleep", "3600"] }],
    },
  });
  const gone = (path: string) => api.until(`${path} is gone`, async () => (await api.call("GET", path)).code === 404);

  it("Namespaces should ensure that all pods are removed when a namespace is deleted", async () => {
    const name = await api.namespace("nsdelete");
    const path = `/api/v1/namespaces/${name}`;
    await api.ok("POST", `${path}/pods`, sleeper("test-pod"));
    await api.until("the pod runs", async () => (await api.get(`${path}/pods/test-pod`)).status.phase === "Running");
    await api.ok("DELETE", path);
    await gone(path);
    await api.ok("POST", "/api/v1/namespaces", { metadata: { name } });
    expect((await api.get(`${path}/pods`)).items).toEqual([]);
  });

  it("Namespaces should ensure that all services are removed when a namespace is deleted", async () => {
    const name = await api.namespace("nsdelete");
    const path = `/api/v1/namespaces/${name}`;
    await api.ok("POST", `${path}/services`, {
      metadata: { name: "test-service" },
      spec: { selector: { foo: "bar" }, ports: [{ port: 80, targetPort: 80 }] },
    });
    await api.ok("DELETE", path);
    await gone(path);
    await api.ok("POST", "/api/v1/namespaces", { metadata: { name } });
    expect((await api.get(`${path}/services`)).items).toEqual([]);
  });

  it("OrderedNamespaceDeletion namespace deletion should delete pod first", async () => {
    const name = await api.namespace("ordered");
    const path = `/api/v1/namespaces/${name}`;
    const hold = "e2e.example.com/finalizer";
    await api.ok("POST", `${path}/pods`, sleeper("test-pod", { finalizers: [hold] }));
    await api.ok("POST", `${path}/configmaps`, { metadata: { name: "test-configmap" } });
    await api.until("the pod runs", async () => (await api.get(`${path}/pods/test-pod`)).status.phase === "Running");
    await api.ok("DELETE", path);
    await api.until(
      "the namespace says that the pod remains",
      async () => {
        const { conditions = [] } = (await api.get(path)).status;
        const message = (type: string): string => conditions.find((each: Json) => each.type === type)?.message ?? "";
        const remains = message("NamespaceContentRemaining").includes("pods. has 1 resource instances");
        return remains && message("NamespaceFinalizersRemaining").includes(`${hold} in 1 resource instances`);
      },
      30_000,
    );
    expect((await api.get(`${path}/pods/test-pod`)).metadata.deletionTimestamp).toEqual(expect.any(String));
    const kept = await api.get(`${path}/configmaps/test-configmap`);
    expect(kept.metadata.deletionTimestamp).toBeUndefined();
    await api.ok("PATCH", `${path}/pods/test-pod`, { metadata: { finalizers: null } });
    await gone(`${path}/pods/test-pod`);
    await gone(`${path}/configmaps/test-configmap`);
    await gone(path);
  });

  const reference = ({ metadata: { name, uid } }: Json): Json => ({
    apiVersion: "v1",
    kind: "Pod",
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  });

  it("Garbage collector should not be blocked by dependency circle", async () => {
    const namespace = await api.namespace("circle");
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const made: Json[] = [];
    for (const name of ["pod1", "pod2", "pod3"]) made.push(await api.ok("POST", path, sleeper(name)));
    const [one, two, three] = made;
    for (const [pod, owner] of [
      [one, three],
      [two, one],
      [three, two],
    ])
      await api.ok("PATCH", `${path}/${pod.metadata.name}`, { metadata: { ownerReferences: [reference(owner)] } });
    await api.ok("DELETE", `${path}/pod1`, { propagationPolicy: "Foreground" });
    await api.until("all pods are gone", async () => (await api.get(path)).items.length === 0);
  });

  const deployment = {
    metadata: { name: "simpletest.deployment" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "gc" } },
      template: { metadata: { labels: { app: "gc" } }, spec: sleeper("").spec },
    },
  };

  interface Owned {
    readonly path: string;
    readonly sets: string;
    readonly pods: string;
  }
  /** A Deployment with its ReplicaSet and pods, deleted with this policy. */
  const deleted = async (propagationPolicy: string): Promise<Owned> => {
    const namespace = await api.namespace("gc");
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    const path = `${apps}/deployments/simpletest.deployment`;
    const [sets, pods] = [`${apps}/replicasets`, `/api/v1/namespaces/${namespace}/pods`];
    const { uid } = (await api.ok("POST", `${apps}/deployments`, deployment)).metadata;
    await api.until("there are a ReplicaSet and its pods", async () => {
      const counts = [await api.get(sets), await api.get(pods)].map(({ items }) => items.length);
      return counts.join() === "1,2";
    });
    await api.ok("DELETE", path, { propagationPolicy, preconditions: { uid } });
    return { path, sets, pods };
  };

  it("Garbage collector should delete RS created by deployment when not orphaning", async () => {
    const { path, sets, pods } = await deleted("Background");
    for (const all of [sets, pods])
      await api.until(`nothing is left at ${all}`, async () => (await api.get(all)).items.length === 0, 30_000);
    expect((await api.call("GET", path)).code).toBe(404);
  });

  it("Garbage collector should orphan RS created by deployment when PropagationPolicy is Orphan", async () => {
    const { path, sets, pods } = await deleted("Orphan");
    await gone(path);
    // Who would collect them by mistake has done so once this one, which nobody owns any more, is collected.
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "Deployment", name: "gone", uid: "no-such-owner" }];
    const configMaps = pods.replace(/pods$/, "configmaps");
    await api.ok("POST", configMaps, { metadata: { name: "ownerless", ownerReferences } });
    await gone(`${configMaps}/ownerless`);
    const { items } = await api.get(sets);
    expect(items).toHaveLength(1);
    const [{ metadata }] = items;
    expect(metadata.ownerReferences ?? []).toEqual([]);
    expect(metadata.deletionTimestamp).toBeUndefined();
    const left = (await api.get(pods)).items;
    expect(left).toHaveLength(2);
    for (const pod of left) {
      expect(pod.metadata.deletionTimestamp).toBeUndefined();
      expect(pod.metadata.ownerReferences).toMatchObject([{ kind: "ReplicaSet", uid: metadata.uid }]);
    }
  });
});

const strategic = { type: "application/strategic-merge-patch+json" };
const merge = { type: "application/merge-patch+json" };
