import { deployments } from "../api/apps/deployment.js";
import { namespaces } from "../api/core/namespace.js";
import { pods } from "../api/core/pod/pod.js";
import { services } from "../api/core/service.js";
import { endpointSlices } from "../api/discovery/endpoint-slice.js";
import { type Cluster, quickstart, startCluster, stopClusters } from "./harness/cluster.js";
import { type Etcd, startEtcd } from "./harness/etcd.js";
import { describeWith } from "./harness/needs.js";
import { listPods, readyPods, restartsOf } from "./harness/pods.js";
import { programOf } from "./harness/processes.js";
import { eventually } from "./harness/run.js";

/** Objects that no server would have taken, as a bug or another version might have left them: by storage key. */
const poison: Readonly<
  Record<string, { readonly kind: string; readonly apiVersion?: string; readonly [field: string]: unknown }>
> = {
  "apps/deployments/default": {
    kind: "Deployment",
    apiVersion: "apps/v1",
    spec: { replicas: "many", selector: 7, template: null, strategy: { type: "Hope" } },
  },
  "apps/replicasets/default": {
    kind: "ReplicaSet",
    apiVersion: "apps/v1",
    spec: { replicas: -3, selector: { matchExpressions: [{ key: "a", operator: "Perhaps" }] }, template: {} },
  },
  "pods/default": {
    kind: "Pod",
    spec: { containers: [{ resources: { requests: { cpu: "lots" } } }], tolerations: "all" },
  },
  "services/default": { kind: "Service", spec: { selector: { app: 5 }, ports: "http" } },
  "endpoints/default": { kind: "Endpoints", subsets: "none" },
  "discovery.k8s.io/endpointslices/default": {
    kind: "EndpointSlice",
    apiVersion: "discovery.k8s.io/v1",
    labels: { "kubernetes.io/service-name": "poison" },
    endpoints: 3,
  },
  "serviceaccounts/default": { kind: "ServiceAccount", secrets: "mine" },
  "configmaps/default": { kind: "ConfigMap", ownerReferences: "nobody", data: 5 },
  "namespaces/": { kind: "Namespace", deletionTimestamp: "yesterday", spec: { finalizers: "kubernetes" } },
  "nodes/": {
    kind: "Node",
    spec: { taints: "tainted", podCIDR: 5 },
    status: { allocatable: { cpu: "?" }, conditions: 1, addresses: {} },
  },
  "coordination.k8s.io/leases/kube-node-lease": {
    kind: "Lease",
    apiVersion: "coordination.k8s.io/v1",
    spec: { renewTime: "soon" },
  },
};

describeWith(["etcd"], "a poison object of each kind", () => {
  let etcd: Etcd;
  let cluster: Cluster;
  beforeAll(async () => {
    etcd = await startEtcd();
    cluster = await startCluster({ flags: ["--etcd-servers", etcd.endpoints.join(",")] });
    for (const [key, { deletionTimestamp, ownerReferences, labels, ...object }] of Object.entries(poison)) {
      const [, namespace] = /\/([^/]*)$/.exec(key) ?? [];
      await put(`/registry/${key}${namespace ? "/" : ""}poison`, {
        apiVersion: "v1",
        ...object,
        metadata: {
          name: "poison",
          ...(namespace ? { namespace } : {}),
          uid: `poison-${object.kind}`,
          creationTimestamp: "2026-01-01T00:00:00Z",
          ...(deletionTimestamp ? { deletionTimestamp } : {}),
          ...(ownerReferences ? { ownerReferences } : {}),
          ...(labels ? { labels } : {}),
        },
      });
    }
    await put("/registry/pods/default/poison-bound", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "poison-bound", namespace: "default", uid: "poison-bound", creationTimestamp: "never" },
      spec: {
        nodeName: "node-1",
        containers: [{ name: "n", image: "x", env: "x", volumeMounts: [{}] }],
        volumes: [{ name: "v" }],
        restartPolicy: 1,
      },
    });
  });
  afterAll(async () => {
    await stopClusters();
    await etcd?.stop();
  });

  /** Past every server, into the store. */
  async function put(key: string, value: unknown): Promise<void> {
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const body = JSON.stringify({ key: base64(key), value: base64(JSON.stringify(value)) });
    const response = await fetch(`${etcd.endpoints[0]}/v3/kv/put`, { method: "POST", body });
    if (!response.ok) throw new Error(`etcd answered ${response.status}`);
  }

  it("is there, and what lists it goes on", async () => {
    await eventually("it is listed", async () => (await cluster.client.list(pods)).items.length === 2);
    for (const kind of [
      "deployments",
      "replicasets",
      "pods",
      "services",
      "nodes",
      "namespaces",
      "configmaps",
      "endpointslices",
    ]) {
      const { code, stdout } = await cluster.navctl(["get", kind, "-A", "-o", "name"]);
      expect([kind, code, stdout.includes("/poison")]).toEqual([kind, 0, true]);
    }
  });

  it("keeps no controller, no scheduler and no agent from the others", async () => {
    await cluster.ok(["apply", "-f", quickstart]);
    const [first] = await readyPods(cluster, 3, { labelSelector: "app=my-app" });
    if (!first) throw new Error("no pod");
    process.kill(await programOf(first), "SIGKILL");
    await eventually("healed", async () => {
      const now = (await listPods(cluster)).find(({ metadata }) => metadata.uid === first.metadata.uid);
      return now && restartsOf(now) === 1;
    });
    await cluster.client.create(services, {
      metadata: { name: "my-app", namespace: "default" },
      spec: { selector: { app: "my-app" }, ports: [{ port: 80 }] },
    });
    await eventually("the Service has its pods", async () => {
      const { items } = await cluster.client.list(endpointSlices, {
        namespace: "default",
        labelSelector: "kubernetes.io/service-name=my-app",
      });
      return items.flatMap(({ endpoints }) => endpoints ?? []).length === 3;
    });
    await cluster.ok(["set", "env", "deployment/my-app", "A=1"]);
    await cluster.ok(["rollout", "status", "deployment/my-app", "--timeout=60s"]);
    await cluster.ok(["create", "namespace", "sound"]);
    await cluster.ok(["delete", "namespace", "sound", "--timeout=60s"]);
    await cluster.ok(["delete", "deployment", "my-app"]);
    await eventually(
      "its pods are gone",
      async () => (await listPods(cluster, { labelSelector: "app=my-app" })).length === 0,
    );
    expect(cluster.process.exitCode).toBeNull();
  });

  it("keeps no cluster from starting", async () => {
    expect(await cluster.stop()).toBe(0);
    cluster = await startCluster({ dataDir: cluster.dataDir, flags: ["--etcd-servers", etcd.endpoints.join(",")] });
    await cluster.ok(["apply", "-f", quickstart]);
    await readyPods(cluster, 3, { labelSelector: "app=my-app" });
  });

  it("can be deleted", async () => {
    await cluster.client.delete(deployments, { namespace: "default", name: "poison" });
    await cluster.client.delete(pods, { namespace: "default", name: "poison" }, { gracePeriodSeconds: 0 });
    await cluster.client.delete(pods, { namespace: "default", name: "poison-bound" }, { gracePeriodSeconds: 0 });
    expect((await cluster.client.list(namespaces)).items.map(({ metadata }) => metadata.name)).toContain("default");
    await eventually("they are gone", async () =>
      (await listPods(cluster)).every(({ metadata }) => !metadata.name.startsWith("poison")),
    );
  });
});
