import type { IncomingMessage, ServerResponse } from "node:http";
import type { LogEntry } from "../runtime/runtime.js";
import { HttpProblem } from "./problem.js";
import { offeredProtocols, sendMessage, upgradeWebSocket } from "./remote/web-socket.js";
import type { ServerOptions } from "./server.js";
import { findTarget, type Target } from "./target.js";
import type { Upgrade } from "./upgrade.js";

export interface LogQuery {
  /** Absent: both. */
  readonly stream: "stdout" | "stderr" | undefined;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly sinceMs: number | undefined;
  readonly limitBytes: number | undefined;
}

/** GET /containerLogs/NAMESPACE/POD/CONTAINER */
export async function serveLogs(
  options: ServerOptions,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  // Before anything is waited for: who has gone by then is told of no more.
  response.on("close", () => abort.abort());
  if (response.destroyed) abort.abort();
  const params = new URL(request.url ?? "/", "http://agent").searchParams;
  const chunks = await logsAsked(options, path, params, abort.signal);
  if (abort.signal.aborted) return;
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (abort.signal.aborted) return;
    if (!response.write(chunk)) await drained(response, abort.signal);
  }
  response.end();
}

/** Whether what the text's messages hold is base64, by the protocol that a caller offers; who offers none gets bytes. */
const webSocketForms: ReadonlyMap<string, boolean> = new Map([
  ["binary.k8s.io", false],
  ["base64.binary.k8s.io", true],
  ["", false],
]);

/** The same over a WebSocket: each message is a part of the text, and the end of the connection its end. */
export async function serveLogsOverWebSocket(options: ServerOptions, upgrade: Upgrade): Promise<void> {
  const { path, query, request, socket, head } = upgrade;
  if (request.headers.upgrade?.toLowerCase() !== "websocket")
    throw new HttpProblem(400, "logs come over HTTP or a WebSocket");
  const offered = offeredProtocols(request);
  const protocol = [...webSocketForms.keys()].find((name) => offered.includes(name));
  if (protocol === undefined) throw new HttpProblem(400, "no known subprotocol; logs come as binary.k8s.io");
  const abort = new AbortController();
  socket.once("close", () => abort.abort());
  if (socket.destroyed) abort.abort();
  const chunks = await logsAsked(options, path, query, abort.signal);
  if (abort.signal.aborted) return;
  const webSocket = await upgradeWebSocket(request, socket, head, protocol);
  webSocket.on("close", () => abort.abort());
  webSocket.on("error", () => webSocket.terminate());
  try {
    for await (const chunk of chunks) {
      if (abort.signal.aborted) return;
      const message = webSocketForms.get(protocol) ? Buffer.from(chunk).toString("base64") : chunk;
      await sendMessage(webSocket, message);
    }
    webSocket.close(1000);
  } catch (error) {
    options.log.warn("logs broke off", { error: String(error) });
    webSocket.close(1011);
  }
  const timer = options.clock.after(closeMs, () => webSocket.terminate());
  webSocket.once("close", () => timer.cancel());
}

const closeMs = 10_000;

/** What is asked for, as it is to be sent. Throws HttpProblem before anything is. */
async function logsAsked(
  options: ServerOptions,
  path: readonly string[],
  params: URLSearchParams,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const query = decodeLogQuery(params, options.clock.now());
  const target = await findTarget(options, path);
  if (query.stream !== undefined && options.runtime.features.mergesOutputs)
    throw new HttpProblem(400, "stdout and stderr are one stream on this node: leave out `stream`, or ask for All");
  const entries = options.runtime.logs(runFor(target, query).id, {
    follow: query.follow,
    signal,
    ...(query.tailLines === undefined ? {} : { tailLines: query.tailLines }),
    ...(query.sinceMs === undefined ? {} : { sinceMs: query.sinceMs }),
  });
  return logBytes(entries, query);
}

