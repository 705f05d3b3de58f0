import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Logger } from "../base/log.js";
import type { Identity } from "../base/tls.js";
import { Connections } from "./connections.js";
import type { Pipeline } from "./pipeline.js";
import type { Answer, RequestContext } from "./request.js";
import type { Encoded } from "./stages/send.js";
import { serveHttp1, serveHttp2 } from "./stages/serve.js";

export interface HttpsOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly identity: Identity;
  /** PEM; told to clients that may present a certificate. */
  readonly clientAuthorities: string;
  readonly pipeline: Pipeline;
  readonly encode: (answer: Answer, context: RequestContext) => Encoded | Promise<Encoded>;
  readonly log: Logger;
}

/** The door for the world: HTTP/1.1 and HTTP/2 over TLS on one port. */
export interface HttpsServer {
  readonly port: number;
  /** Serves with another certificate from the next connection on. */
  replaceIdentity(identity: Identity): void;
  /** Takes no new connection, lets the requests under way finish for this long, then cuts them off. */
  close(graceMs: number): Promise<void>;
}

/** Rejects with a message for people when the port is taken or the address is not ours. */
export async function openHttps(options: HttpsOptions): Promise<HttpsServer> {
  const server = createServer(options);
  const connections = new Connections(server);
  serveHttp2(server, options, connections);
  serveHttp1(server, options, connections);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    replaceIdentity: (identity) => server.setSecureContext(tlsSettings({ ...options, identity })),
    close: (graceMs) => connections.close(graceMs),
  };
}

/** Of all headers of a request, by either protocol. */
export const maxHeaderBytes = 64 * 1024;
/** HTTP/2 counts so much for each beside its characters, so that this many can never be reached by either. */
const headerOverheadBytes = 32;
const maxConnections = 20_000;
const maxStreamsPerConnection = 1_000;
const sessionMemoryMaxMb = 64;
const handshakeTimeoutMs = 10_000;
const headersTimeoutMs = 15_000;
const bodyTimeoutMs = 65_000;
const keepAliveTimeoutMs = 120_000;
const probeAfterMs = 30_000;
const receiveWindowBytes = 1024 * 1024;
/** SSL_OP_NO_TICKET: each connection proves its certificate anew. */
const noTicket = 0x4000;

const tlsSettings = ({ identity, clientAuthorities }: HttpsOptions) => ({
  cert: identity.certificate,
  key: identity.key,
  ca: clientAuthorities,
  minVersion: "TLSv1.2" as const,
  secureOptions: noTicket,
});

function createServer(options: HttpsOptions): Http2SecureServer {
  const server = createSecureServer({
    ...tlsSettings(options),
    allowHTTP1: true,
    // A certificate is judged by authentication, with an answer, not by a broken handshake.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: probeAfterMs,
    ...{ maxHeaderListPairs: maxHeaderBytes / headerOverheadBytes },
    maxSessionMemory: sessionMemoryMaxMb,
    settings: {
      maxConcurrentStreams: maxStreamsPerConnection,
      maxHeaderListSize: maxHeaderBytes,
      initialWindowSize: receiveWindowBytes,
      enablePush: false,
    },
  });
  server.maxConnections = maxConnections;
  Object.assign(server, {
    headersTimeout: headersTimeoutMs,
    requestTimeout: bodyTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // What HTTP/1.1 goes by: its options are not told to it by a server of both. Without a bound by number, beyond which
    // it would leave headers out without a word.
    maxHeaderSize: maxHeaderBytes,
    maxHeadersCount: 0,
  });
  return server;
}

function listen(server: Http2SecureServer, { address, port }: HttpsOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const where = `${address}:${port}`;
      const known: Readonly<Record<string, string>> = {
        EADDRINUSE: `cannot listen on ${where}: the port is taken; choose another with --secure-port (0: any free port)`,
        EACCES: `cannot listen on ${where}: not permitted; ports below 1024 need more rights`,
        EADDRNOTAVAIL: `cannot listen on ${where}: this machine does not have that address`,
      };
      reject(new Error(known[error.code ?? ""] ?? `cannot listen on ${where}: ${error.message}`));
    };
    server.once("error", refused);
    server.listen({ host: address, port }, () => {
      server.off("error", refused);
      resolve();
    });
  });
}
