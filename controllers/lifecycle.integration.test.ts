import { deployments } from "../api/apps/deployment.js";
import { replicaSets } from "../api/apps/replicaset.js";
import { leases } from "../api/coordination/lease.js";
import { type ConfigMap, configMaps } from "../api/core/config-map.js";
import { endpoints } from "../api/core/endpoints.js";
import { namespaces } from "../api/core/namespace.js";
import { nodes } from "../api/core/node/node.js";
import { pods } from "../api/core/pod/pod.js";
import { services } from "../api/core/service.js";
import { serviceAccounts } from "../api/core/service-account.js";
import { endpointSlices } from "../api/discovery/endpoint-slice.js";
import type { KubeObject } from "../apimachinery/meta.js";
import { toMicroTime, toTime } from "../base/clock.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { openWorkshop, type Workshop } from "../e2e/harness/controllers.js";
import { allControllers } from "./catalogue.js";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop(
    new VirtualClock(),
    allControllers({ rootCaCertificate: "THE CA", podCidr: "10.244.0.0/16" }),
  );
  for (const name of ["default", "kube-node-lease"]) await workshop.client.create(namespaces, { metadata: { name } });
  await workshop.clock.advance(100);
});
afterEach(() => workshop.stop());

const inDefault = (name: string) => ({ namespace: "default", name });
const isGone = (read: Promise<unknown>): Promise<boolean> =>
  read.then(
    () => false,
    (error) => error.reason === "NotFound",
  );
const ownedBy = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject, blockOwnerDeletion = true) => ({
  apiVersion,
  kind,
  name,
  uid,
  blockOwnerDeletion,
});
const put = (
  name: string,
  owners: readonly KubeObject[] = [],
  finalizers: readonly string[] = [],
): Promise<ConfigMap> =>
  workshop.client.create(configMaps, {
    metadata: { ...inDefault(name), ownerReferences: owners.map((owner) => ownedBy(owner)), finalizers },
  });
const has = async (name: string): Promise<boolean> => !(await isGone(workshop.client.get(configMaps, inDefault(name))));

test("a new namespace gets its service account and the certificate to trust", async () => {
  await workshop.client.create(namespaces, { metadata: { name: "fresh" } });
  await workshop.clock.advance(1_000);
  await workshop.client.get(serviceAccounts, { namespace: "fresh", name: "default" });
  const { data } = await workshop.client.get(configMaps, { namespace: "fresh", name: "kube-root-ca.crt" });
  expect(data).toEqual({ "ca.crt": "THE CA" });
  await workshop.client.delete(serviceAccounts, { namespace: "fresh", name: "default" });
  await workshop.client.patch(
    configMaps,
    { namespace: "fresh", name: "kube-root-ca.crt" },
    { type: "merge", body: { data: { "ca.crt": "FORGED" } } },
  );
  await workshop.clock.advance(1_000);
  await workshop.client.get(serviceAccounts, { namespace: "fresh", name: "default" });
  const after = await workshop.client.get(configMaps, { namespace: "fresh", name: "kube-root-ca.crt" });
  expect(after.data).toEqual({ "ca.crt": "THE CA" });
});

test("what an object owns goes with it, down the chain", async () => {
  const top = await put("top");
  const middle = await put("middle", [top]);
  await put("leaf", [middle]);
  await put("stranger");
  await workshop.client.delete(configMaps, inDefault("top"));
  await workshop.until("the chain is gone", async () => !(await has("middle")) && !(await has("leaf")), 10_000);
  expect(await has("stranger")).toBe(true);
});

test("foreground deletion waits for what blocks it", async () => {
  const top = await put("top");
  await put("held", [top], ["example.com/hold"]);
  await workshop.client.delete(configMaps, inDefault("top"), { propagationPolicy: "Foreground" });
  await workshop.clock.advance(5_000);
  expect(await has("top")).toBe(true);
  const held = await workshop.client.get(configMaps, inDefault("held"));
  expect(held.metadata.deletionTimestamp).toBeDefined();
  await workshop.client.patch(configMaps, inDefault("held"), { type: "merge", body: { metadata: { finalizers: [] } } });
  await workshop.until("both are gone", async () => !(await has("top")) && !(await has("held")), 10_000);
});

test("orphaned dependents stay and have no owner any more", async () => {
  const top = await put("top");
  await put("kept", [top]);
  await workshop.client.delete(configMaps, inDefault("top"), { propagationPolicy: "Orphan" });
  await workshop.until("the owner is gone", async () => !(await has("top")), 10_000);
  const kept = await workshop.client.get(configMaps, inDefault("kept"));
  expect(kept.metadata.ownerReferences ?? []).toEqual([]);
});

