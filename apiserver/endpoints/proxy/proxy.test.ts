import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, BlockList, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { jest } from "@jest/globals";
import type { Identity } from "../../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../../apiserver.test-kit.js";
import { answerHeaders, requestHeaders, rewriteLocation } from "./headers.js";
import { isInPodNetwork, splitName } from "./location.js";

describe("headers", () => {
  it("pass on what is meant for the other server, and no credentials", () => {
    const headers = {
      ...{ host: "api", authorization: "Bearer x", "impersonate-user": "y", connection: "close, X-Private", te: "z" },
      ...{ "x-remote-user": "root", "x-remote-extra-a": "b", "impersonate-extra-a": "b" },
      ...{ "x-private": "1", "x-own": "2", cookie: "c=d", "x-forwarded-for": "1.1.1.1" },
    };
    const given = requestHeaders({ headers, remoteAddress: "2.2.2.2", path: "/p", upgrading: false, host: "10.0.0.1" });
    expect(given).toEqual({
      ...{ host: "10.0.0.1", "x-own": "2", cookie: "c=d", "x-forwarded-for": "1.1.1.1, 2.2.2.2" },
      ...{ "x-forwarded-uri": "/p", "x-forwarded-proto": "https", "x-forwarded-host": "api" },
    });
  });

  const token = "base64url.bearer.authorization.k8s.io.c2VjcmV0";

  it.each<[string, string | undefined]>([
    [`${token}, chat`, "chat"],
    [`chat,${token} ,talk`, "chat, talk"],
    ["chat, talk", "chat, talk"],
    [token, undefined],
  ])("pass on the protocols of %s without a token: %s", (offered, expected) => {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": offered };
    const given = requestHeaders({ headers, remoteAddress: "", path: "/", upgrading: true, host: "h" });
    expect(given["sec-websocket-protocol"]).toBe(expected);
    expect("sec-websocket-protocol" in given).toBe(expected !== undefined);
  });

  it.each<[string, string]>([
    ["/there?x=1", "/proxy/there?x=1"],
    ["http://10.0.0.1/there/", "/proxy/there/"],
    ["http://10.0.0.1", "/proxy/"],
    ["https://api:6443/there", "/proxy/there"],
    ["//10.0.0.1/there", "/proxy/there"],
    ["http://elsewhere/there", "http://elsewhere/there"],
    ["there", "there"],
    ["/proxy/there", "/proxy/there"],
  ])("lead a redirect to %s through the proxy: %s", (location, expected) => {
    expect(rewriteLocation(location, "10.0.0.1", "/proxy", "api:6443")).toBe(expected);
  });

  it("pass back several of one name", () => {
    const given = answerHeaders(
      { "set-cookie": ["a", "b"], connection: "close", "transfer-encoding": "chunked" },
      { host: "h", prefix: "/p", callerHost: undefined },
    );
    expect(given).toEqual({ "set-cookie": ["a", "b"] });
  });
});

