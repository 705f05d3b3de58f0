import type { Logger } from "../base/log.js";
import type { Identity } from "../base/tls.js";
import { call, callHttp2, startTestServer, type TestServer } from "./apiserver.test-kit.js";

let test: TestServer;
let admin: Identity;
const logged: string[] = [];
const log: Logger = {
  debug: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  info() {},
  warn() {},
  error: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  with: () => log,
};

beforeAll(async () => {
  test = await startTestServer({ log });
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
});
afterAll(() => test.stop());

describe("who asks", () => {
  it("may be anybody on four public paths", async () => {
    for (const path of ["/livez", "/readyz", "/healthz"])
      expect(await call(test, "GET", path)).toMatchObject({ status: 200, text: "ok" });
    expect((await call(test, "GET", "/version")).body).toMatchObject({ major: "1", minor: "36" });
  });

  it.each([
    "/",
    "/api",
    "/apis",
    "/api/v1/namespaces",
    "/metrics",
    "/openapi/v2",
    "/livez/ping",
    "/readyz/etcd",
    "/openid/v1/jwks",
    "/nowhere",
    "/version/x",
    "/a?x=1",
  ])("is forbidden %s where nothing says who it is", async (path) => {
    const [bare] = path.split("?");
    const resource = path === "/api/v1/namespaces";
    expect((await call(test, "GET", path)).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: resource
        ? 'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope'
        : `forbidden: User "system:anonymous" cannot get path "${bare}"`,
      reason: "Forbidden",
      details: resource ? { kind: "namespaces" } : {},
      code: 403,
    });
  });

  it("is told of no path in a form that a browser would take for a page", async () => {
    const { body } = await call(test, "GET", "/<b>&");
    expect(body.message).toBe('forbidden: User "system:anonymous" cannot get path "/&lt;b&gt;&amp;"');
  });

  it("is known by certificate over HTTP/1.1 and HTTP/2", async () => {
    for (const ask of [call, callHttp2]) {
      const { status, body } = await ask(test, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
        as: admin,
        body: { kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1" },
      });
      expect(status).toBe(201);
      expect(body.status.userInfo).toMatchObject({
        username: "admin",
        groups: ["system:masters", "system:authenticated"],
      });
    }
  });

  it("is refused everywhere with a certificate that proves nothing", async () => {
    const other = await startTestServer();
    const foreign = await other.identity({ user: "admin", groups: ["system:masters"] });
    await other.stop();
    const serving = test.pki.server;
    const agent = await test.pki.issueServing({ name: "node-a" });
    for (const as of [foreign, serving, agent])
      for (const path of ["/version", "/livez", "/api/v1/namespaces"])
        expect((await call(test, "GET", path, { as })).status).toBe(401);
  });

  it("is refused everywhere with a token that proves nothing", async () => {
    for (const headers of [{ authorization: "Bearer x" }, { authorization: "Bearer a.b.c" }])
      for (const path of ["/version", "/api/v1/namespaces"])
        expect((await call(test, "GET", path, { headers })).status).toBe(401);
  });

  it.each(["Basic YWRtaW46YWRtaW4=", "Bearer"])("is nobody with %s", async (authorization) => {
    const headers = { authorization };
    expect((await call(test, "GET", "/version", { headers })).status).toBe(200);
    expect((await call(test, "GET", "/api/v1/namespaces", { headers })).status).toBe(403);
  });
});