test("a reference to another uid of that name is to nobody; one to an unknown kind keeps its object", async () => {
  const top = await put("top");
  const { ownerReferences: _, ...metadata } = top.metadata;
  await put("stale", [{ ...top, metadata: { ...metadata, uid: "another-uid" } }]);
  await put("foreign", [{ ...top, apiVersion: "example.com/v1", kind: "Widget" }]);
  await workshop.until("the stale one is gone", async () => !(await has("stale")), 10_000);
  await workshop.clock.advance(120_000);
  expect(await has("foreign")).toBe(true);
});

test("a namespace that is deleted loses everything in it, says what holds it up, and goes", async () => {
  await workshop.client.create(namespaces, { metadata: { name: "doomed" } });
  const there = { namespace: "doomed" };
  await workshop.client.create(configMaps, { metadata: { ...there, name: "held", finalizers: ["example.com/hold"] } });
  await workshop.client.create(services, {
    metadata: { ...there, name: "web" },
    spec: { ports: [{ port: 80 }], selector: { a: "b" } },
  });
  await workshop.client.delete(namespaces, { name: "doomed" });
  await workshop.clock.advance(10_000);
  const namespace = await workshop.client.get(namespaces, { name: "doomed" });
  const conditions = Object.fromEntries(
    (namespace.status?.conditions ?? []).map(({ type, status, message }) => [type, `${status}: ${message}`]),
  );
  expect(conditions).toMatchObject({
    NamespaceDeletionDiscoveryFailure: "False: All resources successfully discovered",
    NamespaceContentRemaining: "True: Some resources are remaining: configmaps. has 1 resource instances",
    NamespaceFinalizersRemaining:
      "True: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
  });
  await workshop.client.patch(
    configMaps,
    { ...there, name: "held" },
    { type: "merge", body: { metadata: { finalizers: [] } } },
  );
  await workshop.until(
    "the namespace is gone",
    () => isGone(workshop.client.get(namespaces, { name: "doomed" })),
    30_000,
  );
  expect((await workshop.client.list(services, there)).items).toEqual([]);
});

async function addNode(name: string): Promise<{ beat(): Promise<void> }> {
  const node = await workshop.client.create(nodes, { metadata: { name } });
  const beat = async (): Promise<void> => {
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: toMicroTime(workshop.clock.now()) };
    const lease = { namespace: "kube-node-lease", name };
    await workshop.client
      .patch(leases, lease, { type: "merge", body: { spec } })
      .catch(() => workshop.client.create(leases, { metadata: lease, spec }));
  };
  const now = toTime(workshop.clock.now());
  const ready = { type: "Ready", status: "True" as const, lastHeartbeatTime: now, lastTransitionTime: now };
  await workshop.client.patch(
    nodes,
    { name },
    { type: "merge", subresource: "status", body: { status: { conditions: [ready] } } },
  );
  await beat();
  expect(node.metadata.uid).toBeDefined();
  return { beat };
}

test("nodes get a part of the pod range; a silent one is tainted after 40 s and loses its pods after 300 s more", async () => {
  const [well, silent] = [await addNode("well"), await addNode("silent")];
  await workshop.clock.advance(1_000);
  const cidrs = (await workshop.client.list(nodes)).items.map(({ spec }) => spec.podCIDR).sort();
  expect(cidrs).toEqual(["10.244.0.0/24", "10.244.1.0/24"]);
  const tolerations = ["not-ready", "unreachable"].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists" as const,
    effect: "NoExecute" as const,
    tolerationSeconds: 300,
  }));
  await workshop.client.create(pods, {
    metadata: inDefault("web"),
    spec: { nodeName: "silent", tolerations, containers: [{ name: "x", image: "x" }] },
  });
  const run = async (seconds: number, silentBeats = false): Promise<void> => {
    for (let at = 0; at < seconds; at += 10) {
      await workshop.clock.advance(10_000);
      await well.beat();
      if (silentBeats) await silent.beat();
    }
  };
  const keysOf = async (name: string) =>
    (await workshop.client.get(nodes, { name })).spec.taints?.map(({ key, effect }) => `${key}:${effect}`) ?? [];
  await run(100, true);
  expect(await keysOf("silent")).toEqual([]);
  await run(60);
  expect(await keysOf("silent")).toEqual([
    "node.kubernetes.io/unreachable:NoSchedule",
    "node.kubernetes.io/unreachable:NoExecute",
  ]);
  expect(await keysOf("well")).toEqual([]);
  await run(260);
  expect((await workshop.client.get(pods, inDefault("web"))).metadata.deletionTimestamp).toBeUndefined();
  await run(60);
  const pod = await workshop.client.get(pods, inDefault("web"));
  expect(pod.metadata.deletionTimestamp).toBeDefined();
  expect(pod.status?.conditions).toContainEqual(
    expect.objectContaining({ type: "DisruptionTarget", reason: "DeletionByTaintManager" }),
  );
});

