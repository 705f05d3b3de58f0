import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/error-text.js";
import type { Logger } from "../base/log.js";
import type { Metrics } from "../base/metrics.js";
import type { Renewals } from "../base/renewal.js";
import { type Identity, issueAlone } from "../base/tls.js";
import { bearerToken, certifiedCaller } from "../client/callers.js";
import type { Client } from "../client/client.js";
import { Reviews } from "../client/reviews.js";
import { holdIdentity } from "./held-identity.js";
import { readIdentity } from "./renewed-files.js";
import { explain, UserError } from "./user-error.js";

export interface ComponentServerFlags {
  readonly bindAddress: string;
  readonly securePort: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
}

export interface ComponentServerOptions {
  readonly client: Client;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly renewals: Renewals;
}

export interface ComponentServer {
  readonly url: string;
  close(): Promise<void>;
}

const healthPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz"]);
const maxConnections = 100;
const headersTimeoutMs = 10_000;

/**
 * Health and metrics of a component that runs alone, over HTTPS. Health is everybody's; metrics are for those whom the API
 * server lets `get /metrics`, known by a token that it confirms or by a certificate of the given authority.
 */
export async function openComponentServer(
  flags: ComponentServerFlags,
  { client, metrics, clock, log, renewals }: ComponentServerOptions,
): Promise<ComponentServer> {
  const ca = flags.clientCaFile === undefined ? undefined : await readFile(flags.clientCaFile, "utf8");
  const tls = ({ certificate, key }: Identity) => ({
    ...{ cert: certificate, key, minVersion: "TLSv1.2" as const },
    ...(ca === undefined ? {} : { ca }),
  });
  let running: Server | undefined;
  const held = await holdIdentity(renewals, {
    what: "health and metrics",
    madeElsewhere: flags.tlsCertFile !== undefined,
    obtain: () => identityOf(flags, clock),
    use: (identity) => running?.setSecureContext(tls(identity)),
  });
  const reviews = new Reviews(client, clock);
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { pathname } = new URL(request.url ?? "/", "https://component");
    if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "405 method not allowed");
    if (healthPaths.has(pathname)) return plain(200, "ok");
    const token = bearerToken(request);
    const caller = certifiedCaller(request) ?? (token === undefined ? undefined : await reviews.bearer(token));
    if (!caller) return plain(401, "Unauthorized");
    const asked = { path: pathname, verb: "get" };
    if (!(await reviews.may(caller, { nonResourceAttributes: asked })))
      return plain(403, `Forbidden: user ${JSON.stringify(caller.name)} cannot get path ${JSON.stringify(pathname)}`);
    if (pathname !== "/metrics") return plain(404, "404 page not found");
    const { contentType, text } = await metrics.expose();
    return { code: 200, contentType, text };
  };
  const server = createServer(
    { ...tls(held()), ...(ca === undefined ? {} : { requestCert: true, rejectUnauthorized: false }) },
    (request, response) =>
      void answer(request)
        .catch((error: unknown) => {
          // Mostly the API server is out of reach: who asks cannot be known.
          log.warn("a request for metrics could not be answered", { error: messageOf(error) });
          return plain(503, "the API server could not be asked about the caller");
        })
        .then((answered) => send(response, answered)),
  );
  running = server;
  server.maxConnections = maxConnections;
  server.headersTimeout = headersTimeoutMs;
  await listen(server, flags);
  const { port } = server.address() as AddressInfo;
  const host = flags.bindAddress.includes(":") ? `[${flags.bindAddress}]` : flags.bindAddress;
  return {
    url: `https://${host}:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly text: string;
}

const plain = (code: number, text: string): Answer => ({ code, text, contentType: "text/plain; charset=utf-8" });

function send(response: ServerResponse, { code, contentType, text }: Answer): void {
  response.writeHead(code, {
    "content-type": contentType,
    "cache-control": "no-cache, private",
    "x-content-type-options": "nosniff",
    ...(code === 401 ? { "www-authenticate": "Bearer" } : {}),
  });
  response.end(text);
}

/** The certificate that is named, else one made for this run. */
async function identityOf({ tlsCertFile, tlsPrivateKeyFile, bindAddress }: ComponentServerFlags, clock: Clock) {
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined))
    throw new UserError("--tls-cert-file and --tls-private-key-file go together");
  if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined)
    return issueAlone({ name: "localhost", addresses: [bindAddress] }, clock.now());
  return readIdentity(tlsCertFile, tlsPrivateKeyFile);
}

function listen(server: Server, { bindAddress, securePort }: ComponentServerFlags): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void =>
      reject(new UserError(explain(error, { address: `${bindAddress}:${securePort}` })));
    server.once("error", refused);
    server.listen({ host: bindAddress, port: securePort }, () => {
      server.off("error", refused);
      resolve();
    });
  });
}
