import type { KubeList, KubeObject } from "../apimachinery/meta.js";
import type { DraftOf, ResourceDefinition, ResourceRef } from "../apimachinery/resource.js";

/** What to address: a typed definition, or what discovery said of a kind known only at run time. */
export type Target<T extends KubeObject> = ResourceDefinition<T> | (ResourceRef & { readonly objects?: T });

export interface ListQuery {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
  readonly limit?: number;
  readonly continue?: string;
}
export interface WatchQuery extends Omit<ListQuery, "limit" | "continue"> {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
}
export interface DeleteOptions extends CallOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}
export type PatchType = "json" | "merge" | "strategic" | "apply";

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  /** `initialEventsEnd`: the bookmark that closes sendInitialEvents. */
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

export interface ObjectName {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Speaks to an API server as one identity, over HTTPS or in process. Every method throws StatusError for what the
 * server refuses and ConnectionError when it cannot be reached. Objects that come back are shared and frozen.
 */
export interface Client {
  get<T extends KubeObject>(
    target: Target<T>,
    name: ObjectName,
    options?: CallOptions & { readonly resourceVersion?: string },
  ): Promise<T>;
  list<T extends KubeObject>(target: Target<T>, query?: ListQuery, options?: CallOptions): Promise<KubeList<T>>;
  create<T extends KubeObject>(target: Target<T>, object: DraftOf<T>, options?: CallOptions): Promise<T>;
  /** PUT of the whole object; `subresource` e.g. "status", "finalize", "scale". */
  update<T extends KubeObject>(
    target: Target<T>,
    object: T,
    options?: CallOptions & { readonly subresource?: string },
  ): Promise<T>;
  patch<T extends KubeObject>(
    target: Target<T>,
    name: ObjectName,
    patch: {
      readonly type: PatchType;
      readonly body: unknown;
      readonly subresource?: string;
      readonly force?: boolean;
    },
    options?: CallOptions,
  ): Promise<T>;
  /** Answers the object while it is still there (finalizers, grace), undefined once it is gone. */
  delete<T extends KubeObject>(target: Target<T>, name: ObjectName, options?: DeleteOptions): Promise<T | undefined>;
  deleteCollection<T extends KubeObject>(target: Target<T>, query: ListQuery, options?: DeleteOptions): Promise<void>;
  /** POST to a subresource that takes an object of its own (binding, eviction, token) and answers what the server says. */
  createSub(
    target: ResourceRef,
    name: ObjectName,
    subresource: string,
    body: unknown,
    options?: CallOptions,
  ): Promise<unknown>;
  /** Ends when the server ends it or the signal aborts; throws StatusError of an ERROR event (410 Expired: list again). */
  watch<T extends KubeObject>(target: Target<T>, query: WatchQuery, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
  /** The metadata alone of objects of any kind (PartialObjectMetadata). */
  readonly metadata: {
    list(target: ResourceRef, query?: ListQuery, options?: CallOptions): Promise<KubeList<KubeObject>>;
    watch(target: ResourceRef, query: WatchQuery, signal: AbortSignal): AsyncIterable<WatchEvent<KubeObject>>;
  };
  /** In process, objects are the server's own: asking for their metadata alone saves nothing. */
  readonly sharesObjects: boolean;
  /** Any other path (discovery, /version, logs): the raw answer. */
  raw(request: RawRequest): Promise<RawResponse>;
}

/** By lower-case name; a header that is sent several times has a list. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface RawRequest {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly headers?: RequestHeaders;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal;
}
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Byte chunks as they come; consume or return the iterator, else the stream stays open. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The API server could not be reached, or the connection broke before the answer was complete. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}
