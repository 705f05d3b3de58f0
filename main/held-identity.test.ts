import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { call, startTestServer, type TestServer } from "../apiserver/apiserver.test-kit.js";
import { silentLog } from "../base/log.js";
import { Renewals } from "../base/renewal.js";
import { ensurePki, type Identity, type Pki } from "../base/tls.js";
import { VirtualClock } from "../base/virtual-clock.js";
import type { TlsMaterial } from "../client/http-connection.js";
import { createHttpsTransport } from "../client/https-transport.js";
import { writeKubeconfig } from "../client/kubeconfig.js";
import { createLocalTransport } from "../client/local-transport.js";
import { createClient } from "../client/rest.js";
import type { Transport } from "../client/transport.js";
import { eventually } from "../e2e/harness/run.js";
import { holdIdentity } from "./held-identity.js";
import { followKubeconfig } from "./renewed-files.js";

const minuteMs = 60_000;
/** Of this life a third is left when certificates are renewed: the clock is moved to that, and the old ones still hold. */
const lifeMs = 60 * minuteMs;
const dueMs = 40 * minuteMs;
const admin = { user: "admin", groups: ["system:masters"] };

let api: TestServer;
let pki: Pki;
let clock: VirtualClock;
let renewals: Renewals;
const open: Transport[] = [];

beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  // Certificates are issued late enough for the handshake, which goes by the machine's own time, to take the renewed ones.
  clock = new VirtualClock(Date.now() - dueMs);
  pki = await ensurePki(api.pki.dir, { clock, leafLifeMs: lifeMs });
  renewals = new Renewals({ clock, log: silentLog });
});
afterEach(async () => {
  await renewals.stop();
  for (const transport of open.splice(0)) transport.close();
});

const hold = (obtain: () => Promise<Identity>, use?: (identity: Identity) => void) =>
  holdIdentity(renewals, { what: "test", obtain, ...(use ? { use } : {}) });
const isRenewed = (held: () => Identity, first: Identity): Promise<true> =>
  eventually("the certificate is renewed", async () => {
    if (held() === first) throw new Error("not yet");
    return true as const;
  });
const idOf = ({ certificate }: Identity): string =>
  `X509SHA256=${new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase()}`;

/** By which certificate the API server knows a caller. */
async function credentialOf(transport: Transport): Promise<unknown> {
  const review = (await transport.call({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    query: new URLSearchParams(),
    headers: {},
    signal: undefined,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
  })) as { status: { userInfo: { extra: Record<string, string[]> } } };
  return review.status.userInfo.extra["authentication.kubernetes.io/credential-id"];
}

describe("a serving certificate", () => {
  const shownToNew = (): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const { port } = api.server;
      const socket = connectTls({ host: "127.0.0.1", port, ca: pki.caCertificate }, () => {
        resolve(socket.getPeerX509Certificate()?.toString());
        socket.destroy();
      });
      socket.once("error", reject);
    });
  const statusOver = (session: ClientHttp2Session): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":path": "/version" });
      stream.once("response", (headers) => resolve(headers[":status"])).once("error", reject);
      stream.resume();
    });

  it("is another one for new connections once renewed, and those of before go on", async () => {
    const subject = { name: "localhost", addresses: ["127.0.0.1"] };
    const held = await hold(
      () => pki.serving("renewed", subject),
      (identity) => api.server.replaceIdentity(identity),
    );
    const first = held();
    expect(await shownToNew()).toBe(first.certificate);
    const old = connectHttp2(api.server.url, { ca: pki.caCertificate });
    expect(await statusOver(old)).toBe(200);
    await clock.advance(dueMs);
    await isRenewed(held, first);
    expect(await shownToNew()).toBe(held().certificate);
    expect(await statusOver(old)).toBe(200);
    old.close();
  });
});

describe("a client certificate", () => {
  it("is another one for what is asked after its renewal; watches of before go on, and who holds the old one is served", async () => {
    const held = await hold(() => pki.client("renewed-client", admin));
    const first = held();
    let material: TlsMaterial = { ca: pki.caCertificate, ...first };
    const tls = (): TlsMaterial => {
      if (material.certificate !== held().certificate) material = { ca: pki.caCertificate, ...held() };
      return material;
    };
    const transport = createHttpsTransport({ server: api.server.url, tls });
    open.push(transport);
    const client = createClient(transport);
    await client.create(namespaces, { metadata: { name: "renewal" } });
    expect(await credentialOf(transport)).toEqual([idOf(first)]);
    const watched = transport.watch({
      method: "GET",
      path: "/api/v1/namespaces/renewal/configmaps",
      query: new URLSearchParams({ watch: "true" }),
      headers: {},
      signal: undefined,
    });
    const events = watched[Symbol.asyncIterator]();
    const create = (name: string) => client.create(configMaps, { metadata: { name, namespace: "renewal" } });
    await create("before");
    expect(await events.next()).toMatchObject({ value: [{ object: { metadata: { name: "before" } } }] });
    await clock.advance(dueMs);
    await isRenewed(held, first);
    expect(await credentialOf(transport)).toEqual([idOf(held())]);
    await create("after");
    expect(await events.next()).toMatchObject({ value: [{ object: { metadata: { name: "after" } } }] });
    expect((await call(api, "GET", "/api/v1/namespaces", { as: first })).status).toBe(200);
    transport.close();
    expect((await events.next().catch(() => ({ done: true }))).done).toBe(true);
  });

  it("is another one in the process of the API server, too", async () => {
    const held = await hold(() => pki.client("renewed-local", admin));
    const first = held();
    const certificate = (): Uint8Array => new X509Certificate(held().certificate).raw;
    const transport = createLocalTransport({ door: api.server.localDoor, certificate });
    expect(await credentialOf(transport)).toEqual([idOf(first)]);
    await clock.advance(dueMs);
    await isRenewed(held, first);
    expect(await credentialOf(transport)).toEqual([idOf(held())]);
  });

  it("is read again from the kubeconfig that holds it, unless that is half written", async () => {
    const path = join(api.pki.dir, "followed.kubeconfig");
    const write = (identity: Identity): Promise<void> =>
      writeKubeconfig(path, { server: api.server.url, caCertificate: pki.caCertificate, identity });
    const [first, second] = [await pki.issueClient(admin), await pki.issueClient(admin)];
    await write(first);
    const tls = await followKubeconfig(path, { ca: pki.caCertificate, ...first }, renewals);
    const before = tls();
    expect(before.certificate).toBe(first.certificate);
    await clock.advance(2 * minuteMs);
    expect(tls()).toBe(before);
    await write({ certificate: second.certificate, key: first.key });
    await clock.advance(2 * minuteMs);
    expect(tls()).toBe(before);
    await writeFile(path, "apiVersion: v1\n");
    await clock.advance(2 * minuteMs);
    expect(tls()).toBe(before);
    await write(second);
    await eventually("it is read", async () => {
      await clock.advance(minuteMs);
      return tls().certificate === second.certificate;
    });
    rmSync(path);
  });

  it("is the one in the kubeconfig now, though another was read from it just before", async () => {
    const path = join(api.pki.dir, "overtaken.kubeconfig");
    const [first, second] = [await pki.issueClient(admin), await pki.issueClient(admin)];
    await writeKubeconfig(path, { server: api.server.url, caCertificate: pki.caCertificate, identity: second });
    const tls = await followKubeconfig(path, { ca: pki.caCertificate, ...first }, renewals);
    expect(tls().certificate).toBe(second.certificate);
    rmSync(path);
  });
});
