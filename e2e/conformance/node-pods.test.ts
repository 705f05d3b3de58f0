import { isIP } from "node:net";
import type { Pod } from "../../api/core/pod/pod.js";
import { ApiUser, type Json } from "../harness/api-conformance.js";
import { selecting, updates } from "../harness/api-lifecycle.js";
import { onRuntimes, script, waits } from "../harness/conformance.js";
import { busyboxImage } from "../harness/oci-image.js";

jest.setTimeout(90_000);

const lasting: object = { name: "test", image: "busybox", command: waits };

onRuntimes(["process", "cri"], "pods", (kit) => {
  const api = new ApiUser();
  beforeAll(() => api.use(kit.cluster));
  const list = () => `/api/v1/namespaces/${kit.namespace}/pods`;
  const pathOf = ({ metadata: { name } }: Pod): string => `${list()}/${name}`;
  const found = async (labels: Readonly<Record<string, string>>): Promise<readonly Json[]> =>
    (await api.get(`${list()}?${selecting(labels)}`)).items;
  const uidsOf = (items: readonly Json[]): readonly string[] => items.map(({ metadata }) => metadata.uid);

  const strategic = { type: "application/strategic-merge-patch+json" };
  /** A pod with a container in it that was not there when it began: it runs, and can be spoken to. */
  const debugged = async (): Promise<Pod> => {
    const pod = await kit.ready(await kit.create("debugged", { containers: [lasting] }));
    expect(pod.metadata.generation).toBe(1);
    const debug = {
      ...{ name: "debugger", image: "busybox", imagePullPolicy: "IfNotPresent", stdin: true, tty: true },
      command: script("while true; do echo polo; sleep 2; done"),
    };
    await api.ok("PATCH", `${pathOf(pod)}/ephemeralcontainers`, { spec: { ephemeralContainers: [debug] } }, strategic);
    await kit.until(pod, "is debugged", ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.running);
    expect((await kit.get(pod)).metadata.generation).toBe(2);
    const inside = ["exec", "-n", kit.namespace, pod.metadata.name, "-c", "debugger", "--", "/bin/echo", "marco"];
    expect(await kit.cluster.ok(inside)).toBe("marco\n");
    await kit.logged(pod, "polo", "debugger");
    return pod;
  };

  it("Ephemeral Containers will start an ephemeral container in an existing pod", async () => {
    await kit.delete(await debugged(), 0);
  });

  it("Ephemeral Containers should update the ephemeral containers in an existing pod", async () => {
    const pod = await debugged();
    const path = `${pathOf(pod)}/ephemeralcontainers`;
    const names = async (): Promise<readonly string[]> =>
      (await api.get(path)).spec.ephemeralContainers.map(({ name }: Json) => name);
    expect(await names()).toEqual(["debugger"]);
    const another = {
      ...lasting,
      name: "debugger2",
      imagePullPolicy: "IfNotPresent",
      terminationMessagePolicy: "File",
    };
    await updates(api, path, (now) => ({
      ...now,
      spec: { ...now.spec, ephemeralContainers: [...now.spec.ephemeralContainers, another] },
    }));
    expect(await names()).toEqual(["debugger", "debugger2"]);
    await kit.until(
      pod,
      "is debugged twice",
      ({ status }) => status?.ephemeralContainerStatuses?.filter(({ state }) => state?.running).length === 2,
    );
    await kit.delete(pod, 0);
  });

  it("Pods should get a host IP", async () => {
    const pod = await kit.create("hosted", { containers: [lasting] });
    const { status } = await kit.until(pod, "has a host", (now) => now.status?.hostIP);
    expect(isIP(status?.hostIP ?? "")).toBe(4);
    expect(status?.hostIPs).toEqual([{ ip: status?.hostIP }]);
    await kit.delete(pod, 0);
  });

  it("Pods should be submitted and removed", async () => {
    const labels = { time: kit.name("t") };
    const before = await api.get(`${list()}?${selecting(labels)}`);
    expect(before.items).toEqual([]);
    const since = `resourceVersion=${before.metadata.resourceVersion}`;
    const watched = await api.watch(`${list()}?${selecting(labels)}&${since}`);
    const pod = await kit.create("submitted", { terminationGracePeriodSeconds: 30, containers: [lasting] }, { labels });
    expect(uidsOf(await found(labels))).toEqual([pod.metadata.uid]);
    expect((await watched.take(1))[0]).toMatchObject({
      type: "ADDED",
      object: { metadata: { uid: pod.metadata.uid } },
    });
    await kit.phase(pod, "Running");
    await api.ok("DELETE", pathOf(pod), { gracePeriodSeconds: 30 });
    await api.until("the deletion is told", async () => watched.events.at(-1)?.type === "DELETED", 40_000);
    const told = watched.events.map(({ type }) => type);
    expect(told).toEqual(["ADDED", ...told.slice(1, -1).map(() => "MODIFIED"), "DELETED"]);
    const ending = watched.events.findIndex(({ object }) => object.metadata.deletionTimestamp !== undefined);
    expect(told[ending]).toBe("MODIFIED");
    const last = watched.events.at(-1)?.object;
    expect(last.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect(last.spec.terminationGracePeriodSeconds).toBe(30);
    expect(await found(labels)).toEqual([]);
    watched.stop();
  });

  it("Pods should be updated", async () => {
    const labels = { time: kit.name("t") };
    const pod = await kit.ready(await kit.create("updated", { containers: [lasting] }, { labels }));
    expect(uidsOf(await found(labels))).toEqual([pod.metadata.uid]);
    const changed = { time: kit.name("t") };
    await updates(api, pathOf(pod), (now) => ({
      ...now,
      metadata: { ...now.metadata, labels: { ...now.metadata.labels, ...changed } },
    }));
    await kit.phase(pod, "Running");
    expect(uidsOf(await found(changed))).toEqual([pod.metadata.uid]);
    expect(await found(labels)).toEqual([]);
    await kit.delete(pod, 0);
  });

  it("Pods should allow activeDeadlineSeconds to be updated", async () => {
    const labels = { time: kit.name("t") };
    const pod = await kit.ready(await kit.create("deadline", { containers: [lasting] }, { labels }));
    expect(uidsOf(await found(labels))).toEqual([pod.metadata.uid]);
    await updates(api, pathOf(pod), (now) => ({ ...now, spec: { ...now.spec, activeDeadlineSeconds: 3 } }));
    const { status } = await kit.phase(pod, "Failed");
    expect(status?.reason).toBe("DeadlineExceeded");
    const endedMs = Date.parse(status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? "");
    expect(endedMs - Date.parse(status?.startTime ?? "")).toBeGreaterThanOrEqual(3_000);
    await kit.delete(pod, 0);
  });

  it("Pods should delete a collection of pods", async () => {
    const labels = { type: "Testing" };
    const made: Pod[] = [];
    for (let count = 0; count < 3; count++) made.push(await kit.create("set", { containers: [lasting] }, { labels }));
    for (const pod of made) await kit.ready(pod);
    expect(await found(labels)).toHaveLength(3);
    await api.ok("DELETE", `${list()}?${selecting(labels)}`, { gracePeriodSeconds: 1 });
    await api.until("all are gone", async () => (await found(labels)).length === 0, 40_000);
  });

  it("Pods Extended QOS Class should be set on Pods with matching requests and limits for memory and cpu", async () => {
    const amounts = { cpu: "100m", memory: "100Mi" };
    const pod = await kit.create("qos", {
      containers: [{ ...lasting, resources: { requests: amounts, limits: amounts } }],
    });
    expect((await kit.get(pod)).status?.qosClass).toBe("Guaranteed");
    await kit.delete(pod, 0);
  });

  it("Pods Extended Pod Generation should start at 1 and increment per update", async () => {
    kit.importImages({ "docker.io/library/alpine:latest": busyboxImage() });
    const first = { ...lasting, name: "first", command: script("true") };
    const pod = await kit.ready(await kit.create("generation", { initContainers: [first], containers: [lasting] }));
    expect(pod.metadata.generation).toBe(1);
    const withImage = ([container]: readonly Json[]): readonly Json[] => [{ ...container, image: "alpine" }];
    const toleration = { key: "foo", operator: "Equal", value: "bar", effect: "NoSchedule" };
    const changes: readonly (readonly [string, number, (now: Json) => Json])[] = [
      ["nothing", 1, (now) => now],
      ["tolerations", 2, ({ spec, ...now }) => ({ ...now, spec: { ...spec, tolerations: [toleration] } })],
      ["a deadline", 3, ({ spec, ...now }) => ({ ...now, spec: { ...spec, activeDeadlineSeconds: 5000 } })],
      ["an image", 4, ({ spec, ...now }) => ({ ...now, spec: { ...spec, containers: withImage(spec.containers) } })],
      [
        "an init container's image",
        5,
        ({ spec, ...now }) => ({ ...now, spec: { ...spec, initContainers: withImage(spec.initContainers) } }),
      ],
      ["metadata", 5, ({ metadata, ...now }) => ({ ...now, metadata: { ...metadata, annotations: { key: "value" } } })],
      ["the generation", 5, ({ metadata, ...now }) => ({ ...now, metadata: { ...metadata, generation: 1 } })],
    ];
    for (const [what, generation, change] of changes) {
      await updates(api, pathOf(pod), change);
      expect([what, (await kit.get(pod)).metadata.generation]).toEqual([what, generation]);
      await kit.until(pod, `is observed after ${what}`, ({ status }) => status?.observedGeneration === generation);
    }
    await kit.delete(pod, 0);
  });

  it("Pods Extended Pod Generation custom-set generation on new pods and graceful delete", async () => {
    const stubborn = { ...lasting, command: script("trap '' TERM; while :; do sleep 1; done") };
    const pod = await kit.ready(await kit.create("generation", { containers: [stubborn] }, { generation: 100 }));
    expect(pod.metadata.generation).toBe(1);
    const { code, body } = await api.call("DELETE", `${pathOf(pod)}?gracePeriodSeconds=60`);
    expect([code, body.metadata.generation]).toEqual([200, 2]);
    const ending = await kit.get(pod);
    expect(ending.metadata.deletionTimestamp).toBeDefined();
    expect(ending.metadata.generation).toBe(2);
    await kit.delete(pod, 0);
  });

  it("Pods Extended Pod Generation issue 500 podspec updates; generation and observedGeneration converge", async () => {
    const spec = { containers: [lasting], activeDeadlineSeconds: 5_000 };
    const pod = await kit.ready(await kit.create("generation", spec));
    for (let count = 1; count < 500; count++)
      await api.ok("PATCH", pathOf(pod), { spec: { activeDeadlineSeconds: 5_000 - count } });
    await kit.until(pod, "is observed", ({ status }) => status?.observedGeneration === 500);
    const now = await kit.get(pod);
    expect([now.metadata.generation, now.spec.activeDeadlineSeconds]).toEqual([500, 4_501]);
    await kit.delete(pod, 0);
  });

  it("Pods should patch a pod status", async () => {
    const labels = { is: kit.name("patched") };
    const pod = await kit.ready(await kit.create("patched", { containers: [lasting] }, { labels }));
    const everywhere = (await api.get(`/api/v1/pods?${selecting(labels)}`)).items;
    expect(uidsOf(everywhere)).toEqual([pod.metadata.uid]);
    const said = { message: "Patched by e2e test", reason: "E2E" };
    const change = { metadata: { annotations: { patchedstatus: "true" } }, status: said };
    const patched = await api.ok("PATCH", `${pathOf(pod)}/status`, change, strategic);
    expect(patched).toMatchObject({ ...change, status: { ...said, phase: "Running" } });
    await kit.delete(pod, 0);
  });
});
