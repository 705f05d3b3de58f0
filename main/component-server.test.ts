import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, startTestServer, type TestServer } from "../apiserver/apiserver.test-kit.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { createMetrics } from "../base/metrics.js";
import { Renewals } from "../base/renewal.js";
import type { Identity } from "../base/tls.js";
import type { Client } from "../client/client.js";
import { createHttpsTransport } from "../client/https-transport.js";
import { createClient } from "../client/rest.js";
import { type ComponentServer, openComponentServer } from "./component-server.js";

let api: TestServer;
let client: Client;
let admin: Identity;
let server: ComponentServer;
let dir: string;
const metrics = createMetrics();
const renewals = new Renewals({ clock: systemClock, log: silentLog });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "component-server-"));
  api = await startTestServer();
  admin = await api.identity({ user: "admin", groups: ["system:masters"] });
  const identity = await api.identity({ user: "system:kube-scheduler" });
  const tls = { ca: api.pki.caCertificate, ...identity };
  client = createClient(createHttpsTransport({ server: api.server.url, tls }));
  metrics.counter("tried_total", "Tries.", []).add(3);
  const clientCaFile = join(dir, "ca.crt");
  writeFileSync(clientCaFile, api.pki.caCertificate);
  const flags = { bindAddress: "127.0.0.1", securePort: 0, clientCaFile };
  server = await openComponentServer(flags, { client, metrics, clock: systemClock, log: silentLog, renewals });
});
afterAll(async () => {
  await renewals.stop();
  await server?.close();
  await api?.stop();
  rmSync(dir, { recursive: true });
});

interface As {
  readonly token?: string;
  readonly identity?: Identity;
  readonly method?: string;
}

function get(path: string, { token, identity, method = "GET" }: As = {}): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      server.url + path,
      {
        method,
        // Nobody can check the certificate that a server makes for itself.
        rejectUnauthorized: false,
        agent: false,
        ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
        ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ code: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

async function tokenOf(name: string): Promise<string> {
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  await call(api, "POST", "/api/v1/namespaces", { as: admin, body: { metadata: { name: "default" } } });
  await call(api, "POST", accounts, { as: admin, body: { metadata: { name } } });
  const { body } = await call(api, "POST", `${accounts}/${name}/token`, { as: admin, body: { spec: {} } });
  return body.status.token;
}

describe("a component that runs alone", () => {
  it.each(["/healthz", "/livez", "/readyz"])("tells everybody of its health at %s", async (path) => {
    expect(await get(path)).toEqual({ code: 200, text: "ok" });
    expect((await get(path, { method: "POST" })).code).toBe(405);
  });

  it("shows its metrics to nobody unknown", async () => {
    expect((await get("/metrics")).code).toBe(401);
    expect((await get("/metrics", { token: "made.up.token" })).code).toBe(401);
    const stranger = await api.pki.issueServing({ name: "localhost" });
    expect((await get("/metrics", { identity: stranger })).code).toBe(401);
  });

  it("shows them to those whom the API server lets", async () => {
    const shown = await get("/metrics", { identity: admin });
    expect(shown.code).toBe(200);
    expect(shown.text).toMatch(/^tried_total 3$/m);
    expect(shown.text).toMatch(/^process_resident_memory_bytes \d+$/m);
    const somebody = await api.identity({ user: "somebody" });
    expect((await get("/metrics", { identity: somebody })).code).toBe(403);
    expect((await get("/metrics", { token: await tokenOf("plain") })).code).toBe(403);
    const token = await tokenOf("scraper");
    const binding = {
      metadata: { name: "scraper" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:monitoring" },
      subjects: [{ kind: "ServiceAccount", name: "scraper", namespace: "default" }],
    };
    await call(api, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", { as: admin, body: binding });
    expect((await get("/metrics", { token })).code).toBe(200);
    expect((await get("/debug/pprof", { token })).code).toBe(403);
    expect((await get("/debug/pprof", { identity: admin })).code).toBe(404);
  });

  it("does not start where its port is taken, and says so", async () => {
    const flags = { bindAddress: "127.0.0.1", securePort: Number(new URL(server.url).port) };
    await expect(
      openComponentServer(flags, { client, metrics, clock: systemClock, log: silentLog, renewals }),
    ).rejects.toThrow(/^127\.0\.0\.1:\d+ is already in use: .*--secure-port/);
    const half = { bindAddress: "127.0.0.1", securePort: 0, tlsCertFile: "x" };
    await expect(
      openComponentServer(half, { client, metrics, clock: systemClock, log: silentLog, renewals }),
    ).rejects.toThrow(/go together/);
  });
});
