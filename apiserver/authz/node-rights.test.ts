import type { Identity } from "../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";

let test: TestServer;
let admin: Identity;
let node: Identity;
const uids = new Map<string, string>();

const core = "/api/v1/namespaces/default";
const lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

const asAdmin = async (method: string, path: string, body?: unknown): Promise<Reply> => {
  const reply = await call(test, method, path, { as: admin, body });
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`);
  return reply;
};
const asNode = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
  call(test, method, path, { as: node, body, headers });
const merge = { "content-type": "application/merge-patch+json" };

const pod = (name: string, nodeName: string, needs: string) => ({
  metadata: { name },
  spec: {
    nodeName,
    serviceAccountName: needs,
    imagePullSecrets: [{ name: `${needs}-pull` }],
    containers: [
      {
        name: "c",
        image: "x",
        env: [
          { name: "A", valueFrom: { secretKeyRef: { name: `${needs}-env`, key: "k" } } },
          { name: "B", valueFrom: { configMapKeyRef: { name: `${needs}-env`, key: "k" } } },
        ],
        envFrom: [{ secretRef: { name: `${needs}-all` } }, { configMapRef: { name: `${needs}-all` } }],
      },
    ],
    volumes: [
      { name: "a", secret: { secretName: `${needs}-volume` } },
      { name: "b", configMap: { name: `${needs}-volume` } },
      {
        name: "c",
        projected: { sources: [{ secret: { name: `${needs}-part` } }, { configMap: { name: `${needs}-part` } }] },
      },
    ],
  },
});

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
  node = await test.identity({ user: "system:node:a", groups: ["system:nodes"] });
  for (const name of ["a", "b"]) await asAdmin("POST", "/api/v1/nodes", { metadata: { name } });
  for (const needs of ["mine", "other"]) {
    await asAdmin("POST", `${core}/serviceaccounts`, { metadata: { name: needs } });
    for (const suffix of ["pull", "env", "all", "volume", "part"]) {
      await asAdmin("POST", `${core}/secrets`, { metadata: { name: `${needs}-${suffix}` } });
      await asAdmin("POST", `${core}/configmaps`, { metadata: { name: `${needs}-${suffix}` } });
    }
  }
  for (const [name, at, needs] of [
    ["mine", "a", "mine"],
    ["other", "b", "other"],
  ] as const)
    uids.set(name, (await asAdmin("POST", `${core}/pods`, pod(name, at, needs))).body.metadata.uid);
});
afterAll(() => test.stop());

describe("a node reads what its pods need, and nothing else", () => {
  it.each(["pull", "env", "all", "volume", "part"])("secrets (%s)", async (suffix) => {
    expect((await asNode("GET", `${core}/secrets/mine-${suffix}`)).status).toBe(200);
    const refused = await asNode("GET", `${core}/secrets/other-${suffix}`);
    expect(refused.body.message).toBe(
      `secrets "other-${suffix}" is forbidden: User "system:node:a" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'a' and this object`,
    );
  });

  it.each(["env", "all", "volume", "part"])("config maps (%s)", async (suffix) => {
    expect((await asNode("GET", `${core}/configmaps/mine-${suffix}`)).status).toBe(200);
    expect((await asNode("GET", `${core}/configmaps/other-${suffix}`)).status).toBe(403);
  });

  it.each([
    ["GET", `${core}/secrets?fieldSelector=metadata.name%3Dmine-env`, 200],
    ["GET", `${core}/secrets?fieldSelector=metadata.name%3Dother-env`, 403],
    ["GET", `${core}/secrets`, 403],
    ["GET", "/api/v1/secrets", 403],
    ["GET", `${core}/configmaps`, 403],
    ["GET", "/api/v1/namespaces/kube-system/secrets/mine-env", 403],
    ["GET", `${core}/serviceaccounts/mine`, 200],
    ["GET", `${core}/serviceaccounts/other`, 403],
    ["GET", `${core}/serviceaccounts`, 403],
    ["GET", `${core}/pods/mine`, 200],
    ["GET", `${core}/pods/other`, 403],
    ["GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Da", 200],
    ["GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Db", 403],
    ["GET", "/api/v1/pods?fieldSelector=spec.nodeName!%3Da", 403],
    ["GET", "/api/v1/pods", 403],
    ["GET", "/api/v1/nodes/a", 200],
    ["GET", "/api/v1/nodes/b", 403],
    ["GET", "/api/v1/nodes", 403],
    ["GET", "/api/v1/nodes?fieldSelector=metadata.name%3Da", 200],
    ["GET", "/api/v1/services", 200],
    ["GET", "/api/v1/namespaces", 403],
    ["GET", "/apis/apps/v1/deployments", 403],
    ["GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles", 403],
    ["GET", `${core}/pods/mine/log`, 403],
    ["POST", `${core}/pods/mine/exec`, 403],
    ["GET", "/metrics", 403],
  ])("%s %s: %i", async (method, path, status) => {
    expect((await asNode(method, path, method === "POST" ? {} : undefined)).status).toBe(status);
  });
});

describe("a node writes what is its own, and nothing else", () => {
  it("never secrets, config maps, service accounts", async () => {
    for (const kind of ["secrets", "configmaps", "serviceaccounts"]) {
      expect((await asNode("POST", `${core}/${kind}`, { metadata: { name: "new" } })).status).toBe(403);
      expect((await asNode("PATCH", `${core}/${kind}/mine-env`, {}, merge)).status).toBe(403);
      expect((await asNode("DELETE", `${core}/${kind}/mine-env`)).status).toBe(403);
    }
  });

  it("its Node, but not what others trust it for", async () => {
    expect((await asNode("POST", "/api/v1/nodes", { metadata: { name: "c" } })).body.message).toContain(
      'node "a" is not allowed to modify node "c"',
    );
    expect((await asNode("PATCH", "/api/v1/nodes/a", { metadata: { labels: { mine: "x" } } }, merge)).status).toBe(200);
    expect((await asNode("PATCH", "/api/v1/nodes/b", { metadata: { labels: { mine: "x" } } }, merge)).status).toBe(403);
    for (const label of [
      "node-restriction.kubernetes.io/x",
      "a.node-restriction.kubernetes.io/x",
      "x.k8s.io/y",
      "kubernetes.io/z",
    ])
      expect(
        (await asNode("PATCH", "/api/v1/nodes/a", { metadata: { labels: { [label]: "x" } } }, merge)).body.message,
      ).toBe(`nodes "a" is forbidden: is not allowed to modify labels: ${label}`);
    for (const label of ["kubernetes.io/hostname", "node.kubernetes.io/x", "kubelet.kubernetes.io/x", "example.com/x"])
      expect((await asNode("PATCH", "/api/v1/nodes/a", { metadata: { labels: { [label]: "x" } } }, merge)).status).toBe(
        200,
      );
    const taints = { spec: { taints: [] } };
    expect((await asNode("PATCH", "/api/v1/nodes/a", taints, merge)).body.message).toContain(
      'node "a" is not allowed to modify taints',
    );
    expect((await asNode("PATCH", "/api/v1/nodes/a/status", { status: { phase: "Running" } }, merge)).status).toBe(200);
    expect((await asNode("PATCH", "/api/v1/nodes/b/status", { status: { phase: "Running" } }, merge)).status).toBe(403);
    expect((await asNode("DELETE", "/api/v1/nodes/a")).status).toBe(403);
    expect((await asNode("DELETE", "/api/v1/nodes")).status).toBe(403);
  });

  it("the status of its pods, and their end", async () => {
    const ready = { status: { message: "x" } };
    expect((await asNode("PATCH", `${core}/pods/mine/status`, ready, merge)).status).toBe(200);
    expect((await asNode("PATCH", `${core}/pods/other/status`, ready, merge)).status).toBe(403);
    expect((await asNode("PATCH", `${core}/pods/mine`, { metadata: { labels: { a: "b" } } }, merge)).status).toBe(403);
    expect((await asNode("DELETE", `${core}/pods/other`)).status).toBe(403);
    expect((await asNode("DELETE", `${core}/pods`)).status).toBe(403);
    expect((await asNode("POST", `${core}/pods/other/eviction`, { metadata: { name: "other" } })).status).toBe(403);
    expect((await asNode("POST", `${core}/pods/mine/binding`, { target: { name: "b" } })).status).toBe(403);
  });

  it("no pods but mirrors of its own that need nothing", async () => {
    const create = async (change: object, annotations: object = { "kubernetes.io/config.mirror": "x" }) =>
      (
        await asNode("POST", `${core}/pods`, {
          metadata: { name: "static", annotations },
          spec: { nodeName: "a", containers: [{ name: "c", image: "x" }], ...change },
        })
      ).body;
    expect((await create({}, {})).message).toMatch(/can only create mirror pods|error looking up service account/);
    expect((await create({ nodeName: "b" })).message).toContain("with spec.nodeName set to itself");
    expect((await create({ serviceAccountName: "mine" })).message).toContain("may not reference service accounts");
    expect((await create({ volumes: [{ name: "v", configMap: { name: "x" } }] })).message).toContain(
      "reference configmaps",
    );
    expect((await create({})).kind).toBe("Pod");
    expect((await asNode("DELETE", `${core}/pods/static`)).status).toBe(200);
  });

  it("its Lease", async () => {
    expect((await asNode("POST", lease, { metadata: { name: "a" } })).status).toBe(201);
    expect((await asNode("GET", `${lease}/a`)).status).toBe(200);
    expect((await asNode("PATCH", `${lease}/a`, { spec: { holderIdentity: "a" } }, merge)).status).toBe(200);
    expect((await asNode("POST", lease, { metadata: { name: "b" } })).status).toBe(403);
    await asAdmin("POST", lease, { metadata: { name: "b" } });
    expect((await asNode("GET", `${lease}/b`)).status).toBe(403);
    expect((await asNode("PATCH", `${lease}/b`, { spec: { holderIdentity: "a" } }, merge)).status).toBe(403);
    expect((await asNode("GET", lease)).status).toBe(403);
    const elsewhere = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    expect((await asNode("POST", elsewhere, { metadata: { name: "a" } })).status).toBe(403);
    expect((await asNode("DELETE", `${lease}/b`)).status).toBe(403);
  });

  it("events", async () => {
    const event = { metadata: { name: "e" }, involvedObject: { kind: "Pod", name: "mine", namespace: "default" } };
    expect((await asNode("POST", `${core}/events`, event)).status).toBe(201);
    expect((await asNode("GET", `${core}/events`)).status).toBe(403);
    expect((await asNode("DELETE", `${core}/events/e`)).status).toBe(403);
  });
});

describe("a node gets tokens for its pods, and no others", () => {
  const bound = (name: string, uid = uids.get(name)) => ({ apiVersion: "v1", kind: "Pod", name, uid });
  const ask = async (account: string, ref?: object) =>
    asNode("POST", `${core}/serviceaccounts/${account}/token`, {
      spec: { audiences: [], ...(ref ? { boundObjectRef: ref } : {}) },
    });

  it("bound to the pod", async () => {
    const { status, body } = await ask("mine", bound("mine"));
    expect(status).toBe(201);
    const me = await call(test, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      token: body.status.token,
      body: {},
    });
    expect(me.body.status.userInfo).toMatchObject({
      username: "system:serviceaccount:default:mine",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
      extra: { "authentication.kubernetes.io/pod-name": ["mine"], "authentication.kubernetes.io/node-name": ["a"] },
    });
  });

  it("refused otherwise", async () => {
    expect((await ask("mine")).body.message).toContain("node requested token not bound to a pod");
    expect((await ask("mine", bound("mine", ""))).body.message).toContain("without a uid");
    expect((await ask("mine", bound("mine", "x"))).body.message).toContain("does not match the UID in record");
    expect((await ask("mine", bound("other"))).body.message).toContain("scheduled on a different node");
    expect((await ask("other", bound("other"))).status).toBe(403);
    expect((await ask("default", bound("mine"))).status).toBe(403);
  });
});

it("is no node without its group, and no node's name makes one", async () => {
  for (const subject of [
    { user: "system:node:a" },
    { user: "a", groups: ["system:nodes"] },
    { user: "system:node:", groups: ["system:nodes"] },
  ]) {
    const as = await test.identity(subject);
    expect((await call(test, "GET", "/api/v1/nodes/a", { as })).status).toBe(403);
  }
});