test("pods of a node that is gone are collected after a while", async () => {
  await addNode("brief");
  await workshop.client.create(pods, {
    metadata: inDefault("left"),
    spec: { nodeName: "brief", containers: [{ name: "x", image: "x" }] },
  });
  await workshop.clock.advance(30_000);
  await workshop.client.delete(nodes, { name: "brief" });
  await workshop.until("the pod is gone", () => isGone(workshop.client.get(pods, inDefault("left"))), 120_000);
});

test("a Service has endpoints while its pods have addresses, and none of it outlives it", async () => {
  await workshop.client.create(services, {
    metadata: inDefault("web"),
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await workshop.client.create(pods, {
    metadata: { ...inDefault("a"), labels: { app: "web" } },
    spec: { nodeName: "n", containers: [{ name: "x", image: "x" }] },
  });
  await workshop.client.patch(pods, inDefault("a"), {
    type: "merge",
    subresource: "status",
    body: {
      status: {
        phase: "Running",
        podIP: "10.244.0.5",
        podIPs: [{ ip: "10.244.0.5" }],
        conditions: [{ type: "Ready", status: "True" }],
      },
    },
  });
  await workshop.clock.advance(1_000);
  const { subsets } = await workshop.client.get(endpoints, inDefault("web"));
  expect(subsets).toMatchObject([{ addresses: [{ ip: "10.244.0.5" }], ports: [{ port: 8080, protocol: "TCP" }] }]);
  const slices = (await workshop.client.list(endpointSlices, { namespace: "default" })).items;
  expect(slices).toMatchObject([{ endpoints: [{ addresses: ["10.244.0.5"], conditions: { ready: true } }] }]);
  await workshop.client.delete(services, inDefault("web"));
  await workshop.until(
    "all is gone",
    async () => {
      const left = (await workshop.client.list(endpointSlices, { namespace: "default" })).items.length;
      return left === 0 && (await isGone(workshop.client.get(endpoints, inDefault("web"))));
    },
    20_000,
  );
});

test("a deleted Deployment takes its ReplicaSets and pods along", async () => {
  const labels = { app: "web" };
  await workshop.client.create(deployments, {
    metadata: inDefault("web"),
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "x", image: "x" }] } },
    },
  });
  await workshop.until("two pods", async () => (await workshop.client.list(pods)).items.length === 2, 10_000);
  await workshop.client.delete(deployments, inDefault("web"));
  await workshop.until(
    "nothing is left",
    async () => {
      const sets = (await workshop.client.list(replicaSets)).items.length;
      return (
        sets === 0 &&
        (await workshop.client.list(pods)).items.every(({ metadata }) => metadata.deletionTimestamp !== undefined)
      );
    },
    20_000,
  );
});

test("an object that no controller can make sense of stalls itself alone", async () => {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "x", image: "x" }] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  await workshop.client.create(deployments, { metadata: inDefault("model"), spec });
  await workshop.until("its pod", async () => (await workshop.client.list(pods)).items.length === 1, 10_000);
  const bogus = { matchExpressions: [{ key: "app", operator: "Bogus" }] };
  for (const [prefix, name] of [
    ["/registry/apps/deployments/default/", "model"],
    ["/registry/apps/replicasets/default/", ""],
  ] as const) {
    const [stored] = (await workshop.storage.list(`${prefix}${name}`)).items;
    const object = JSON.parse(Buffer.from(stored?.value ?? []).toString());
    const poison = {
      ...object,
      metadata: { ...object.metadata, name: "poison", uid: `poison-${name}`, ownerReferences: [] },
      spec: { ...object.spec, selector: bogus },
    };
    await workshop.storage.create(`${prefix}poison`, Buffer.from(JSON.stringify(poison)));
  }
  await workshop.clock.advance(1_000);
  await workshop.client.create(deployments, {
    metadata: inDefault("after"),
    spec: {
      ...spec,
      selector: { matchLabels: { app: "b" } },
      template: { ...template, metadata: { labels: { app: "b" } } },
    },
  });
  await workshop.until("its pod too", async () => (await workshop.client.list(pods)).items.length === 2, 10_000);
  const poisoned = await workshop.client.get(deployments, inDefault("poison"));
  expect(poisoned.spec.selector).toEqual(bogus);
  const [running] = (await workshop.client.list(pods, { labelSelector: "app=b" })).items;
  await workshop.client.create(pods, {
    metadata: { ...inDefault("stray"), labels: { ...running?.metadata.labels } },
    spec: { containers: [{ name: "x", image: "x" }] },
  });
  await workshop.until(
    "the stray pod is taken on, and one of two is ended",
    async () => {
      const found = (await workshop.client.list(pods, { labelSelector: "app=b" })).items;
      const staying = found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return staying.length === 1 && staying.every(({ metadata }) => metadata.ownerReferences?.length === 1);
    },
    10_000,
  );
});
