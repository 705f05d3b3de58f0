import type { KubeList, KubeObject } from "./meta.js";

/**
 * The in-process door of the API server: what stands in for HTTPS where client and server share a process. It skips the
 * socket, TLS and the encoding of bodies, nothing else: the caller proves who it is by its client certificate, and
 * authorization, admission, validation and limits apply as over the wire.
 */
export type LocalDoor = (request: LocalRequest) => Promise<LocalAnswer>;

export interface LocalRequest {
  readonly method: string;
  /** As in a URL, percent-encoded; no query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. `accept` asks for PartialObjectMetadata as over HTTP. */
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value (never mutated by the server) in place of encoded bytes. */
  readonly body?: unknown;
  /** DER of the caller's certificate; checked against the client CA like any other. */
  readonly clientCertificate: Uint8Array;
  readonly signal: AbortSignal;
}

/** Objects are the cache's own: shared and frozen. A failure is thrown as StatusError. */
export type LocalAnswer =
  | { readonly type: "object"; readonly status: number; readonly object: unknown; readonly warnings: readonly string[] }
  | {
      readonly type: "list";
      readonly status: number;
      readonly list: KubeList<KubeObject>;
      readonly warnings: readonly string[];
    }
  /** Batches in order; ends when the server ends the watch; throws StatusError where the wire has an ERROR event. */
  | { readonly type: "watch"; readonly events: AsyncIterable<readonly LocalWatchEvent[]> }
  | {
      readonly type: "bytes";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: AsyncIterable<Uint8Array>;
    };

/** A bookmark's object holds kind, apiVersion and metadata (resourceVersion, annotations) alone. */
export interface LocalWatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: KubeObject;
}
