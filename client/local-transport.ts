import { setMaxListeners } from "node:events";
import { stringifyJson } from "../apimachinery/codec/json.js";
import type { LocalAnswer, LocalDoor, LocalRequest, LocalWatchEvent } from "../apimachinery/local-call.js";
import { StatusError } from "../apimachinery/status.js";
import { messageOf } from "../base/error-text.js";
import { ConnectionError, type RawRequest, type RawResponse } from "./client.js";
import type { Transport, TransportRequest } from "./transport.js";

export interface LocalTransportOptions {
  readonly door: LocalDoor;
  /** DER of the caller's certificate, or what answers the one to show now. */
  readonly certificate: Uint8Array | (() => Uint8Array);
  readonly userAgent?: string;
}

/** Calls the API server in the same process: no socket, no encoding, the same identity checks. */
export function createLocalTransport({ door, certificate, userAgent = "navarch" }: LocalTransportOptions): Transport {
  const ask = async (request: TransportRequest): Promise<LocalAnswer> => {
    const signal = request.signal ?? never;
    if (signal.aborted) throw new ConnectionError("the request was cancelled");
    const asked: LocalRequest = {
      method: request.method,
      path: request.path,
      query: request.query,
      headers: { "user-agent": userAgent, ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      clientCertificate: typeof certificate === "function" ? certificate() : certificate,
      signal,
    };
    try {
      return await (request.signal ? unlessAborted(door(asked), request.signal) : door(asked));
    } catch (error) {
      throw asClientError(error);
    }
  };
  return {
    sharesObjects: true,
    async call(request) {
      const answer = await ask(request);
      if (answer.type === "object") return answer.object;
      if (answer.type === "list") return answer.list;
      if (answer.type === "bytes") return JSON.parse((await collect(answer.body)).toString("utf8"));
      throw new ConnectionError(`the server answered ${request.method} ${request.path} with a watch`);
    },
    async *watch(request) {
      const answer = await ask(request);
      if (answer.type !== "watch") throw new ConnectionError(`the server answered a watch with ${answer.type}`);
      yield* untilAborted(answer.events, request.signal);
    },
    async raw(request) {
      return rawAnswer(await ask(asTransportRequest(request)));
    },
    close() {},
  };
}

const never = new AbortController().signal;
setMaxListeners(0, never);

/** The caller need not wait for a server that overlooks its signal. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new ConnectionError("the request was cancelled"));
    signal.addEventListener("abort", cancel, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
  });
}

/** What the door throws is the API's error; anything else means that the server broke off. */
const asClientError = (error: unknown): unknown =>
  error instanceof StatusError || error instanceof ConnectionError
    ? error
    : new ConnectionError(messageOf(error), { cause: error });

async function* untilAborted(
  events: AsyncIterable<readonly LocalWatchEvent[]>,
  signal: AbortSignal | undefined,
): AsyncIterable<readonly LocalWatchEvent[]> {
  try {
    for await (const batch of events) {
      if (signal?.aborted) return;
      yield batch;
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw asClientError(error);
  }
}

function asTransportRequest({ method, path, headers, body, signal }: RawRequest): TransportRequest {
  const cut = path.indexOf("?");
  return {
    method,
    path: cut < 0 ? path : path.slice(0, cut),
    query: new URLSearchParams(cut < 0 ? "" : path.slice(cut + 1)),
    headers: headers ?? {},
    ...(body === undefined
      ? {}
      : { body: JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString("utf8")) }),
    signal,
  };
}

function rawAnswer(answer: LocalAnswer): RawResponse {
  if (answer.type === "bytes") return { status: answer.status, headers: answer.headers, body: answer.body };
  const headers = { "content-type": "application/json" };
  if (answer.type === "watch") return { status: 200, headers, body: framesOf(answer.events) };
  const value = answer.type === "object" ? answer.object : answer.list;
  return { status: answer.status, headers, body: once(value) };
}

async function* once(value: unknown): AsyncIterable<Uint8Array> {
  yield Buffer.from(stringifyJson(value));
}

async function* framesOf(events: AsyncIterable<readonly LocalWatchEvent[]>): AsyncIterable<Uint8Array> {
  for await (const batch of events) yield Buffer.from(batch.map((event) => `${stringifyJson(event)}\n`).join(""));
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