describe("names of what is proxied to", () => {
  it.each<[string, unknown]>([
    ["web", { scheme: "http", name: "web", port: "" }],
    ["web:80", { scheme: "http", name: "web", port: "80" }],
    ["https:web:443", { scheme: "https", name: "web", port: "443" }],
    ["https:web:", { scheme: "https", name: "web", port: "" }],
    ["ftp:web:21", undefined],
    ["a:b:c:d", undefined],
    [":80", undefined],
  ])("%s", (text, expected) => {
    expect(splitName(text)).toEqual(expected);
  });

  it("lie in the nodes' ranges", () => {
    const nodes = [
      { spec: { podCIDR: "10.1.0.0/24" }, status: { addresses: [{ type: "InternalIP", address: "192.168.1.5" }] } },
    ] as never[];
    expect(["10.1.0.7", "192.168.1.5", "10.1.1.7", "8.8.8.8", "::1"].map((one) => isInPodNetwork(one, nodes))).toEqual([
      ...[true, true, false, false, false],
    ]);
  });

  it("lie in any of several ranges, of either family", () => {
    const nodes = [
      { spec: { podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24", "fd00:1::/64"] } },
      { spec: { podCIDR: "10.1.1.128/25" } },
      { spec: { podCIDR: "" } },
      { spec: {} },
    ] as never[];
    const asked = ["10.1.0.0", "10.1.0.255", "10.1.1.127", "10.1.1.128", "fd00:1::7", "fd00:2::7", "::ffff:10.1.0.1"];
    expect(asked.map((one) => isInPodNetwork(one, nodes))).toEqual([true, true, false, true, true, false, false]);
  });

  it("are looked for among many nodes without making anything of each", () => {
    const block = jest.spyOn(BlockList.prototype, "addSubnet");
    const nodes = Array.from({ length: 1_000 }, (_, index) => ({
      spec: { podCIDR: `10.${index >> 8}.${index & 255}.0/24` },
    }));
    expect(isInPodNetwork("10.3.231.9", nodes as never[])).toBe(true);
    expect(isInPodNetwork("10.3.232.9", nodes as never[])).toBe(false);
    expect(block).not.toHaveBeenCalled();
    block.mockRestore();
  });
});

describe("proxies", () => {
  let test: TestServer;
  let admin: Identity;
  let backend: Server;
  let port: number;
  const seen: { method: string; url: string; headers: IncomingMessage["headers"]; bytes: number }[] = [];
  const upgrades: string[] = [];
  const offers: unknown[] = [];
  const backendAddress = "127.64.4.9";
  const core = "/api/v1/namespaces/default";
  const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
    call(test, method, path, { as: admin, body });

  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.identity({ user: "admin", groups: ["system:masters"] });
    backend = createServer(async (asked, response) => {
      let bytes = 0;
      for await (const chunk of asked) bytes += chunk.length;
      seen.push({ method: asked.method ?? "", url: asked.url ?? "", headers: asked.headers, bytes });
      const html = '<a href="/there">test</a>';
      if (asked.url === "/page" || asked.url === "/zipped") {
        const body = asked.url === "/page" ? Buffer.from(html) : gzipSync(html);
        const encoding = asked.url === "/page" ? {} : { "content-encoding": "gzip" };
        response.writeHead(200, {
          "content-type": "text/html; charset=utf-8",
          "content-length": body.length,
          ...encoding,
        });
        return void response.end(asked.method === "HEAD" ? "" : body);
      }
      if (asked.url?.startsWith("/redirect")) response.writeHead(302, { location: "/target" });
      else if (asked.url === "/big") {
        for (let count = 0; count < 80; count++)
          if (!response.write(Buffer.alloc(65_536))) await once(response, "drain");
      } else
        response.writeHead(asked.url === "/teapot" ? 418 : 200, { "x-from": "backend", "set-cookie": ["a=1", "b=2"] });
      response.end(asked.method === "HEAD" || asked.url === "/big" ? "" : `hello ${asked.url}`);
    });
    backend.on("upgrade", (asked: IncomingMessage, socket: Socket, head: Buffer) => {
      upgrades.push(head.toString());
      offers.push(asked.headers["sec-websocket-protocol"]);
      socket.on("data", (chunk) => upgrades.push(chunk.toString()));
      if (asked.url === "/no") return void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n");
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => backend.listen(0, backendAddress, resolve));
    port = (backend.address() as AddressInfo).port;
    await ask("POST", `${core}/serviceaccounts`, { metadata: { name: "default" } });
    await ask("POST", "/api/v1/nodes", { metadata: { name: "n" }, spec: { podCIDR: "127.64.4.0/24" } });
    await podAt("web", backendAddress);
    await podAt("inward", "127.0.0.1");
    await podAt("metadata", "169.254.169.254");
    await podAt("outside", "8.8.8.8");
    await ask("POST", `${core}/services`, { metadata: { name: "svc" }, spec: { ports: [{ name: "http", port: 80 }] } });
    await ask("POST", `${core}/endpoints`, {
      metadata: { name: "svc" },
      subsets: [{ addresses: [{ ip: backendAddress }], ports: [{ name: "http", port }] }],
    });
  });
  afterAll(async () => {
    backend.closeAllConnections();
    backend.close();
    await test.stop();
  });
  beforeEach(() => {
    seen.length = 0;
    upgrades.length = 0;
    offers.length = 0;
  });
  const podAt = async (name: string, podIP: string): Promise<void> => {
    await ask("POST", `${core}/pods`, {
      metadata: { name },
      spec: { nodeName: "n", containers: [{ name: "c", image: "x" }] },
    });
    await call(test, "PATCH", `${core}/pods/${name}/status`, {
      ...{ as: admin, headers: { "content-type": "application/merge-patch+json" } },
      body: { status: { podIP, podIPs: [{ ip: podIP }] } },
    });
  };

  it.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])(
    "pass %s on with its path and query",
    async (method) => {
      const reply = await call(test, method, `${core}/pods/web:${port}/proxy/a//b%2Fc/?x=%20&y&z=1+1`, { as: admin });
      expect(reply.status).toBe(200);
      expect(reply.headers["x-from"]).toBe("backend");
      expect(seen).toMatchObject([{ method, url: "/a//b%2Fc/?x=%20&y&z=1+1" }]);
      expect(seen[0]?.headers).toMatchObject({ "x-forwarded-proto": "https", host: `${backendAddress}:${port}` });
      expect(seen[0]?.headers.authorization).toBeUndefined();
    },
  );

  it("pass bodies through without holding them, both ways", async () => {
    const sent = await call(test, "POST", `${core}/services/svc:http/proxy/up`, {
      as: admin,
      body: "x".repeat(8_000_000),
    });
    expect(sent.status).toBe(200);
    expect(seen[0]?.bytes).toBeGreaterThan(7_999_999);
    expect((await ask("GET", `${core}/services/svc:80/proxy/big`)).text).toHaveLength(80 * 65_536);
  });

  it("lead the links of HTML pages through the proxy, of compressed ones too", async () => {
    const prefix = `${core}/pods/web:${port}/proxy`;
    for (const path of ["page", "zipped"]) {
      const { text, headers } = await ask("GET", `${prefix}/${path}`);
      expect(text).toBe(`<a href="${prefix}/there">test</a>`);
      expect(headers["content-encoding"]).toBeUndefined();
    }
    expect((await ask("HEAD", `${prefix}/page`)).status).toBe(200);
  });

  it("answer as the other server does, and follow no redirect", async () => {
    expect((await ask("GET", `${core}/services/svc/proxy/teapot`)).status).toBe(418);
    const redirect = await ask("GET", `${core}/services/svc/proxy/redirect`);
    expect(redirect.status).toBe(302);
    expect(redirect.headers.location).toBe(`${core}/services/svc/proxy/target`);
    expect(seen.map(({ url }) => url)).toEqual(["/teapot", "/redirect"]);
    const root = await ask("GET", `${core}/services/svc/proxy?q=1`);
    expect([root.status, root.headers.location]).toEqual([301, `${core}/services/svc/proxy/?q=1`]);
  });

  it.each<[string, number, string]>([
    ["pods/inward:1/proxy/", 400, "address not allowed"],
    ["pods/metadata:80/proxy/", 400, "address not allowed"],
    ["pods/outside:80/proxy/", 400, "address not allowed"],
    ["pods/none/proxy/", 404, 'pods "none" not found'],
    ["pods/ftp:web:21/proxy/", 400, "invalid pod request"],
    ["pods/web:0/proxy/", 400, "invalid pod request"],
    ["pods/web:1/proxy/", 503, "error trying to reach service: dial tcp"],
    ["services/svc:99/proxy/", 503, 'no service port "99" found for service "svc"'],
    ["pods/web/proxy/../../secrets", 400, "invalid request path"],
    ["pods/web/proxy/%2e%2e/x", 400, "invalid request path"],
  ])("refuse %s", async (path, status, message) => {
    const reply = await ask("GET", `${core}/${path}`);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
    expect(seen).toEqual([]);
  });

  it("hand no token of a WebSocket to the other server", async () => {
    const account = `${core}/serviceaccounts/default`;
    const bearer = (await ask("POST", `${account}/token`, { spec: {} })).body.status.token as string;
    const offered = `base64url.bearer.authorization.k8s.io.${Buffer.from(bearer).toString("base64url")}, chat`;
    const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    await ask("POST", rbac, {
      ...{ metadata: { name: "browser" }, roleRef: { kind: "ClusterRole", name: "admin" } },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace: "default" }],
    });
    const closed = new Promise<void>((resolve, reject) => {
      const asked = request({
        ...{ host: "127.0.0.1", port: test.server.port, path: `${core}/services/svc/proxy/yes`, agent: false },
        ...{ ca: test.pki.caCertificate },
        headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-protocol": offered },
      });
      asked.on("error", reject);
      asked.on("response", (response) => reject(new Error(`answered ${response.statusCode}`)));
      asked.on("upgrade", (_response, socket) => {
        socket.on("close", resolve);
        socket.destroy();
      });
      asked.end();
    });
    await closed;
    expect(offers).toEqual(["chat"]);
  });

  it("hold no connection for an answer to HEAD, which has nothing to read", async () => {
    const silent = createTcpServer();
    const closed = new Promise<void>((resolve) => {
      silent.on("connection", (socket) => {
        socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"));
        socket.on("error", () => {});
        socket.on("close", resolve);
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, backendAddress, resolve));
    const own = (silent.address() as AddressInfo).port;
    expect((await ask("HEAD", `${core}/pods/web:${own}/proxy/x`)).status).toBe(200);
    await closed;
    silent.close();
  });

  it("take the right to the subresource, by the method", async () => {
    const nobody = await test.identity({ user: "nobody" });
    const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["services/proxy"] }];
    await ask("POST", `${rbac}/roles`, { metadata: { name: "see" }, rules });
    await ask("POST", `${rbac}/rolebindings`, {
      ...{ metadata: { name: "see" }, roleRef: { kind: "Role", name: "see" } },
      subjects: [{ kind: "User", name: "nobody" }],
    });
    const as = nobody;
    expect((await call(test, "GET", `${core}/services/svc/proxy/`, { as })).status).toBe(200);
    expect((await call(test, "POST", `${core}/services/svc/proxy/`, { as, body: {} })).status).toBe(403);
    expect((await call(test, "GET", `${core}/pods/web:${port}/proxy/`, { as })).status).toBe(403);
  });

  /** What came over one connection on which this was sent, at once. */
  const raw = (path: string, behind: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request({
        ...{ host: "127.0.0.1", port: test.server.port, path, agent: false, ca: test.pki.caCertificate },
        ...{ cert: admin.certificate, key: admin.key, headers: { connection: "Upgrade", upgrade: "echo" } },
      });
      let text = "";
      asked.on("socket", (socket) => {
        socket.on("secureConnect", () => {
          asked.end();
          if (!path.endsWith("/yes")) setImmediate(() => socket.write(behind));
        });
        socket.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        socket.on("close", () => resolve(text));
      });
      asked.on("error", () => {});
      asked.on("upgrade", (_response, socket, head) => {
        text += head.toString();
        socket.on("data", (chunk: Buffer) => {
          text += chunk.toString();
          if (text.endsWith("late words")) socket.destroy();
        });
        socket.write(behind);
      });
      asked.on("response", (response) => response.resume());
      setTimeout(() => reject(new Error(`still open: ${text}`)), 10_000).unref();
    });

  it("carry an upgrade that both sides agree to", async () => {
    expect(await raw(`${core}/services/svc/proxy/yes`, "late words")).toMatch(/^HTTP\/1\.1 101 [\s\S]*late words$/);
  });

  it("close after an upgrade that is refused: no later byte reaches the other server", async () => {
    const late = `GET ${core}/services/svc/proxy/second HTTP/1.1\r\nhost: x\r\n\r\n`;
    const text = await raw(`${core}/services/svc/proxy/no`, late);
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(upgrades.join("")).toBe("");
    expect(seen).toEqual([]);
  });
});
