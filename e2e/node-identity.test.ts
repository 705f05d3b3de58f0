import { join } from "node:path";
import { deployments } from "../api/apps/deployment.js";
import { leases } from "../api/coordination/lease.js";
import { configMaps } from "../api/core/config-map.js";
import { events } from "../api/core/event.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { secrets } from "../api/core/secret.js";
import { services } from "../api/core/service.js";
import { serviceAccounts } from "../api/core/service-account.js";
import { clusterRoles } from "../api/rbac/cluster-role.js";
import { StatusError } from "../apimachinery/status.js";
import type { Client } from "../client/client.js";
import { connect } from "../client/kubeconfig.js";
import type { Transport } from "../client/transport.js";
import { type Cluster, readText, startCluster, stopClusters } from "./harness/cluster.js";
import { readyPods } from "./harness/pods.js";

const namespace = "default";

/** A node's certificate, as one would have who broke into its machine, over HTTPS. */
describe("a node's identity", () => {
  let cluster: Cluster;
  let node: Client;
  let transport: Transport;
  let mine: Pod;
  let theirs: Pod;

  beforeAll(async () => {
    cluster = await startCluster({ flags: ["--nodes", "2"] });
    for (const owner of ["mine", "theirs"]) {
      await cluster.client.create(secrets, { metadata: { name: owner, namespace }, type: "Opaque" });
      await cluster.client.create(configMaps, { metadata: { name: owner, namespace } });
      await cluster.client.create(serviceAccounts, { metadata: { name: owner, namespace } });
    }
    [mine, theirs] = await Promise.all([podOn("node-1", "mine"), podOn("node-2", "theirs")]);
    await readyPods(cluster, 2);
    const pki = (file: string): string => readText(join(cluster.dataDir, "pki", file));
    const tls = { ca: pki("ca.crt"), certificate: pki("node-1.crt"), key: pki("node-1.key") };
    ({ client: node, transport } = connect(
      { server: cluster.url, tls, token: undefined, namespace },
      { userAgent: "intruder" },
    ));
  });
  afterAll(async () => {
    transport?.close();
    await stopClusters();
  });

  const podOn = (nodeName: string, name: string): Promise<Pod> =>
    cluster.client.create(pods, {
      metadata: { name, namespace },
      spec: {
        nodeName,
        serviceAccountName: name,
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "main",
            image: "busybox",
            command: ["sleep", "1000"],
            env: [{ name: "MAP", valueFrom: { configMapKeyRef: { name, key: "none", optional: true } } }],
            envFrom: [{ secretRef: { name } }],
          },
        ],
      },
    });
  const refused = async (attempt: Promise<unknown>): Promise<void> => {
    const outcome = await attempt.then(
      () => "it was allowed",
      (error: unknown) => (error instanceof StatusError ? `${error.code} ${error.reason}` : String(error)),
    );
    expect(outcome).toBe("403 Forbidden");
  };
  const label = (body: object) => ({ type: "merge" as const, body });

  it("sees and writes its own Node, and no other", async () => {
    const own = await node.get(nodes, { name: "node-1" });
    await node.patch(
      nodes,
      { name: "node-1" },
      { ...label({ metadata: { annotations: { seen: "1" } } }), subresource: "status" },
    );
    await refused(node.get(nodes, { name: "node-2" }));
    await refused(node.list(nodes));
    await refused(node.patch(nodes, { name: "node-2" }, label({ metadata: { labels: { mine: "1" } } })));
    await refused(
      node.patch(nodes, { name: "node-2" }, { ...label({ status: { phase: "Running" } }), subresource: "status" }),
    );
    await refused(node.create(nodes, { metadata: { name: "node-3" }, spec: {} }));
    await refused(node.delete(nodes, { name: "node-1" }));
    await refused(
      node.patch(nodes, { name: "node-1" }, label({ spec: { taints: [{ key: "gone", effect: "NoExecute" }] } })),
    );
    const restricted = { "node-restriction.kubernetes.io/team": "a" };
    await refused(node.patch(nodes, { name: "node-1" }, label({ metadata: { labels: restricted } })));
    expect((await cluster.client.get(nodes, { name: "node-1" })).spec).toEqual(own.spec);
  });

  it("renews its own Lease, and no other", async () => {
    const lease = { namespace: "kube-node-lease", name: "node-1" };
    await node.patch(leases, lease, label({ metadata: { labels: { seen: "1" } } }));
    await refused(node.patch(leases, { ...lease, name: "node-2" }, label({ spec: { holderIdentity: "node-1" } })));
    await refused(node.delete(leases, { ...lease, name: "node-2" }));
    await refused(node.list(leases, { namespace: "kube-node-lease" }));
    await refused(node.get(leases, { namespace: "kube-system", name: "kube-scheduler" }));
    await refused(node.create(leases, { metadata: { namespace: "kube-node-lease", name: "node-3" }, spec: {} }));
  });

  it("sees the pods bound to it, reports on them and ends them, and none of another's", async () => {
    const status = { ...label({ metadata: { annotations: { seen: "1" } } }), subresource: "status" };
    expect((await node.list(pods, { fieldSelector: "spec.nodeName=node-1" })).items).toHaveLength(1);
    expect((await node.get(pods, { namespace, name: "mine" })).metadata.uid).toBe(mine.metadata.uid);
    await node.patch(pods, { namespace, name: "mine" }, status);
    await refused(node.list(pods));
    await refused(node.list(pods, { fieldSelector: "spec.nodeName=node-2" }));
    await refused(node.get(pods, { namespace, name: "theirs" }));
    await refused(node.patch(pods, { namespace, name: "theirs" }, status));
    await refused(node.delete(pods, { namespace, name: "theirs" }));
    await refused(node.createSub(pods, { namespace, name: "theirs" }, "eviction", evictionOf("theirs")));
    await refused(node.deleteCollection(pods, { namespace }));
    await refused(node.patch(pods, { namespace, name: "mine" }, label({ metadata: { labels: { mine: "1" } } })));
    await refused(
      node.create(pods, { metadata: { name: "planted", namespace }, spec: { ...mine.spec, nodeName: "node-1" } }),
    );
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: "theirs" },
      target: { kind: "Node", name: "node-1" },
    };
    await refused(node.createSub(pods, { namespace, name: "theirs" }, "binding", binding));
    await refused(rawly(node, "POST", `/api/v1/namespaces/${namespace}/pods/theirs/exec?command=id&stdout=true`));
    await refused(rawly(node, "GET", `/api/v1/namespaces/${namespace}/pods/theirs/log`));
  });

  it.each([
    ["secrets", secrets],
    ["configmaps", configMaps],
    ["serviceaccounts", serviceAccounts],
  ] as const)("reads the %s that its pods need, and no other", async (_, kind) => {
    await node.get(kind, { namespace, name: "mine" });
    await refused(node.get(kind, { namespace, name: "theirs" }));
    await refused(node.list(kind, { namespace }));
    await refused(node.list(kind));
    await refused(node.patch(kind, { namespace, name: "mine" }, label({ metadata: { labels: { seen: "1" } } })));
    await refused(node.delete(kind, { namespace, name: "mine" }));
    await refused(node.create(kind, { metadata: { name: "planted", namespace } }));
  });

  it("gets tokens for its own pods, bound to them, and no other", async () => {
    const token = (name: string, bound: Pod | undefined) =>
      node.createSub(serviceAccounts, { namespace, name }, "token", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        metadata: {},
        spec: {
          audiences: [],
          ...(bound
            ? { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: bound.metadata.name, uid: bound.metadata.uid } }
            : {}),
        },
      });
    expect(await token("mine", mine)).toMatchObject({ status: { token: expect.any(String) } });
    await refused(token("theirs", theirs));
    await refused(token("mine", theirs));
    await refused(token("mine", undefined));
    await refused(token("default", mine));
  });

  it("writes events and reads services, and nothing else of the cluster", async () => {
    await node.create(events, {
      metadata: { name: "seen.1", namespace },
      involvedObject: { kind: "Pod", namespace, name: "mine" },
      reason: "Seen",
      source: { component: "kubelet" },
      type: "Normal",
    });
    await node.list(services);
    await refused(node.list(events));
    await refused(node.list(deployments));
    await refused(node.list(clusterRoles));
    await refused(node.create(services, { metadata: { name: "planted", namespace }, spec: { ports: [{ port: 80 }] } }));
    await refused(rawly(node, "GET", "/metrics"));
  });

  it("nobody without a certificate sees more than health and version", async () => {
    const tls = { ca: readText(join(cluster.dataDir, "pki", "ca.crt")) };
    const { client, transport } = connect(
      { server: cluster.url, tls, token: undefined, namespace },
      { userAgent: "stranger" },
    );
    for (const path of ["/livez", "/readyz", "/healthz", "/version"])
      expect((await client.raw({ method: "GET", path })).status).toBe(200);
    for (const path of ["/api", "/apis", "/metrics", "/api/v1/pods"])
      await expect(rawly(client, "GET", path)).rejects.toMatchObject({
        code: 403,
        message: expect.stringContaining('User "system:anonymous" cannot '),
      });
    transport.close();
    const bad = connect({ server: cluster.url, tls, token: () => "made.up.token", namespace }, { userAgent: "forger" });
    await expect(bad.client.list(pods)).rejects.toMatchObject({ code: 401, reason: "Unauthorized" });
    bad.transport.close();
  });
});

const evictionOf = (name: string) => ({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });

/** Throws as a typed call would. */
async function rawly(client: Client, method: string, path: string): Promise<void> {
  const { status, body } = await client.raw({ method, path });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  if (status < 400) return;
  const said = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  throw new StatusError(said.reason, said.message, undefined, status);
}
