import type { LocalWatchEvent } from "../apimachinery/local-call.js";
import type { RawRequest, RawResponse, RequestHeaders } from "./client.js";

/** What a client needs of the way to the server; HTTPS and the in-process door are the two there are. */
export interface Transport {
  /** A request answered by one JSON value. Throws StatusError for a failure, ConnectionError when there is no answer. */
  call(request: TransportRequest): Promise<unknown>;
  /** Batches of events; ends when the server ends the watch or the signal aborts; throws as `call`. */
  watch(request: TransportRequest): AsyncIterable<readonly LocalWatchEvent[]>;
  raw(request: RawRequest): Promise<RawResponse>;
  /** Objects that come back are the server's own, shared and frozen: asking for less of them saves nothing. */
  readonly sharesObjects: boolean;
  close(): void;
}

export interface TransportRequest {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: RequestHeaders;
  /** A JSON value. */
  readonly body?: unknown;
  readonly signal: AbortSignal | undefined;
}
