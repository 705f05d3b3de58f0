import { ApiUser, type Json, type Seen } from "../harness/api-conformance.js";
import { updates } from "../harness/api-lifecycle.js";
import { onRuntimes } from "../harness/conformance.js";

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

  const revisionOf = ({ metadata }: Json): string => metadata.annotations?.["deployment.kubernetes.io/revision"];
  /** The ReplicaSet of what the Deployment asks for now, and the others that it owns. */
  const setsOf = async (sets: string, deployment: Json): Promise<{ readonly current: Json; readonly old: Json[] }> => {
    const owned = (await api.get(sets)).items.filter(({ metadata }: Json) =>
      metadata.ownerReferences?.some(({ uid }: Json) => uid === deployment.metadata.uid),
    );
    const wanted = deployment.spec.template.spec.containers[0];
    const isCurrent = ({ spec: { template } }: Json): boolean =>
      template.spec.containers[0].image === wanted.image && template.spec.containers[0].name === wanted.name;
    return { current: owned.find(isCurrent), old: owned.filter((set: Json) => !isCurrent(set)) };
  };
  const atRevision = (sets: string, path: string, revision: string, image: string): Promise<void> =>
    api.until(`revision ${revision} has the image ${image}`, async () => {
      const deployment = await api.get(path);
      const { current } = await setsOf(sets, deployment);
      if (current === undefined || revisionOf(deployment) !== revision) return false;
      return revisionOf(current) === revision && current.spec.template.spec.containers[0].image === image;
    });
  const observed = (path: string, generation: number): Promise<void> =>
    api.until("the change is observed", async () => (await api.get(path)).status.observedGeneration >= generation);
  const adopted = (name: string, annotations: Json = {}): Json => {
    const own = { ...labels, pod: "httpd" };
    const { template } = spec(1);
    return {
      metadata: { name, labels: own, annotations },
      spec: { replicas: 1, selector: { matchLabels: own }, template: { ...template, metadata: { labels: own } } },
    };
  };
  const ready = (path: string, count: number): Promise<void> =>
    api.until(`${count} replicas are ready`, async () => (await api.get(path)).status.readyReplicas === count);

  it("Deployment RollingUpdate should delete old pods and create new ones", async () => {
    const { all, sets } = await namespaced();
    const path = `${all}/test-rolling-update-deployment`;
    // The next one is beyond what a floating point number holds.
    const annotations = { "deployment.kubernetes.io/revision": "3546343826724305832" };
    await api.ok("POST", sets, adopted("test-rolling-update-controller", annotations));
    await ready(`${sets}/test-rolling-update-controller`, 1);
    await api.ok("POST", all, { metadata: { name: "test-rolling-update-deployment" }, spec: spec(1, "alpine") });
    await atRevision(sets, path, "3546343826724305833", "alpine");
    await complete(path);
    const { old } = await setsOf(sets, await api.get(path));
    expect(old.map(({ metadata }) => metadata.name)).toEqual(["test-rolling-update-controller"]);
    expect(old[0].spec.replicas).toBe(0);
  });

  it("Deployment should support rollover", async () => {
    const { all, sets } = await namespaced();
    const path = `${all}/test-rollover-deployment`;
    await api.ok("POST", sets, adopted("test-rollover-controller"));
    await ready(`${sets}/test-rollover-controller`, 1);
    const stuck = { ...spec(1), minReadySeconds: 2 };
    stuck.strategy = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    stuck.template.spec.containers = [{ name: "redis", image: "no-such-image:nonexistent" }];
    await api.ok("POST", all, { metadata: { name: "test-rollover-deployment" }, spec: stuck });
    await api.until("it scales up", async () => ((await api.get(path)).status.updatedReplicas ?? 0) >= 1);
    await atRevision(sets, path, "1", "no-such-image:nonexistent");
    const { current, old } = await setsOf(sets, await api.get(path));
    for (const set of [current, ...old]) expect([set.spec.replicas, set.status.replicas]).toEqual([1, 1]);
    expect(old.map(({ metadata }) => metadata.name)).toEqual(["test-rollover-controller"]);
    const containers = [{ $patch: "delete", name: "redis" }, spec(1, "alpine").template.spec.containers[0]];
    const { metadata } = await api.ok("PATCH", path, { spec: { template: { spec: { containers } } } }, strategic);
    await observed(path, metadata.generation);
    await atRevision(sets, path, "2", "alpine");
    let bounds: Json[] = [];
    await api.until("the rollout is complete", async () => {
      const { status } = await api.get(path);
      bounds = [...bounds, [status.replicas <= 2, status.availableReplicas >= 1]];
      return status.updatedReplicas === 1 && status.replicas === 1 && status.availableReplicas === 1;
    });
    expect(bounds.flat()).not.toContain(false);
    for (const name of ["test-rollover-controller", current.metadata.name])
      await api.until(`${name} has no replicas`, async () => {
        const set = await api.get(`${sets}/${name}`);
        return set.spec.replicas === 0 && set.status.replicas === 0;
      });
  });

  it("Deployment should support proportional scaling", async () => {
    const { all, sets } = await namespaced();
    const path = `${all}/webserver-deployment`;
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
    await api.ok("POST", all, { metadata: { name: "webserver-deployment" }, spec: { ...spec(10), strategy } });
    await complete(path);
    const { current: first } = await setsOf(sets, await api.get(path));
    const has = (set: Json, replicas: number, available?: number): Promise<void> =>
      api.until(
        `${set.metadata.name} has ${replicas} replicas`,
        async () => {
          const now = await api.get(`${sets}/${set.metadata.name}`);
          if (now.spec.replicas !== replicas || now.status.replicas !== replicas) return false;
          return available === undefined || (now.status.availableReplicas ?? 0) === available;
        },
        40_000,
      );
    const containers = [{ name: "httpd", image: "webserver:404" }];
    const { metadata } = await api.ok("PATCH", path, { spec: { template: { spec: { containers } } } });
    await observed(path, metadata.generation);
    await has(first, 8, 8);
    const { current: second } = await setsOf(sets, await api.get(path));
    await has(second, 5, 0);
    expect((await api.get(path)).status.availableReplicas).toBeGreaterThanOrEqual(8);
    await api.ok("PATCH", path, { spec: { replicas: 30 } });
    await has(first, 20);
    await has(second, 13);
  });

  it("Deployment should run the lifecycle of a Deployment", async () => {
    const { all } = await namespaced();
    const path = `${all}/test-deployment`;
    const own = { "test-deployment-static": api.name("value") };
    const selector = `labelSelector=${encodeURIComponent(`test-deployment-static=${own["test-deployment-static"]}`)}`;
    const watched = await api.watch(`${all}?${selector}`);
    let read = 0;
    /** An event after those that were told before. */
    const told = (what: string, is: (event: Seen) => boolean): Promise<void> =>
      api.until(
        what,
        async () => {
          const at = watched.events.findIndex((event, index) => index >= read && is(event));
          if (at >= 0) read = at + 1;
          return at >= 0;
        },
        40_000,
      );
    const isAll = (count: number, image: string, { object: { spec: now, status } }: Seen): boolean =>
      now.template.spec.containers[0].image === image &&
      [status.readyReplicas, status.updatedReplicas, status.replicas].every((each) => each === count) &&
      (status.unavailableReplicas ?? 0) === 0;
    const draft = { metadata: { name: "test-deployment", labels: own }, spec: spec(2) };
    await api.ok("POST", all, draft);
    await told("it is added", ({ type }) => type === "ADDED");
    await told("two replicas are ready", ({ object }) => object.status.readyReplicas === 2);
    const patchedSpec = { terminationGracePeriodSeconds: 2, containers: [{ name: "httpd", image: "alpine" }] };
    const change = { metadata: { labels: { "test-deployment": "patched" } } };
    await api.ok("PATCH", path, { ...change, spec: { replicas: 1, template: { spec: patchedSpec } } }, strategic);
    await told(
      "it is patched",
      ({ type, object }) => type === "MODIFIED" && object.metadata.labels["test-deployment"] === "patched",
    );
    await told(
      "it is scaled",
      (event) => isAll(1, "alpine", event) && event.object.spec.template.spec.terminationGracePeriodSeconds === 2,
    );
    const { items } = await api.get(`/apis/apps/v1/deployments?${selector}`);
    expect(items.map(({ metadata }: Json) => metadata.name)).toEqual(["test-deployment"]);
    await api.ok("PUT", path, {
      metadata: { ...draft.metadata, labels: { ...own, "test-deployment": "updated" } },
      spec: spec(2, "node"),
    });
    const isUpdated = ({ spec: now, metadata }: Json): void =>
      expect([now.template.spec.containers[0].image, metadata.labels["test-deployment"]]).toEqual(["node", "updated"]);
    isUpdated(await api.get(`${path}/status`));
    await told("it is updated", (event) => isAll(2, "node", event));
    await api.ok("PATCH", `${path}/status`, { status: { readyReplicas: 0, availableReplicas: 0 } }, strategic);
    await told("its status is patched", ({ object: { status } }) => !status.readyReplicas && !status.availableReplicas);
    isUpdated(await api.get(`${path}/status`));
    await told("its controller puts that right", (event) => isAll(2, "node", event));
    await api.ok("DELETE", `${all}?${selector}`, { gracePeriodSeconds: 1 });
    await told("it is deleted", ({ type }) => type === "DELETED");
    watched.stop();
    expect((await api.call("GET", path)).code).toBe(404);
  });

  it("Deployment should validate Deployment Status endpoints", async () => {
    const { all, sets } = await namespaced();
    const path = `${all}/test-deployment`;
    const metadata = { name: "test-deployment", labels: { e2e: "testing" } };
    await api.ok("POST", all, { metadata, spec: spec(1) });
    await atRevision(sets, path, "1", "busybox");
    await complete(path);
    const watched = await api.watch(`${all}?labelSelector=e2e%3Dtesting`);
    const sees = (type: string): Promise<void> =>
      api.until(`the watch tells of ${type}`, async () =>
        watched.events.some(({ object }) => object.status.conditions?.some((each: Json) => each.type === type)),
      );
    expect((await api.get(`${path}/status`)).status.conditions.length).toBeGreaterThan(0);
    const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "written by a test" };
    const updated = await updates(api, `${path}/status`, (now) => ({
      ...now,
      status: { ...now.status, conditions: [...now.status.conditions, condition] },
    }));
    expect(updated.status.conditions).toContainEqual(expect.objectContaining(condition));
    await sees("StatusUpdate");
    const body = { status: { conditions: [{ type: "StatusPatched", status: "True" }] } };
    const patched = await api.ok("PATCH", `${path}/status`, body);
    expect(patched.status.conditions).toMatchObject(body.status.conditions);
    await sees("StatusPatched");
    watched.stop();
  });
});
