import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { badRequest, StatusError } from "../../apimachinery/status.js";
import type { Abortable } from "../../base/late-abort.js";
import type { ApiRequest, RequestBody } from "../request.js";

/** The other end of one connection. */
export interface Peer {
  readonly address: string;
  /** DER; the handshake proved that the peer has its key, nothing more. */
  readonly certificate: Uint8Array | undefined;
  /** What else the peer sent, where TLS itself found a chain to an authority in it: lengths, names and uses are right. */
  readonly chain: () => readonly Uint8Array[];
}

export function peerOf(socket: Socket): Peer {
  const certificate = isTls(socket) ? socket.getPeerX509Certificate() : undefined;
  return {
    address: socket.remoteAddress ?? "",
    certificate: certificate?.raw,
    chain: () => (isTls(socket) && socket.authorized ? issuersOf(certificate) : []),
  };
}

const chainMaxCertificates = 10;

function issuersOf(certificate: X509Certificate | undefined): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let next = certificate?.issuerCertificate;
  for (; next && chain.length < chainMaxCertificates; next = next.issuerCertificate) chain.push(next.raw);
  return chain;
}

// What HTTP/2 hands out is a proxy of the socket: `in` and `instanceof` do not see through it.
const isTls = (socket: Socket): socket is TLSSocket =>
  typeof Reflect.get(socket, "getPeerX509Certificate") === "function";

/** An HTTP/1.1 request as the pipeline takes it. Nothing is judged here, and the body is not read yet. */
export function receiveHttp1(
  message: IncomingMessage,
  peer: Peer,
  client: Abortable,
  upgrade: ApiRequest["upgrade"],
): ApiRequest {
  return assemble({
    method: message.method ?? "",
    url: message.url ?? "",
    headers: message.headers,
    rawHeaders: message.rawHeaders,
    source: upgrade ? undefined : message,
    peer,
    client,
    upgrade,
  });
}

/** The same for one stream of an HTTP/2 connection. */
export function receiveHttp2(
  stream: ServerHttp2Stream,
  { headers, rawHeaders }: { readonly headers: IncomingHttpHeaders; readonly rawHeaders: readonly string[] },
  peer: Peer,
  client: Abortable,
): ApiRequest {
  return assemble({
    method: headers[":method"] ?? "",
    url: headers[":path"] ?? "",
    headers,
    rawHeaders,
    source: stream,
    peer,
    client,
    upgrade: undefined,
  });
}

/** Size of a request body: as Kubernetes, twice what its store takes. */
export const maxBodyBytes = 3 * 1024 * 1024;

interface Parts {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly source: Readable | undefined;
  readonly peer: Peer;
  /** Aborted when the client leaves. */
  readonly client: Abortable;
  readonly upgrade: ApiRequest["upgrade"];
}

function assemble({ method, url, headers: given, rawHeaders, source, peer, client, upgrade }: Parts): ApiRequest {
  const question = url.indexOf("?");
  const headers = headersOf(given);
  return {
    method,
    path: question < 0 ? url : url.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : url.slice(question + 1)),
    rawQuery: question < 0 ? "" : url.slice(question + 1),
    headers,
    rawHeaders,
    body: source === undefined || bodiless.has(method) ? { type: "none" } : bodyFrom(source, headers),
    clientCertificate: peer.certificate,
    clientChain: peer.chain,
    remoteAddress: peer.address,
    get signal() {
      return client.signal;
    },
    upgrade,
  };
}

const bodiless: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function headersOf(given: Parts["headers"]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  for (const name in given) {
    const value = given[name];
    if (value === undefined || name.startsWith(":")) continue;
    headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}

function bodyFrom(source: Readable, headers: Readonly<Record<string, string>>): RequestBody {
  let reading: Promise<Buffer> | undefined;
  return {
    type: "stream",
    source,
    read: () => {
      reading ??= readBody(source, headers);
      return reading;
    },
  };
}

async function readBody(source: Readable, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    throw new StatusError(
      "UnsupportedMediaType",
      "the body of the request has a content encoding that is not supported",
    );
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (): void => {
      source.off("data", take);
      source.off("error", broken);
      source.off("close", broken);
    };
    const fail = (error: StatusError): void => {
      settle();
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) fail(tooLarge());
      else chunks.push(chunk);
    };
    const broken = (): void => fail(badRequest("the request's body ended before it was complete"));
    if (source.readableEnded) return resolve(Buffer.alloc(0));
    if (source.destroyed) return broken();
    source.on("data", take);
    source.once("end", () => {
      settle();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    source.once("error", broken);
    source.once("close", broken);
  });
}

const tooLarge = (): StatusError =>
  new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${maxBodyBytes}`, {});
