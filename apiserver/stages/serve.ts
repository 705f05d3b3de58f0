import { IncomingMessage, ServerResponse } from "node:http";
import type { Http2SecureServer, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { StatusError } from "../../apimachinery/status.js";
import { LateAbort } from "../../base/late-abort.js";
import type { Connections } from "../connections.js";
import { wantsPretty } from "../encoding/encode.js";
import type { ApiRequest } from "../request.js";
import type { HttpsOptions } from "../server.js";
import { statusOf } from "./errors.js";
import { type Peer, peerOf, receiveHttp1, receiveHttp2 } from "./receive.js";
import { type Channel, type Encoded, encodeError, http1Channel, http2Channel, send } from "./send.js";

/** Each stream of each HTTP/2 connection is a request. */
export function serveHttp2(server: Http2SecureServer, options: HttpsOptions, connections: Connections): void {
  server.on("session", (session) => {
    let peer: Peer | undefined;
    session.on("error", ignore); // whatever ends a connection ends its streams, which is where it is noticed
    session.setTimeout(idleSessionMs, () => session.close());
    const accept = (
      stream: ServerHttp2Stream,
      headers: IncomingHttpHeaders,
      _flags: number,
      rawHeaders: readonly string[],
    ): void => {
      const presence = new Presence();
      stream.on("error", ignore);
      stream.once("close", () => presence.left());
      peer ??= peerOf(session.socket);
      const request = receiveHttp2(stream, { headers, rawHeaders }, peer, presence);
      connections.track(presence.until(answer(options, request, () => http2Channel(stream, request.method))));
    };
    session.on("stream", accept);
  });
}

/** HTTP/1.1: one request after the other on a connection, or one that takes the connection over. */
export function serveHttp1(server: Http2SecureServer, options: HttpsOptions, connections: Connections): void {
  const peers = new WeakMap<Duplex, Peer>();
  const peerAt = (socket: Duplex): Peer => {
    const peer = peers.get(socket) ?? (socket instanceof Socket ? peerOf(socket) : unknownPeer);
    peers.set(socket, peer);
    return peer;
  };
  // Listening for `request` would make Node wrap every HTTP/2 stream in that form as well.
  server.removeAllListeners("newListener");
  server.on("request", (message: unknown, response: unknown) => {
    if (!(message instanceof IncomingMessage) || !(response instanceof ServerResponse)) return;
    const presence = new Presence();
    message.on("error", ignore);
    response.on("error", ignore);
    response.once("close", () => presence.left());
    if (connections.closing) response.shouldKeepAlive = false;
    const request = receiveHttp1(message, peerAt(message.socket), presence, undefined);
    connections.track(presence.until(answer(options, request, () => http1Channel(message, response))));
  });
  server.on("upgrade", (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    const presence = new Presence();
    socket.on("error", ignore);
    socket.once("close", () => presence.left());
    let taken = false;
    const upgrade = () => {
      taken = true;
      return { socket, head };
    };
    const request = receiveHttp1(message, peerAt(socket), presence, upgrade);
    const refusal = () => (taken ? undefined : http1Channel(message, refusalOn(message, socket)));
    // What took the connection over lasts, and counts, as long as it does.
    const over = (end: () => void): void => void (socket.destroyed ? end() : socket.once("close", end));
    const answered = answer(options, request, refusal, over);
    connections.track(presence.until(answered).then(() => void (taken || socket.end())));
  });
  server.on("tlsClientError", refusePlain);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => refuse(error, socket));
}

const idleSessionMs = 10 * 60 * 1000;
const unknownPeer: Peer = { address: "", certificate: undefined, chain: () => [] };
const ignore = (): void => {};

/** Whether the client is still there; once it has its answer, nobody needs to know. */
class Presence extends LateAbort {
  #answered = false;

  /** Aborts unless the client has its answer. */
  left(): void {
    if (!this.#answered) this.abort(gone);
  }

  async until(answered: Promise<void>): Promise<void> {
    await answered;
    this.#answered = true;
  }
}

/** Made once: an error with a stack for each request would cost more than the rest of its end. */
const gone = new Error("the client is gone");

/** From request to the last byte of its answer. Without a channel the connection was taken over. Never rejects. */
async function answer(
  { pipeline, encode, log }: HttpsOptions,
  request: ApiRequest,
  open: () => Channel | undefined,
  whenOver: (end: () => void) => void = (end) => end(),
): Promise<void> {
  const { id, outcome, warnings, flowHeaders, end } = await pipeline(request);
  const { context } = outcome;
  const channel = open();
  if (!channel) return whenOver(() => end(switchingProtocols));
  let encoded: Encoded;
  try {
    encoded = context ? await encode(outcome.answer, context) : encodeFailure(outcome.error, request);
  } catch (error) {
    encoded = encodeError(statusOf(error, id, log), wantsPretty(request));
  }
  try {
    await send(encoded, { channel, requestId: id, warnings, flowHeaders: flowHeaders(), request: context });
  } catch (error) {
    log.error("answer could not be sent", {
      requestId: id,
      error: error instanceof Error ? error.stack : String(error),
    });
    channel.sink.destroy();
  }
  end(encoded.status);
}

/** Where no API is, nothing is known of the API's forms: plain text. */
function encodeFailure(error: StatusError, request: ApiRequest): Encoded {
  const elsewhere = !/^\/apis?(?:\/|$)/.test(request.path);
  if (error.code !== 404 || error.details?.kind !== undefined || !elsewhere)
    return encodeError(error, wantsPretty(request));
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return { status: 404, headers, body: Buffer.from("404 page not found\n") };
}

const switchingProtocols = 101;

/** A response on a connection whose upgrade is refused; it closes with the answer. */
function refusalOn(message: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.on("error", ignore);
  Reflect.apply(response.assignSocket, response, [socket]);
  return response;
}

/** Who speaks HTTP without TLS is told so in words that it can read, below the TLS that never came to be. */
function refusePlain(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code !== "ERR_SSL_HTTP_REQUEST") return;
  const below: unknown = Reflect.get(socket, "_parent");
  if (!(below instanceof Socket) || !below.writable) return;
  below.on("error", ignore);
  below.end("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
}

/** What is no HTTP, or too much of it, is told so in the usual form; there is no request to answer. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const [code, phrase, reason] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? [431, "Request Header Fields Too Large", "RequestEntityTooLarge"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, "Request Timeout", "Timeout"]
        : [400, "Bad Request", "BadRequest"];
  const message = code === 400 ? "the request is not valid HTTP" : phrase;
  const body = JSON.stringify({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    code,
  });
  socket.end(
    `HTTP/1.1 ${code} ${phrase}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