function runFor({ name, pod, latest, previous }: Target, query: LogQuery): { readonly id: string } {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const state = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(
    (status) => status.name === name,
  )?.state;
  if (query.previous) {
    // While the next run is held back, the one that failed counts as the previous one.
    const last = state?.waiting && latest?.state === "exited" ? latest : previous;
    if (last) return last;
    throw new HttpProblem(
      400,
      `previous terminated container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} not found`,
    );
  }
  if (latest) return latest;
  const waiting = state?.waiting?.reason;
  const why =
    waiting === "ErrImagePull" || waiting === "ImagePullBackOff"
      ? "trying and failing to pull image"
      : (waiting ?? "ContainerCreating");
  throw new HttpProblem(
    400,
    `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ${why}`,
  );
}

/** Text of the entries, cut at the limit. */
export async function* logBytes(
  entries: AsyncIterable<LogEntry>,
  {
    timestamps,
    limitBytes,
    sinceMs,
    stream,
  }: Pick<LogQuery, "timestamps" | "limitBytes" | "sinceMs"> & Partial<Pick<LogQuery, "stream">>,
): AsyncIterable<Uint8Array> {
  let left = limitBytes ?? Number.POSITIVE_INFINITY;
  let continues = false;
  for await (const { timestamp, line, partial, stream: from } of entries) {
    if (stream !== undefined && from !== stream) continue;
    if (sinceMs !== undefined && Date.parse(timestamp) < sinceMs) continue;
    const prefix = timestamps && !continues ? `${timestamp} ` : "";
    const bytes = Buffer.concat([Buffer.from(prefix), line, Buffer.from(partial ? "" : "\n")]);
    continues = partial;
    yield bytes.subarray(0, left);
    left -= bytes.length;
    if (left <= 0) return;
  }
}

/** Throws HttpProblem 400 for what has no meaning here; nothing is ignored. */
export function decodeLogQuery(params: URLSearchParams, nowMs: number): LogQuery {
  const unknown = [...params.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw new HttpProblem(400, `unknown query parameter ${JSON.stringify(unknown)}`);
  const stream = params.get("stream");
  if (stream !== null && !Object.hasOwn(streams, stream))
    throw new HttpProblem(400, `stream: not one of ${Object.keys(streams).join(", ")}: ${JSON.stringify(stream)}`);
  const sinceSeconds = wholeNumber(params, "sinceSeconds");
  const sinceTime = params.get("sinceTime");
  if (sinceTime !== null && Number.isNaN(Date.parse(sinceTime)))
    throw new HttpProblem(400, `sinceTime: not a time: ${JSON.stringify(sinceTime)}`);
  if (sinceTime !== null && sinceSeconds !== undefined)
    throw new HttpProblem(400, "at most one of sinceTime or sinceSeconds may be specified");
  return {
    stream: stream === null ? undefined : streams[stream],
    follow: flag(params, "follow"),
    previous: flag(params, "previous"),
    timestamps: flag(params, "timestamps"),
    tailLines: wholeNumber(params, "tailLines"),
    limitBytes: wholeNumber(params, "limitBytes"),
    sinceMs:
      sinceTime !== null ? Date.parse(sinceTime) : sinceSeconds === undefined ? undefined : nowMs - sinceSeconds * 1000,
  };
}

const streams: Readonly<Record<string, "stdout" | "stderr" | undefined>> = {
  All: undefined,
  Stdout: "stdout",
  Stderr: "stderr",
};

const known: ReadonlySet<string> = new Set([
  "follow",
  "previous",
  "timestamps",
  "tailLines",
  "limitBytes",
  "sinceSeconds",
  "sinceTime",
  "stream",
  "pretty",
  "insecureSkipTLSVerifyBackend",
  "container",
]);

function wholeNumber(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new HttpProblem(400, `${name}: not a whole number: ${JSON.stringify(text)}`);
  return Number(text);
}

function flag(params: URLSearchParams, name: string): boolean {
  const text = params.get(name);
  if (text === null || text === "false" || text === "0") return false;
  if (text === "true" || text === "1" || text === "") return true;
  throw new HttpProblem(400, `${name}: not a boolean: ${JSON.stringify(text)}`);
}

const drained = (response: ServerResponse, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
  });
