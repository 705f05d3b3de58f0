import { stringifyJson } from "../apimachinery/codec/json.js";
import type { LocalWatchEvent } from "../apimachinery/local-call.js";
import { type Status, StatusError, type StatusReason, statusCodes } from "../apimachinery/status.js";
import { type Clock, systemClock } from "../base/clock.js";
import { ConnectionError, type RawResponse } from "./client.js";
import {
  asConnectionError,
  type HttpRequest,
  openConnection,
  type TlsMaterial,
  type TlsSource,
} from "./http-connection.js";
import type { Transport, TransportRequest } from "./transport.js";

export interface HttpsTransportOptions {
  /** `https://host:port`, with a path where the API lies below one. Plain http is for tests and local proxies. */
  readonly server: string;
  /** Or what answers it, the same object while nothing changed: another one is used from the next connection on. */
  readonly tls?: TlsMaterial | TlsSource;
  /** Asked before every request, so a token that rotates is always the current one. */
  readonly token?: () => string | undefined;
  readonly userAgent?: string;
  readonly clock?: Clock;
  /** How long a call other than a watch may take in all: 70 s unless said, a little over the server's own limit. */
  readonly callTimeoutMs?: number;
}

/** Speaks JSON over HTTPS as the identity of a client certificate or a bearer token. */
export function createHttpsTransport(options: HttpsTransportOptions): Transport {
  const { tls = {}, userAgent = "navarch", clock = systemClock, callTimeoutMs = defaultCallTimeoutMs } = options;
  const server = new URL(options.server);
  const base = server.pathname.replace(/\/$/, "");
  const connection = openConnection(server, typeof tls === "function" ? tls : () => tls, clock);
  const send = (request: HttpRequest): Promise<RawResponse> => {
    const token = options.token?.();
    return connection.send({
      ...request,
      path: base + request.path,
      headers: {
        "user-agent": userAgent,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...request.headers,
      },
    });
  };
  return {
    sharesObjects: false,
    call: (request) =>
      within(clock, callTimeoutMs, request.signal, async (signal) => {
        const response = await send({ ...wire(request), signal });
        const text = await textOf(response);
        if (response.status >= 400) throw statusErrorOf(response, text);
        return parse(text);
      }),
    async *watch(request) {
      try {
        const response = await send(wire(request));
        if (response.status >= 400) throw statusErrorOf(response, await textOf(response));
        yield* watchFrames(response.body);
      } catch (error) {
        if (!request.signal?.aborted) throw error;
      }
    },
    raw: (request) => send({ headers: {}, signal: undefined, body: undefined, ...request }),
    close: () => connection.close(),
  };
}

const defaultCallTimeoutMs = 70_000;
const watchLineMaxBytes = 16 * 1024 * 1024;

function wire({ method, path, query, headers, body, signal }: TransportRequest): HttpRequest {
  const search = query.toString();
  return {
    method,
    path: search === "" ? path : `${path}?${search}`,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : stringifyJson(body),
    signal,
  };
}

/** Runs a call under a time limit on the injected clock, and under the caller's signal. */
async function within<R>(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  if (outer?.aborted) cancel();
  outer?.addEventListener("abort", cancel, { once: true });
  let late = false;
  const timer = clock.after(limitMs, () => {
    late = true;
    cancel();
  });
  try {
    return await task(controller.signal);
  } catch (error) {
    if (late) throw new ConnectionError(`no answer within ${limitMs / 1000} s`);
    throw error instanceof StatusError ? error : asConnectionError(error);
  } finally {
    timer.cancel();
    outer?.removeEventListener("abort", cancel);
  }
}

async function textOf({ body }: RawResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConnectionError(`the server's answer is not JSON: ${text.slice(0, 100)}`);
  }
}

/** The Status in an error's body, or one made from the HTTP code where a proxy answered. */
export function statusErrorOf({ status: code }: Pick<RawResponse, "status">, text: string): StatusError {
  let said: Partial<Status> = {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "kind" in value && value.kind === "Status") {
      said = { reason: "", ...(value as Partial<Status>) };
    }
  } catch {
    // not from the API: the code says it all
  }
  return asStatusError({ message: text.slice(0, 1000), ...said, code: said.code ?? code });
}

function asStatusError({ reason, message, details, code = 500 }: Partial<Status>): StatusError {
  const known = (reason ?? reasonOf(code)) as StatusReason | "";
  return new StatusError(known, message || `the server answered ${code}`, details, code);
}

const reasonOf = (code: number): string =>
  Object.entries(statusCodes).find(([, known]) => known === code)?.[0] ??
  (code >= 500 ? "InternalError" : "BadRequest");

/** One JSON document a line, as they come; whatever has arrived together is one batch. */
export async function* watchFrames(body: AsyncIterable<Uint8Array>): AsyncIterable<readonly LocalWatchEvent[]> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  for await (const chunk of body) {
    const batch: LocalWatchEvent[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString("utf8");
      rest = [];
      restBytes = 0;
      start = end + 1;
      if (line.trim() === "") continue;
      const event = parse(line) as { readonly type: string; readonly object: unknown };
      if (event.type === "ERROR") {
        if (batch.length > 0) yield batch;
        throw asStatusError({ reason: "", ...(event.object as Partial<Status>) });
      }
      batch.push(event as LocalWatchEvent);
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      if (restBytes > watchLineMaxBytes) throw new ConnectionError("a watch event is larger than 16 MiB");
    }
    if (batch.length > 0) yield batch;
  }
}

const newline = 10;
