import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { RequestOptions } from "node:https";
import type { Readable } from "node:stream";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/error-text.js";
import { ConnectionError, type RawResponse, type RequestHeaders } from "./client.js";

/** How the server is reached and believed; PEM text. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Name to expect in the server's certificate, where it differs from the URL's host. */
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body: Uint8Array | string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Sends requests to one server. Over TLS it speaks HTTP/2 where the server does, else HTTP/1.1 with kept connections. */
export interface HttpConnection {
  send(request: HttpRequest): Promise<RawResponse>;
  close(): void;
}

/** Asked before each request; another object than the last time means that new connections are made with it. */
export type TlsSource = () => TlsMaterial;

export function openConnection(server: URL, tls: TlsSource, clock: Clock): HttpConnection {
  let way: Promise<HttpConnection> | undefined;
  let closed = false;
  const closing = new AbortController();
  return {
    async send(request) {
      if (closed) throw new ConnectionError("the client is closed");
      way ??= (
        server.protocol === "http:" ? openHttp1(server, tls) : negotiate(server, tls, clock, closing.signal)
      ).catch((error: unknown) => {
        way = undefined;
        throw asConnectionError(error);
      });
      return (await way).send(request);
    },
    close() {
      closed = true;
      closing.abort();
      void way?.then(
        (connection) => connection.close(),
        () => undefined,
      );
    },
  };
}

/** Node.js takes no readonly lists. */
export const sendable = (headers: RequestHeaders): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );

export const asConnectionError = (error: unknown): ConnectionError =>
  error instanceof ConnectionError ? error : new ConnectionError(messageOf(error), { cause: error });

const connectTimeoutMs = 10_000;
const pingIntervalMs = 30_000;
const pingTimeoutMs = 15_000;
const streamWindowBytes = 2 * 1024 * 1024;
const connectionWindowBytes = 16 * 1024 * 1024;
const sessionMemoryMb = 256;

const tlsOptions = ({ ca, certificate, key, serverName, insecureSkipVerify }: TlsMaterial): ConnectionOptions => ({
  ...(ca === undefined ? {} : { ca }),
  ...(certificate === undefined ? {} : { cert: certificate }),
  ...(key === undefined ? {} : { key }),
  ...(serverName === undefined ? {} : { servername: serverName }),
  rejectUnauthorized: !insecureSkipVerify,
});

const hostOf = (server: URL): string => server.hostname.replace(/^\[|\]$/g, "");
const portOf = (server: URL): number => Number(server.port || (server.protocol === "http:" ? 80 : 443));

/** One TLS handshake tells which protocol the server speaks; with HTTP/2 that connection is the first one used. */
async function negotiate(server: URL, tls: TlsSource, clock: Clock, closing: AbortSignal): Promise<HttpConnection> {
  const material = tls();
  const socket = await dial(server, material, { protocols: ["h2", "http/1.1"], clock, closing });
  if (socket.alpnProtocol === "h2") return openHttp2(server, tls, clock, { socket, material });
  socket.destroy();
  return openHttp1(server, tls);
}

interface Dialling {
  readonly protocols: readonly string[];
  readonly clock: Clock;
  /** The client is closed: nobody waits for the connection any more. */
  readonly closing?: AbortSignal;
}

async function dial(server: URL, tls: TlsMaterial, { protocols, clock, closing }: Dialling): Promise<TLSSocket> {
  const { connect } = await import("node:tls");
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostOf(server),
      port: portOf(server),
      ALPNProtocols: [...protocols],
      ...(isAddress(hostOf(server)) ? {} : { servername: hostOf(server) }),
      ...tlsOptions(tls),
    });
    const timer = clock.after(connectTimeoutMs, () =>
      socket.destroy(new Error(`connect to ${server.host}: timed out after ${connectTimeoutMs / 1000} s`)),
    );
    const giveUp = (): void => void socket.destroy(new ConnectionError("the client is closed"));
    if (closing?.aborted) giveUp();
    closing?.addEventListener("abort", giveUp, { once: true });
    socket.once("secureConnect", () => {
      timer.cancel();
      closing?.removeEventListener("abort", giveUp);
      socket.off("error", reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once("error", (error) => {
      timer.cancel();
      closing?.removeEventListener("abort", giveUp);
      reject(error);
    });
  });
}

// TLS server names are host names only.
const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(":");

interface Secured {
  readonly socket: TLSSocket;
  readonly material: TlsMaterial;
}