describe("what is not there", () => {
  it.each([
    ["GET", "/api/v2"],
    ["GET", "/api/v1/nothings"],
    ["GET", "/apis/none"],
    ["GET", "/apis/none/v1/x"],
    ["GET", "/apis/apps/v9/deployments"],
  ])("%s %s is a 404 Status", async (method, path) => {
    expect((await call(test, method, path, { as: admin })).body).toMatchObject({
      kind: "Status",
      reason: "NotFound",
      message: "the server could not find the requested resource",
      code: 404,
    });
  });

  it("is told in plain text where no API is", async () => {
    const { status, text, headers } = await call(test, "GET", "/nowhere", { as: admin });
    expect([status, text, headers["content-type"]]).toEqual([404, "404 page not found\n", "text/plain; charset=utf-8"]);
  });

  it("is laid out for people who read it", async () => {
    const ask = async (path: string, agent: string) =>
      (await call(test, "GET", path, { as: admin, headers: { "user-agent": agent } })).text;
    const path = "/api/v1/namespaces/default/pods/none";
    for (const text of [await ask(path, "curl/8.1"), await ask(`${path}?pretty=true`, "x")]) {
      expect(text).toMatch(/^{\n {2}"kind": "Status",\n/);
      expect(JSON.parse(text)).toMatchObject({ reason: "NotFound", details: { name: "none", kind: "pods" } });
    }
    expect((await ask(path, "x")).trimEnd()).not.toContain("\n");
  });

  it("is 405 for a method that a path does not have", async () => {
    for (const [method, path] of [
      ["POST", "/version"],
      ["PUT", "/api"],
      ["DELETE", "/metrics"],
      ["OPTIONS", "/api/v1/namespaces"],
      ["TRACE", "/api/v1/namespaces"],
      ["POST", "/api/v1/namespaces/default"],
    ])
      expect(await call(test, method ?? "", path ?? "", { as: admin })).toMatchObject({
        status: 405,
        body: { kind: "Status", reason: "MethodNotAllowed" },
      });
  });
});

describe("wrong input", () => {
  it.each([
    "/api/v1/namespaces/../secrets",
    "/api/v1/namespaces/%2e%2e/pods",
    "/api/../../etc/passwd",
    "/api/v1/namespaces/default/pods/a%2Fb",
    "/api/v1/namespaces/default/pods/a%00b",
    "/api/v1//namespaces",
    "//",
    "/api/v1/namespaces/%zz",
    "/api/v1/namespaces/%ff%fe",
  ])("in the path %s is 400", async (path) => {
    for (const as of [admin, undefined])
      expect((await call(test, "GET", path, { as })).body).toMatchObject({
        kind: "Status",
        reason: "BadRequest",
        code: 400,
      });
  });

  it("in the timeout parameter is 400", async () => {
    expect((await call(test, "GET", "/api/v1/namespaces?timeout=soon", { as: admin })).status).toBe(400);
    expect((await call(test, "GET", "/api/v1/namespaces?timeout=5s", { as: admin })).status).toBe(200);
  });

  it("of 4 MB is 413, announced or not, and nothing is written", async () => {
    const body = { kind: "ConfigMap", metadata: { name: "big" }, data: { x: "x".repeat(4 * 1024 * 1024) } };
    const path = "/api/v1/namespaces/default/configmaps";
    for (const ask of [call, callHttp2]) {
      const reply = await ask(test, "POST", path, { as: admin, body });
      expect(reply.body).toMatchObject({
        reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is 3145728",
        code: 413,
      });
    }
    const chunked = await call(test, "POST", path, { as: admin, body, headers: { "transfer-encoding": "chunked" } });
    expect(chunked.status).toBe(413);
    expect((await call(test, "GET", `${path}/big`, { as: admin })).status).toBe(404);
  });

  it("packed with a content encoding is 415", async () => {
    const headers = { "content-encoding": "gzip" };
    expect((await call(test, "POST", "/api/v1/namespaces", { as: admin, body: "x", headers })).body).toMatchObject({
      reason: "UnsupportedMediaType",
    });
  });

  it("in a request id is not sent back", async () => {
    const good = await call(test, "GET", "/version", { headers: { "audit-id": "abc-123" } });
    expect(good.headers["audit-id"]).toBe("abc-123");
    const bad = await call(test, "GET", "/version", { headers: { "audit-id": 'a"b{}' } });
    expect(bad.headers["audit-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("in headers of 100 KB ends the request, not the server", async () => {
    const reply = await call(test, "GET", "/version", { headers: { "x-big": "x".repeat(100_000) } }).catch(
      () => undefined,
    );
    expect(reply?.status ?? 431).toBe(431);
    expect((await call(test, "GET", "/version")).status).toBe(200);
  });
});

describe("health", () => {
  it("shows each check when asked to", async () => {
    const { text } = await call(test, "GET", "/readyz?verbose", { as: admin });
    expect(text).toBe("[+]ping ok\n[+]etcd ok\n[+]poststarthook/bootstrap ok\n[+]shutdown ok\nreadyz check passed\n");
  });

  it("leaves out what is excluded, and says what could not be", async () => {
    const { text } = await call(test, "GET", "/livez?verbose&exclude=etcd&exclude=x", { as: admin });
    expect(text).toBe(
      '[+]ping ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\nlivez check passed\n',
    );
  });

  it("has a path for each check", async () => {
    expect((await call(test, "GET", "/livez/etcd", { as: admin })).text).toBe("ok");
    expect((await call(test, "GET", "/livez/x", { as: admin })).status).toBe(404);
  });
});

describe("discovery", () => {
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

  it("answers all at once to who asks so, and nothing new with 304", async () => {
    const first = await call(test, "GET", "/apis", { as: admin, headers: { accept } });
    expect(first.headers["content-type"]).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    const apps = first.body.items.find((item: { metadata: { name: string } }) => item.metadata.name === "apps");
    expect(apps.versions[0]).toMatchObject({ version: "v1", freshness: "Current" });
    const again = await call(test, "GET", "/apis", {
      as: admin,
      headers: { accept, "if-none-match": String(first.headers.etag) },
    });
    expect(again).toMatchObject({ status: 304, text: "" });
    expect(again.headers).not.toHaveProperty("content-type");
  });

  it("answers piece by piece to others", async () => {
    expect((await call(test, "GET", "/api", { as: admin })).body).toMatchObject({
      kind: "APIVersions",
      versions: ["v1"],
    });
    expect((await call(test, "GET", "/apis", { as: admin })).body.groups).toContainEqual({
      name: "apps",
      versions: [{ groupVersion: "apps/v1", version: "v1" }],
      preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    });
    expect((await call(test, "GET", "/apis/apps", { as: admin })).body).toMatchObject({
      kind: "APIGroup",
      name: "apps",
    });
    const { resources } = (await call(test, "GET", "/apis/apps/v1", { as: admin })).body;
    expect(resources).toContainEqual(
      expect.objectContaining({
        name: "deployments",
        singularName: "deployment",
        namespaced: true,
        shortNames: ["deploy"],
      }),
    );
    expect(resources).toContainEqual({
      name: "deployments/scale",
      singularName: "",
      namespaced: true,
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    });
  });
});

describe("an answer", () => {
  it("to HEAD has the headers and no body", async () => {
    for (const ask of [call, callHttp2]) {
      const reply = await ask(test, "HEAD", "/api/v1/namespaces/default", { as: admin });
      expect(reply).toMatchObject({ status: 200, text: "" });
      expect(Number(reply.headers["content-length"])).toBeGreaterThan(0);
    }
  });

  it("warns of what was not understood, in a header that cannot be broken out of", async () => {
    const body = { metadata: { name: "warned" }, 'od"d\r\nx': 1 };
    const { status, headers } = await call(test, "POST", "/api/v1/namespaces", { as: admin, body });
    expect(status).toBe(201);
    expect(headers.warning).toMatch(/^299 - "unknown field /);
    expect(headers).not.toHaveProperty("x");
  });

  it("is not to be cached, and names the request", async () => {
    const { headers } = await call(test, "GET", "/version");
    expect(headers).toMatchObject({ "cache-control": "no-cache, private", "audit-id": expect.any(String) });
  });
});

describe("a request", () => {
  it("is logged once, without its secrets", async () => {
    logged.length = 0;
    await call(test, "GET", "/api/v1/namespaces/default/secrets?labelSelector=hidden", { token: "very.secret.token" });
    const lines = logged.filter((line) => line.startsWith("request "));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("/api/v1/namespaces/default/secrets");
    expect(logged.join()).not.toMatch(/very|hidden/);
  });

  it("is counted", async () => {
    await call(test, "GET", "/api/v1/namespaces", { as: admin });
    const { text } = await call(test, "GET", "/metrics", { as: admin });
    expect(text).toMatch(
      /apiserver_request_total\{verb="LIST",group="",version="v1",resource="namespaces",subresource="",scope="cluster",component="apiserver",dry_run="",code="200"\} \d/,
    );
    expect(text).toContain("apiserver_current_inflight_requests");
    expect(text).toMatch(/apiserver_storage_objects\{resource="clusterroles.rbac.authorization.k8s.io"\} \d\d/);
    expect(text).toMatch(
      /etcd_request_duration_seconds_count\{operation="create",group="",resource="namespaces"\} [1-9]/,
    );
  });
});

describe("a token that a browser offers as a subprotocol", () => {
  it("is taken for an upgrade to WebSocket, and for nothing else", async () => {
    const accounts = "/api/v1/namespaces/default/serviceaccounts";
    await call(test, "POST", accounts, { as: admin, body: { metadata: { name: "browser" } } });
    const { body } = await call(test, "POST", `${accounts}/browser/token`, { as: admin, body: { spec: {} } });
    const offered = (token: string) => ({
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
      "sec-websocket-protocol": `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`,
    });
    const path = "/api/v1/namespaces/default/pods/none/exec?command=x&stdout=true";
    const answer = await call(test, "GET", path, { headers: offered(body.status.token) });
    expect([answer.status, answer.body.message]).toEqual([403, expect.stringContaining(":default:browser")]);
    expect((await call(test, "GET", path, { headers: offered("wrong") })).status).toBe(401);
    const { upgrade: _upgrade, connection: _connection, ...plain } = offered(body.status.token);
    expect((await call(test, "GET", path, { headers: plain })).status).toBe(403);
  });
});
