import type { Identity } from "../../base/tls.js";
import { call, callHttp2, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";

let test: TestServer;
let admin: Identity;
beforeAll(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
});
afterAll(() => test.stop());

const asAdmin = async (method: string, path: string, body?: unknown): Promise<Reply> => {
  const reply = await call(test, method, path, { as: admin, body });
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`);
  return reply;
};
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const role = (name: string, rules: readonly object[]) => ({ metadata: { name }, rules });
const binding = (name: string, kind: string, to: string, subjects: readonly object[]) => ({
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: to },
  subjects,
});
const user = (name: string) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name });
const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });

describe("role-based rights", () => {
  beforeAll(async () => {
    await asAdmin(
      "POST",
      `${rbac}/namespaces/default/roles`,
      role("reader", [{ verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] }]),
    );
    await asAdmin(
      "POST",
      `${rbac}/namespaces/default/rolebindings`,
      binding("readers", "Role", "reader", [
        user("alice"),
        { kind: "ServiceAccount", name: "robot", namespace: "default" },
        { kind: "ServiceAccount", name: "local" },
        { kind: "ServiceAccount", name: "nearby", namespace: "" },
      ]),
    );
    await asAdmin("POST", `${rbac}/clusterrolebindings`, binding("viewers", "ClusterRole", "view", [group("viewers")]));
    await asAdmin(
      "POST",
      `${rbac}/namespaces/kube-public/rolebindings`,
      binding("gone", "Role", "gone", [user("alice")]),
    );
  });

  it.each([
    ["alice", [], "get", "configmaps", "default", true],
    ["alice", [], "list", "configmaps", "default", true],
    ["alice", [], "delete", "configmaps", "default", false],
    ["alice", [], "list", "configmaps", "kube-system", false],
    ["alice", [], "list", "configmaps", "", false],
    ["alice", [], "list", "secrets", "default", false],
    ["bob", [], "list", "configmaps", "default", false],
    ["bob", ["viewers"], "list", "configmaps", "", true],
    ["bob", ["viewers"], "list", "secrets", "", false],
    ["system:serviceaccount:default:robot", [], "get", "configmaps", "default", true],
    ["system:serviceaccount:default:local", [], "get", "configmaps", "default", true],
    ["system:serviceaccount:default:nearby", [], "get", "configmaps", "default", true],
    ["system:serviceaccount:kube-system:local", [], "get", "configmaps", "default", false],
    ["system:serviceaccount:other:robot", [], "get", "configmaps", "default", false],
    ["root", ["system:masters"], "anything", "whatever", "anywhere", true],
    ["system:kube-scheduler", [], "create", "bindings", "x", true],
    ["system:kube-scheduler", [], "get", "secrets", "x", false],
    ["system:kube-controller-manager", [], "create", "pods", "x", true],
  ])("%s in %j may %s %s in %s: %s", async (name, groups, verb, resource, namespace, expected) => {
    const { body } = await asAdmin("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      spec: { user: name, groups, resourceAttributes: { verb, resource, namespace, group: "" } },
    });
    expect(body.status.allowed).toBe(expected);
  });

  it("are explained", async () => {
    const { body } = await asAdmin("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      spec: { user: "alice", resourceAttributes: { verb: "get", resource: "configmaps", namespace: "default" } },
    });
    expect(body.status.reason).toBe('RBAC: allowed by RoleBinding "readers/default" of Role "reader" to User "alice"');
  });

  it("are refused in Kubernetes' words", async () => {
    const alice = await test.identity({ user: "alice" });
    const message = async (method: string, path: string) =>
      (await call(test, method, path, { as: alice, body: method === "POST" ? {} : undefined })).body;
    expect(await message("GET", "/api/v1/namespaces/default/pods")).toMatchObject({
      message: 'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
      reason: "Forbidden",
      details: { kind: "pods" },
      code: 403,
    });
    expect((await message("GET", "/api/v1/nodes/a")).message).toBe(
      'nodes "a" is forbidden: User "alice" cannot get resource "nodes" in API group "" at the cluster scope',
    );
    expect((await message("POST", "/api/v1/namespaces/default/pods/a/exec")).message).toBe(
      'pods "a" is forbidden: User "alice" cannot create resource "pods/exec" in API group "" in the namespace "default"',
    );
    expect((await message("GET", "/apis/apps/v1/namespaces/default/deployments/x")).message).toBe(
      'deployments.apps "x" is forbidden: User "alice" cannot get resource "deployments" in API group "apps" in the namespace "default"',
    );
    expect((await message("GET", "/metrics")).message).toBe('forbidden: User "alice" cannot get path "/metrics"');
    expect((await message("GET", "/api/v1/namespaces/kube-public/configmaps")).message).toContain(
      ': RBAC: role.rbac.authorization.k8s.io "gone" not found',
    );
  });

  it("follow a role's change at once", async () => {
    const carol = await test.identity({ user: "carol" });
    const list = async () => (await call(test, "GET", "/api/v1/namespaces/default/endpoints", { as: carol })).status;
    expect(await list()).toBe(403);
    await asAdmin(
      "POST",
      `${rbac}/clusterroles`,
      role("ep", [{ verbs: ["list"], apiGroups: [""], resources: ["endpoints"] }]),
    );
    await asAdmin(
      "POST",
      `${rbac}/namespaces/default/rolebindings`,
      binding("ep", "ClusterRole", "ep", [user("carol")]),
    );
    expect(await list()).toBe(200);
    await asAdmin("PUT", `${rbac}/clusterroles/ep`, role("ep", []));
    expect(await list()).toBe(403);
  });

  it("to update do not let one create by PUT", async () => {
    const rules = [{ verbs: ["update"], apiGroups: ["coordination.k8s.io"], resources: ["leases"] }];
    await asAdmin("POST", `${rbac}/namespaces/default/roles`, role("updater", rules));
    await asAdmin("POST", `${rbac}/namespaces/default/rolebindings`, binding("up", "Role", "updater", [user("uma")]));
    const uma = await test.identity({ user: "uma" });
    const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/new";
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "new" } };
    expect((await call(test, "PUT", path, { as: uma, body })).body).toMatchObject({
      code: 403,
      message:
        'leases.coordination.k8s.io "new" is forbidden: User "uma" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
    });
    const made = await call(test, "PUT", path, { as: admin, body });
    expect(made.status).toBe(201);
    expect((await call(test, "PUT", path, { as: uma, body: made.body })).status).toBe(200);
  });

  it("by name let a list be narrowed to it", async () => {
    await asAdmin(
      "POST",
      `${rbac}/namespaces/default/roles`,
      role("one", [
        { verbs: ["list", "watch", "get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["mine"] },
      ]),
    );
    await asAdmin("POST", `${rbac}/namespaces/default/rolebindings`, binding("one", "Role", "one", [user("dave")]));
    const dave = await test.identity({ user: "dave" });
    const status = async (query: string) =>
      (await call(test, "GET", `/api/v1/namespaces/default/secrets${query}`, { as: dave })).status;
    expect(await status("?fieldSelector=metadata.name%3Dmine")).toBe(200);
    expect(await status("")).toBe(403);
    expect(await status("?fieldSelector=metadata.name!%3Dmine")).toBe(403);
    expect(await status("?fieldSelector=metadata.name%3Dother")).toBe(403);
    expect(await status("?fieldSelector=type!%3Dx%5C%2Cmetadata.name%3Dmine")).not.toBe(200);
    expect(await status("?fieldSelector=metadata.name%3Dother&fieldSelector=metadata.name%3Dmine")).toBe(403);
  });

  it("are listed for oneself", async () => {
    const alice = await test.identity({ user: "alice" });
    const { body } = await call(test, "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {
      as: alice,
      body: { spec: { namespace: "default" } },
    });
    expect(body.status.resourceRules).toContainEqual({
      verbs: ["get", "list"],
      apiGroups: [""],
      resources: ["configmaps"],
    });
    expect(body.status.nonResourceRules.length).toBeGreaterThan(0);
  });
});

describe("acting as another", () => {
  it("takes the right to", async () => {
    const alice = await test.identity({ user: "alice" });
    const headers = { "impersonate-user": "bob", "impersonate-group": "viewers" };
    const denied = await call(test, "GET", "/api/v1/configmaps", { as: alice, headers });
    expect(denied.body.message).toBe(
      'configmaps is forbidden: User "alice" cannot impersonate-on:user-info:list resource "configmaps" in API group "" at the cluster scope',
    );
    expect((await call(test, "GET", "/api/v1/configmaps", { as: admin, headers })).status).toBe(200);
    expect((await call(test, "GET", "/api/v1/secrets", { as: admin, headers })).status).toBe(403);
    await asAdmin(
      "POST",
      `${rbac}/clusterroles`,
      role("actor", [{ verbs: ["impersonate"], apiGroups: [""], resources: ["users"], resourceNames: ["bob"] }]),
    );
    await asAdmin("POST", `${rbac}/clusterrolebindings`, binding("actor", "ClusterRole", "actor", [user("alice")]));
    expect((await call(test, "GET", "/api/v1/configmaps", { as: alice, headers })).status).toBe(403);
    const masters = { "impersonate-user": "bob", "impersonate-group": "system:masters" };
    expect((await call(test, "GET", "/api/v1/configmaps", { as: alice, headers: masters })).status).toBe(403);
    const extra = { "impersonate-user": "bob", "impersonate-extra-scopes": "x" };
    expect((await call(test, "GET", "/api/v1/configmaps", { as: alice, headers: extra })).status).toBe(403);
    const alone = { "impersonate-user": "bob" };
    expect((await call(test, "GET", "/api/v1/configmaps", { as: alice, headers: alone })).body.message).toContain(
      'User "bob" cannot list resource "configmaps"',
    );
  });

  it("takes a header for each group", async () => {
    const headers = { "impersonate-user": "bob", "impersonate-group": ["cn=a,dc=b", "c"] };
    for (const ask of [call, callHttp2]) {
      const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
      const { body } = await ask(test, "POST", path, { as: admin, body: {}, headers });
      expect(body.status.userInfo).toEqual({ username: "bob", groups: ["cn=a,dc=b", "c", "system:authenticated"] });
    }
  });

  it("needs a user, and stays what it was told", async () => {
    const nameless = await call(test, "GET", "/api", { as: admin, headers: { "impersonate-group": "x" } });
    expect([nameless.status, nameless.body.message]).toEqual([
      400,
      expect.stringContaining("without impersonating a user"),
    ]);
    const { body } = await call(test, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      as: admin,
      body: {},
      headers: { "impersonate-user": "system:serviceaccount:default:robot" },
    });
    expect(body.status.userInfo).toEqual({
      username: "system:serviceaccount:default:robot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    });
  });
});

describe("granting", () => {
  let erin: Identity;
  const tries = (method: string, path: string, body: unknown) =>
    call(test, method, `${rbac}${path}`, { as: erin, body });
  beforeAll(async () => {
    erin = await test.identity({ user: "erin", groups: ["grantors"] });
    await asAdmin(
      "POST",
      `${rbac}/clusterroles`,
      role("grantor", [
        {
          verbs: ["create", "update", "get"],
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["clusterroles", "clusterrolebindings", "roles", "rolebindings"],
        },
        { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] },
      ]),
    );
    await asAdmin("POST", `${rbac}/clusterrolebindings`, binding("grantor", "ClusterRole", "grantor", [user("erin")]));
  });

  it("what one holds is fine", async () => {
    expect(
      (
        await tries(
          "POST",
          "/namespaces/default/roles",
          role("held", [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }]),
        )
      ).status,
    ).toBe(201);
    expect(
      (await tries("POST", "/namespaces/default/rolebindings", binding("held", "Role", "held", [user("frank")])))
        .status,
    ).toBe(201);
  });

  it("more is refused, naming what is missing", async () => {
    const wanted = role("more", [{ verbs: ["get", "delete"], apiGroups: [""], resources: ["pods", "secrets"] }]);
    const { body } = await tries("POST", "/namespaces/default/roles", wanted);
    expect(body).toMatchObject({ reason: "Forbidden", code: 403 });
    expect(body.message).toBe(
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "erin" (groups=["grantors" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
    );
    expect(
      (
        await tries(
          "PUT",
          "/namespaces/default/roles/held",
          role("held", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]),
        )
      ).status,
    ).toBe(403);
    expect(
      (await tries("POST", "/clusterroles", role("paths", [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }]))).status,
    ).toBe(403);
    const bound = await tries(
      "POST",
      "/clusterrolebindings",
      binding("take", "ClusterRole", "cluster-admin", [user("erin")]),
    );
    expect(bound.body.message).toContain("attempting to grant RBAC permissions not currently held");
    const missing = await tries("POST", "/clusterrolebindings", binding("none", "ClusterRole", "none", [user("erin")]));
    expect(missing.body.message).toContain('clusterrole.rbac.authorization.k8s.io "none" not found');
  });

  it("more is fine for who may escalate or bind", async () => {
    await asAdmin(
      "POST",
      `${rbac}/clusterroles`,
      role("climber", [
        { verbs: ["escalate"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] },
        {
          verbs: ["bind"],
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["clusterroles"],
          resourceNames: ["view"],
        },
      ]),
    );
    await asAdmin("POST", `${rbac}/clusterrolebindings`, binding("climber", "ClusterRole", "climber", [user("erin")]));
    expect(
      (await tries("POST", "/clusterroles", role("paths", [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }]))).status,
    ).toBe(201);
    expect(
      (await tries("POST", "/clusterrolebindings", binding("v", "ClusterRole", "view", [user("erin")]))).status,
    ).toBe(201);
    expect(
      (await tries("POST", "/clusterrolebindings", binding("e", "ClusterRole", "edit", [user("erin")]))).status,
    ).toBe(403);
  });
});