async function openHttp2(server: URL, tls: TlsSource, clock: Clock, first: Secured): Promise<HttpConnection> {
  const { connect } = await import("node:http2");
  let closed = false;
  const open = new Set<ClientHttp2Session>();
  const establish = (socket: TLSSocket): ClientHttp2Session => {
    const session = connect(server, {
      createConnection: () => socket,
      settings: { initialWindowSize: streamWindowBytes, enablePush: false },
      maxSessionMemory: sessionMemoryMb,
    });
    session.on("error", () => {}); // every stream under way reports it
    session.once("connect", () => session.setLocalWindowSize(connectionWindowBytes));
    keepChecking(session, clock);
    open.add(session);
    session.once("close", () => open.delete(session));
    return session;
  };
  let { material } = first;
  let current: Promise<ClientHttp2Session> | undefined = Promise.resolve(establish(first.socket));
  const usable = async (): Promise<ClientHttp2Session> => {
    const made = current;
    const session = await made?.catch(() => undefined);
    if (current !== made) return usable();
    if (session && !session.closed && !session.destroyed) {
      if (tls() === material) return session;
      session.close(); // what is under way on it ends there
    }
    if (closed) throw new ConnectionError("the client is closed");
    material = tls();
    current = dial(server, material, { protocols: ["h2"], clock }).then(establish);
    return current;
  };
  return {
    async send(request) {
      try {
        return await sendHttp2(await usable(), request);
      } catch (error) {
        if (!(error instanceof NeverSent)) throw asConnectionError(error);
        return sendHttp2(await usable(), request).catch((again: unknown) => Promise.reject(asConnectionError(again)));
      }
    },
    close() {
      closed = true;
      for (const session of open) session.destroy();
      void current?.then(
        (session) => session.destroy(),
        () => undefined,
      );
    },
  };
}

/** The server did not look at the request: sending it again is safe. */
class NeverSent extends ConnectionError {}

/** A peer that vanished without a word is noticed by pings, so no watch hangs on it for ever. */
function keepChecking(session: ClientHttp2Session, clock: Clock): void {
  let timer = clock.after(pingIntervalMs, check);
  session.once("close", () => timer.cancel());
  function check(): void {
    if (session.destroyed) return;
    const late = clock.after(pingTimeoutMs, () => session.destroy(new Error("the server does not answer pings")));
    session.ping(() => late.cancel());
    timer = clock.after(pingIntervalMs, check);
  }
}

const refusedStream = 7;

function sendHttp2(session: ClientHttp2Session, request: HttpRequest): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(
        { ":method": request.method, ":path": request.path, ...sendable(request.headers) },
        { endStream: request.body === undefined, ...(request.signal ? { signal: request.signal } : {}) },
      );
    } catch (error) {
      reject(new NeverSent(messageOf(error), { cause: error }));
      return;
    }
    stream.once("response", (headers) =>
      resolve({
        status: headers[":status"] ?? 0,
        headers: plainHeaders(headers),
        body: bodyOf(stream, () => stream.rstCode !== 0),
      }),
    );
    stream.on("error", (error) =>
      reject(stream.rstCode === refusedStream ? new NeverSent(error.message) : asConnectionError(error)),
    );
    stream.once("close", () => reject(new ConnectionError("the connection closed before the answer")));
    if (request.body !== undefined) stream.end(request.body);
  });
}

async function openHttp1(server: URL, tls: TlsSource): Promise<HttpConnection> {
  const http = server.protocol === "http:" ? await import("node:http") : await import("node:https");
  const agentFor = (secured: TlsMaterial) =>
    new http.Agent({ keepAlive: true, ...(server.protocol === "http:" ? {} : tlsOptions(secured)) });
  let material = tls();
  let agent = agentFor(material);
  const attempt = (request: HttpRequest): Promise<RawResponse> =>
    new Promise((resolve, reject) => {
      if (tls() !== material) {
        material = tls();
        agent = agentFor(material); // the old one's connections end when the server finds them idle
      }
      const options: RequestOptions = {
        host: hostOf(server),
        port: portOf(server),
        agent,
        method: request.method,
        path: request.path,
        headers: { ...sendable(request.headers), ...lengthOf(request.body) },
        ...(request.signal ? { signal: request.signal } : {}),
      };
      const sent = http.request(options, (response) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: plainHeaders(response.headers),
          body: bodyOf(response, () => !response.complete),
        }),
      );
      // A kept connection that the server closed meanwhile: nothing was read, a read may be asked again.
      sent.on("error", (error) => {
        const stale = sent.reusedSocket && (request.method === "GET" || request.method === "HEAD");
        reject(stale ? new NeverSent(error.message) : asConnectionError(error));
      });
      sent.end(request.body);
    });
  return {
    send: (request) =>
      attempt(request).catch((error: unknown) => {
        if (error instanceof NeverSent && !request.signal?.aborted) return attempt(request);
        throw error;
      }),
    close: () => agent.destroy(),
  };
}

const lengthOf = (body: HttpRequest["body"]): Record<string, string> =>
  body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(":") && value !== undefined) plain[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return plain;
}

async function* bodyOf(stream: Readable, isCut: () => boolean): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw asConnectionError(error);
  }
  if (isCut()) throw new ConnectionError("the connection broke before the answer was complete");
}
