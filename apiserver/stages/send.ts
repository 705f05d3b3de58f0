import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Writable } from "node:stream";
import type { StatusError } from "../../apimachinery/status.js";
import type { Abortable } from "../../base/late-abort.js";

/** An answer as bytes. */
export interface Encoded {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Where an answer goes: what HTTP/1.1 and HTTP/2 do differently, apart. */
export interface Channel {
  readonly sink: Writable;
  /** HEAD: nothing but the headers is wanted. */
  readonly headOnly: boolean;
  /** Sends the headers: at once where the body takes its time (`inParts`), else with the body, in one write. */
  head(status: number, headers: Readonly<Record<string, string | string[]>>, inParts: boolean): void;
  /** The client is still sending. */
  stillReceiving(): boolean;
}

export const http1Channel = (request: IncomingMessage, response: ServerResponse): Channel => ({
  sink: response,
  headOnly: request.method === "HEAD",
  head(status, headers, inParts) {
    // What is left of an unread body must not be taken for the next request.
    response.writeHead(status, request.complete ? headers : { ...headers, connection: "close" });
    if (inParts) response.flushHeaders();
  },
  stillReceiving: () => !request.complete,
});

export const http2Channel = (stream: ServerHttp2Stream, method: string): Channel => ({
  sink: stream,
  headOnly: method === "HEAD",
  head: (status, headers) => stream.respond({ ":status": status, ...headers }),
  stillReceiving: () => !stream.readableEnded && !stream.endAfterHeaders,
});

export interface Sending {
  readonly channel: Channel;
  readonly requestId: string;
  readonly warnings: readonly string[];
  /** How the request was sorted. */
  readonly flowHeaders: Readonly<Record<string, string>>;
  /** Aborted when the time of an answer is over. */
  readonly request: Abortable | undefined;
}

/** Sends an answer at the pace of its reader; resolves when all is handed to the connection or the reader is gone. */
export async function send(
  encoded: Encoded,
  { channel, requestId, warnings, flowHeaders, request }: Sending,
): Promise<void> {
  const { sink } = channel;
  if (sink.destroyed) return;
  const { body, status } = encoded;
  const headers: Record<string, string | string[]> = {
    "audit-id": requestId,
    "cache-control": "no-cache, private",
    ...flowHeaders,
    ...encoded.headers,
  };
  if (warnings.length > 0) headers.warning = warnings.map(warningHeader);
  const whole = isBytes(body) ? body : undefined;
  if (whole) headers["content-length"] = String(whole.byteLength);
  channel.head(status, headers, !whole);
  if (whole && !channel.headOnly) sink.end(whole);
  else if (isBytes(body) || channel.headOnly || (await pour(body, sink, request?.signal))) sink.end();
  dropLater(sink, channel.stillReceiving() ? unreadLingerMs : lingerMs);
}

/** The one form of a failure: a Status as JSON. */
export function encodeError(error: StatusError, pretty: boolean): Encoded {
  const seconds = error.details?.retryAfterSeconds;
  return {
    status: error.code,
    headers: {
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
      ...(seconds === undefined ? {} : { "retry-after": String(seconds) }),
    },
    body: Buffer.from(`${JSON.stringify(error.status, undefined, pretty ? 2 : 0)}\n`),
  };
}

/** How long a reader may take to fetch the end of an answer. */
const lingerMs = 10_000;
/** The same for one who has not finished sending when the answer is out already. */
const unreadLingerMs = 1_000;

// By its own mark: a realm of its own (a test's, a vm's) has a Uint8Array of its own.
const isBytes = (body: Encoded["body"]): body is Uint8Array => ArrayBuffer.isView(body);

/** False when the rest was dropped: the reader is gone, the time is over, or the source broke. */
async function pour(
  body: AsyncIterable<Uint8Array>,
  sink: Writable,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    for await (const chunk of body) {
      if (sink.destroyed) return false;
      if (!sink.write(chunk)) await writable(sink, signal);
    }
    return !sink.destroyed;
  } catch {
    sink.destroy(); // an answer cut short must not look complete
    return false;
  }
}

function writable(sink: Writable, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off("drain", done);
      sink.off("close", done);
      signal?.removeEventListener("abort", drop);
      resolve();
    };
    // Only a reader that does not keep up can be waited for here: the rest of its answer is dropped.
    const drop = (): void => {
      sink.destroy();
      done();
    };
    sink.once("drain", done);
    sink.once("close", done);
    if (signal?.aborted) drop();
    else signal?.addEventListener("abort", drop, { once: true });
  });
}

/** A reader that never takes the end of its answer does not hold the connection. */
function dropLater(sink: Writable, afterMs: number): void {
  if (sink.destroyed || sink.closed) return;
  const timer = setTimeout(() => sink.destroy(), afterMs);
  timer.unref();
  sink.once("close", () => clearTimeout(timer));
}

/** RFC 7234 `warn-code warn-agent warn-text`; control characters and length are the server's to bound. */
function warningHeader(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a header
  const safe = text.replace(/[\u0000-\u001f\u007f]/g, " ").slice(0, warningMaxCharacters);
  return `299 - "${safe.replace(/[\\"]/g, "\\$&")}"`;
}

const warningMaxCharacters = 1024;
