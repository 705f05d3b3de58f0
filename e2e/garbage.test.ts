import { deployments } from "../api/apps/deployment.js";
import { replicaSets } from "../api/apps/replicaset.js";
import { builtins } from "../api/catalogue.js";
import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { pods } from "../api/core/pod/pod.js";
import { secrets } from "../api/core/secret.js";
import type { OwnerReference } from "../apimachinery/meta.js";
import { apiVersionOf, groupResourceOf, type ResourceRef } from "../apimachinery/resource.js";
import { StatusError } from "../apimachinery/status.js";
import { quickstart } from "./harness/cluster.js";
import { listPods, readyPods, uidsOf } from "./harness/pods.js";
import { isRunning, programOf } from "./harness/processes.js";
import { eventually } from "./harness/run.js";
import { onEachStore } from "./harness/stores.js";

const hold = "example.com/hold";

onEachStore("garbage", [], (running) => {
  const client = () => running.cluster.client;
  const applyIn = async (namespace: string): Promise<void> => {
    await client().create(namespaces, { metadata: { name: namespace } });
    await running.cluster.ok(["apply", "-n", namespace, "-f", quickstart]);
    await readyPods(running.cluster, 3, { namespace });
  };
  const isGone = async (target: ResourceRef, name: { readonly namespace?: string; readonly name: string }) =>
    client()
      .get(target, name)
      .then(
        () => undefined,
        (error: unknown) => (error instanceof StatusError && error.code === 404 ? true : undefined),
      );
  const release = (target: ResourceRef, name: { readonly namespace: string; readonly name: string }) =>
    client().patch(target, name, { type: "merge", body: { metadata: { finalizers: null } } });

  it("a deleted namespace is emptied of everything, waits for finalizers and says so, and goes", async () => {
    const namespace = "doomed";
    await applyIn(namespace);
    const programs = await Promise.all((await listPods(running.cluster, { namespace })).map(programOf));
    const head = await client().create(configMaps, { metadata: { name: "head", namespace } });
    const middle = await client().create(secrets, {
      metadata: { name: "middle", namespace, ownerReferences: [ownedBy(configMaps, head)], finalizers: [hold] },
      type: "Opaque",
    });
    await client().create(configMaps, {
      metadata: { name: "tail", namespace, ownerReferences: [ownedBy(secrets, middle)] },
    });
    await running.cluster.ok(["delete", "namespace", namespace, "--wait=false"]);
    const terminating = await eventually("only what is held is left", async () => {
      const { status } = await client().get(namespaces, { name: namespace });
      const message = status?.conditions?.find(({ type }) => type === "NamespaceContentRemaining")?.message ?? "";
      return message === "Some resources are remaining: secrets. has 1 resource instances" ? status : undefined;
    });
    expect(terminating.phase).toBe("Terminating");
    expect(terminating.conditions).toContainEqual(
      expect.objectContaining({
        type: "NamespaceFinalizersRemaining",
        status: "True",
        message: `Some content in the namespace has finalizers remaining: ${hold} in 1 resource instances`,
      }),
    );
    await expect(client().create(configMaps, { metadata: { name: "late", namespace } })).rejects.toThrow(
      `configmaps "late" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    );
    await release(secrets, { namespace, name: "middle" });
    await eventually("the namespace is gone", () => isGone(namespaces, { name: namespace }));
    for (const kind of builtins.filter(({ scope, verbs }) => scope === "Namespaced" && verbs.includes("list"))) {
      const { items } = await client().list(kind, { namespace });
      expect([groupResourceOf(kind), items.map(({ metadata }) => metadata.name)]).toEqual([groupResourceOf(kind), []]);
    }
    expect(programs.filter(isRunning)).toEqual([]);
  });

  it("what is owned goes after its owner, link by link; an owner that is no more, or another, counts as gone", async () => {
    const namespace = "default";
    const head = await client().create(configMaps, { metadata: { name: "head", namespace } });
    const middle = await client().create(secrets, {
      metadata: { name: "middle", namespace, ownerReferences: [ownedBy(configMaps, head)] },
      type: "Opaque",
    });
    const owned = (name: string, ...ownerReferences: OwnerReference[]) =>
      client().create(configMaps, { metadata: { name, namespace, ownerReferences } });
    await owned("tail", ownedBy(secrets, middle));
    const keeper = await client().create(configMaps, { metadata: { name: "keeper", namespace } });
    await owned("shared", ownedBy(configMaps, head), ownedBy(configMaps, keeper));
    await owned("stranger", { ...ownedBy(configMaps, keeper), uid: "00000000-0000-0000-0000-000000000000" });
    await owned("unknown", { apiVersion: "example.com/v1", kind: "Widget", name: "w", uid: "1" });
    await client().delete(configMaps, { namespace, name: "head" });
    for (const name of ["tail", "stranger"])
      await eventually(`${name} gone`, () => isGone(configMaps, { namespace, name }));
    await eventually("shared let go of its lost owner", async () => {
      const { metadata } = await client().get(configMaps, { namespace, name: "shared" });
      return metadata.ownerReferences?.length === 1;
    });
    expect(await isGone(configMaps, { namespace, name: "unknown" })).toBeUndefined();
  });

  it("foreground deletion waits for what is owned", async () => {
    const namespace = "patient";
    await applyIn(namespace);
    const [held] = await listPods(running.cluster, { namespace });
    const name = held?.metadata.name ?? "";
    await client().patch(pods, { namespace, name }, { type: "merge", body: { metadata: { finalizers: [hold] } } });
    const deletion = running.cluster.ok(["delete", "-n", namespace, "deployment/my-app", "--cascade=foreground"]);
    await eventually(
      "the other pods are gone",
      async () => (await listPods(running.cluster, { namespace })).length === 1,
    );
    const waiting = await client().get(deployments, { namespace, name: "my-app" });
    expect(waiting.metadata).toMatchObject({
      finalizers: ["foregroundDeletion"],
      deletionTimestamp: expect.any(String),
    });
    expect((await client().list(replicaSets, { namespace })).items).toHaveLength(1);
    await release(pods, { namespace, name });
    expect(await deletion).toBe('deployment.apps "my-app" deleted\n');
    expect((await client().list(replicaSets, { namespace })).items).toEqual([]);
    expect(await listPods(running.cluster, { namespace })).toEqual([]);
  });

  it("orphaned pods go on, and are adopted by who selects them", async () => {
    const namespace = "orphanage";
    await applyIn(namespace);
    const before = await readyPods(running.cluster, 3, { namespace });
    await running.cluster.ok(["delete", "-n", namespace, "deployment/my-app", "--cascade=orphan"]);
    const [orphan] = (await client().list(replicaSets, { namespace })).items;
    expect(orphan?.metadata.ownerReferences ?? []).toEqual([]);
    await running.cluster.ok(["delete", "-n", namespace, `replicaset/${orphan?.metadata.name}`, "--cascade=orphan"]);
    for (const pod of await readyPods(running.cluster, 3, { namespace }))
      expect(pod.metadata.ownerReferences ?? []).toEqual([]);
    // The ReplicaSet takes its pods back by their labels, the Deployment its ReplicaSet.
    const { metadata, spec } = orphan ?? { metadata: undefined, spec: undefined };
    if (!metadata || !spec) throw new Error("no ReplicaSet was left");
    const { name, labels = {}, annotations = {} } = metadata;
    const again = await client().create(replicaSets, { metadata: { name, namespace, labels, annotations }, spec });
    await running.cluster.ok(["apply", "-n", namespace, "-f", quickstart]);
    await running.cluster.ok(["rollout", "status", "-n", namespace, "deployment/my-app", "--timeout=60s"]);
    const after = await readyPods(running.cluster, 3, { namespace });
    expect(uidsOf(after)).toEqual(uidsOf(before));
    for (const pod of after)
      expect(pod.metadata.ownerReferences).toEqual([
        expect.objectContaining({ uid: again.metadata.uid, controller: true }),
      ]);
    const sets = (await client().list(replicaSets, { namespace })).items;
    expect(sets.map(({ metadata }) => metadata.uid)).toEqual([again.metadata.uid]);
    expect(sets[0]?.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: "Deployment", controller: true }),
    ]);
  });
});

const ownedBy = (
  owner: ResourceRef,
  { metadata: { name, uid } }: { readonly metadata: { readonly name: string; readonly uid: string } },
): OwnerReference => ({ apiVersion: apiVersionOf(owner), kind: owner.kind, name, uid });
