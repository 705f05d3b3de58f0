import type { Identity } from "../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";

let test: TestServer;
let admin: Identity;
const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
  call(test, method, path, { as: admin, body });
const core = "/api/v1/namespaces/default";
const me = (token: string): Promise<Reply> =>
  call(test, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { token, body: {} });
const tokenFor = (account: string, spec: object = {}): Promise<Reply> =>
  ask("POST", `${core}/serviceaccounts/${account}/token`, { spec });

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
  for (const name of ["default", "robot"]) await ask("POST", `${core}/serviceaccounts`, { metadata: { name } });
});
afterAll(() => test.stop());

describe("a token", () => {
  it("speaks for its service account until that is gone", async () => {
    await ask("POST", `${core}/serviceaccounts`, { metadata: { name: "brief" } });
    const { status, body } = await tokenFor("brief", { expirationSeconds: 1200 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      spec: { audiences: ["https://kubernetes.default.svc.cluster.local"], expirationSeconds: 1200 },
    });
    const { token } = body.status;
    expect((await me(token)).body.status.userInfo.username).toBe("system:serviceaccount:default:brief");
    await ask("DELETE", `${core}/serviceaccounts/brief`);
    expect((await me(token)).status).toBe(401);
    await ask("POST", `${core}/serviceaccounts`, { metadata: { name: "brief" } });
    expect((await me(token)).status).toBe(401);
  });

  it("bound to a pod ends with it", async () => {
    const pod = {
      metadata: { name: "short" },
      spec: { serviceAccountName: "robot", containers: [{ name: "c", image: "x" }] },
    };
    const { uid } = (await ask("POST", `${core}/pods`, pod)).body.metadata;
    const ref = { apiVersion: "v1", kind: "Pod", name: "short", uid };
    const { token } = (await tokenFor("robot", { boundObjectRef: ref })).body.status;
    expect((await me(token)).body.status.userInfo.extra["authentication.kubernetes.io/pod-uid"]).toEqual([uid]);
    await ask("DELETE", `${core}/pods/short?gracePeriodSeconds=0`);
    expect((await me(token)).status).toBe(401);
  });

  it("for another audience is none for us", async () => {
    const { token } = (await tokenFor("robot", { audiences: ["vault"] })).body.status;
    expect((await me(token)).status).toBe(401);
    const review = async (audiences?: string[]) =>
      (await ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token, audiences } })).body.status;
    expect(await review(["vault", "x"])).toMatchObject({
      authenticated: true,
      audiences: ["vault"],
      user: { username: "system:serviceaccount:default:robot" },
    });
    expect((await review()).authenticated).toBe(false);
  });

  it.each<[string, object, number, string]>([
    ["robot", { expirationSeconds: 60 }, 422, "may not specify a duration less than 10 minutes"],
    ["robot", { expirationSeconds: 2 ** 33 }, 422, "may not specify a duration larger than 2^32 seconds"],
    ["none", {}, 404, 'serviceaccounts "none" not found'],
    ["robot", { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "none" } }, 404, 'pods "none" not found'],
    [
      "robot",
      { boundObjectRef: { apiVersion: "apps/v1", kind: "Deployment", name: "x" } },
      400,
      "cannot bind token to object of type apps/v1, Kind=Deployment",
    ],
  ])("for %s with %j is refused", async (account, spec, status, message) => {
    const reply = await tokenFor(account, spec);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
  });

  it("can be checked by others", async () => {
    const { createLocalJWKSet, jwtVerify } = await import("jose");
    const token = (await tokenFor("robot", { audiences: ["me"] })).body.status.token;
    const configuration = (await ask("GET", "/.well-known/openid-configuration")).body;
    expect(configuration).toMatchObject({ issuer: "https://kubernetes.default.svc.cluster.local" });
    const jwks = (await ask("GET", "/openid/v1/jwks")).body;
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer: configuration.issuer,
      audience: "me",
    });
    expect(payload.sub).toBe("system:serviceaccount:default:robot");
    expect(JSON.stringify(jwks)).not.toContain('"d":');
  });
});

describe("a review", () => {
  const access = "/apis/authorization.k8s.io/v1";
  const pods = { verb: "list", resource: "pods", namespace: "default" };
  it("of oneself tells one's own rights", async () => {
    const { status, body } = await ask("POST", `${access}/selfsubjectaccessreviews`, {
      spec: { resourceAttributes: pods },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: "SelfSubjectAccessReview", status: { allowed: true } });
    const paths = { spec: { nonResourceAttributes: { verb: "get", path: "/metrics" } } };
    expect((await ask("POST", `${access}/selfsubjectaccessreviews`, paths)).body.status.allowed).toBe(true);
  });

  it.each<[string, string, object, string]>([
    [
      "both",
      "selfsubjectaccessreviews",
      { resourceAttributes: pods, nonResourceAttributes: { path: "/" } },
      "cannot be specified in combination",
    ],
    ["neither", "selfsubjectaccessreviews", {}, "exactly one of nonResourceAttributes or resourceAttributes"],
    ["nobody", "subjectaccessreviews", { resourceAttributes: pods }, "at least one of user or group must be specified"],
    [
      "elsewhere",
      "namespaces/kube-system/localsubjectaccessreviews",
      { user: "a", resourceAttributes: pods },
      "must match metadata.namespace",
    ],
    [
      "no resource",
      "namespaces/default/localsubjectaccessreviews",
      { user: "a", nonResourceAttributes: { path: "/" } },
      "disallowed on this kind of request",
    ],
    [
      "a selector that says nothing",
      "selfsubjectaccessreviews",
      { resourceAttributes: { ...pods, fieldSelector: {} } },
      "spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is",
    ],
  ])("about %s is invalid", async (_title, path, spec, message) => {
    const { body } = await ask("POST", `${access}/${path}`, { spec });
    expect(body).toMatchObject({ reason: "Invalid", code: 422 });
    expect(body.message).toContain(message);
  });

  it("judges without a selector that it cannot read, and says so", async () => {
    const spec = { resourceAttributes: { ...pods, fieldSelector: { rawSelector: "status.phase" } } };
    const { body } = await ask("POST", `${access}/selfsubjectaccessreviews`, { spec });
    expect(body.status).toEqual({
      allowed: true,
      evaluationError: "spec.resourceAttributes.fieldSelector ignored due to parse error",
    });
  });

  it("in a namespace answers for that namespace", async () => {
    const spec = { user: "nobody", resourceAttributes: pods };
    const { body } = await ask("POST", `${access}/namespaces/default/localsubjectaccessreviews`, { spec });
    expect(body.status).toEqual({ allowed: false });
  });

  it("needs what it is about", async () => {
    expect((await ask("POST", `${access}/selfsubjectrulesreviews`, { spec: {} })).body.message).toBe(
      "no namespace on request",
    );
    expect((await ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: {} })).status).toBe(400);
    expect((await ask("GET", `${access}/subjectaccessreviews`)).status).toBe(405);
  });
});
