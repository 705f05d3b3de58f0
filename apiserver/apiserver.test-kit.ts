import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtins } from "../api/catalogue.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { systemRandom } from "../base/random.js";
import { type ClientSubject, ensurePki, type Identity, type Pki } from "../base/tls.js";
import { type ApiServer, type ApiServerOptions, startApiServer } from "./apiserver.js";
import { openMemory } from "./storage/memory/memory.js";

/** A whole API server on a free port, with certificates of its own and an empty store. */
export interface TestServer {
  readonly server: ApiServer;
  readonly pki: Pki;
  identity(subject: ClientSubject): Promise<Identity>;
  stop(): Promise<void>;
}

export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), "apiserver-"));
  const pki = await ensurePki(dir, { clock: systemClock, serverNames: ["localhost"], addresses: ["127.0.0.1"] });
  const storage = await openMemory({ clock: systemClock });
  const agentClient = await pki.issueClient({ user: "kube-apiserver-kubelet-client" });
  const discard = async (): Promise<void> => {
    await storage.close();
    await rm(dir, { recursive: true });
  };
  const server = await startApiServer({
    storage,
    definitions: builtins,
    address: "127.0.0.1",
    port: 0,
    identity: pki.server,
    clientAuthorities: pki.caCertificate,
    serviceAccounts: { signingKey: pki.serviceAccountKey },
    agents: { identity: () => agentClient, authorities: pki.caCertificate, loopbackCidrs: ["127.64.0.0/10"] },
    serviceCidr: "10.96.0.0/16",
    version: "0.0.0",
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    ...options,
  }).catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  await server.ready();
  return {
    server,
    pki,
    identity: (subject) => pki.issueClient(subject),
    async stop() {
      await server.close(1_000);
      await discard();
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
  readonly body: any;
}
export interface CallOptions {
  readonly as?: Identity | undefined;
  readonly token?: string;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** One request on a connection of its own, by HTTP/1.1. The path goes out as it is written. */
export function call(
  { server, pki }: TestServer,
  method: string,
  path: string,
  { as, token, body, headers = {} }: CallOptions = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: "127.0.0.1",
        port: server.port,
        path,
        method,
        ca: pki.caCertificate,
        ...(as ? { cert: as.certificate, key: as.key } : {}),
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        agent: false,
      },
      (response) =>
        void collect(response).then((text) => resolve(replyOf(response.statusCode, response.headers, text))),
    );
    request.on("error", reject);
    request.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
}

/** The same by HTTP/2. */
export async function callHttp2(
  { server, pki }: TestServer,
  method: string,
  path: string,
  { as, body, headers = {} }: CallOptions = {},
): Promise<Reply> {
  const identity = as ? { cert: as.certificate, key: as.key } : {};
  const session = connectHttp2(server.url, { ca: pki.caCertificate, ...identity });
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request({
        ":method": method,
        ":path": path,
        "content-type": "application/json",
        ...headers,
      });
      stream.on("error", reject);
      stream.on("response", (headers) => {
        void collect(stream).then((text) => resolve(replyOf(headers[":status"], headers, text)));
      });
      stream.end(body === undefined ? undefined : JSON.stringify(body));
    });
  } finally {
    session.close();
  }
}

function replyOf(status: number | undefined, headers: object, text: string): Reply {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: status ?? 0, headers: { ...headers }, text, body };
}

async function collect(source: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
