import type { Duplex, Readable } from "node:stream";
import type { KubeList, KubeObject } from "../apimachinery/meta.js";
import type { ResourceDefinition } from "../apimachinery/resource.js";

/** A request as it comes through either door, before anything is known about it. */
export interface ApiRequest {
  readonly method: string;
  /** Percent-encoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it came, for whoever passes it on. */
  readonly rawQuery?: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values by turns as they came, for whom a header that came twice is two; absent in process. */
  readonly rawHeaders?: readonly string[];
  readonly body: RequestBody;
  /** DER of the client certificate that the TLS handshake verified or the in-process caller presented. */
  readonly clientCertificate: Uint8Array | undefined;
  /** DER of the further certificates that the client sent, where the handshake found that they lead to an authority. */
  readonly clientChain?: () => readonly Uint8Array[];
  /** "" in process. */
  readonly remoteAddress: string;
  /** Aborted when the client goes away, the request times out or the server stops. */
  readonly signal: AbortSignal;
  /** Hands over the connection of an upgrade request (HTTP/1.1 WebSocket); absent otherwise. */
  readonly upgrade: (() => { readonly socket: Duplex; readonly head: Buffer }) | undefined;
}

export type RequestBody =
  | { readonly type: "none" }
  /** Reads at most `maxBodyBytes`, else throws RequestEntityTooLarge. */
  | {
      readonly type: "stream";
      readonly read: () => Promise<Buffer>;
      /** The same bytes as they come, of any number, for whoever passes them on. Only one of the two may be used. */
      readonly source?: Readable;
    }
  | { readonly type: "value"; readonly value: unknown };

/** Who asks. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What is asked, read off method, path and query alone. */
export interface RequestInfo {
  /** RBAC verb: get, list, watch, create, update, patch, delete, deletecollection; the lower-case method off resources. */
  readonly verb: string;
  readonly path: string;
  /** Absent for non-resource paths (/version, /healthz, /apis). */
  readonly resource:
    | {
        readonly group: string;
        readonly version: string;
        readonly plural: string;
        readonly subresource: string;
        /** "" where the path names none. */
        readonly namespace: string;
        readonly name: string;
        /** What follows the subresource (proxy paths), without the leading slash. */
        readonly tail: string;
      }
    | undefined;
}

/** What a room of the pipeline knows of the request under way. */
export interface RequestContext {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly user: User;
  /** For a request that turns out to do more than its own verb says: throws Forbidden unless the user may do this too. */
  readonly requireRight: (verb: string) => void;
  /** Adds a `Warning: 299` header to the answer. */
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One revision of one object, encoded at most once a form. */
export interface Revision<T extends KubeObject = KubeObject> {
  readonly definition: ResourceDefinition<T>;
  readonly key: string;
  readonly revision: number;
  /** Frozen, resourceVersion included. */
  readonly object: T;
  /** JSON with resourceVersion, made on first use and kept. */
  readonly json: Uint8Array;
  /** Length of `json`, known without making it. */
  readonly byteLength: number;
  /** Writes `json` at the offset without making it; returns its length. */
  copyTo(target: Buffer, offset: number): number;
  /** The same as an item of a list, which tells kind and version once for all of its items. */
  readonly item: {
    readonly byteLength: number;
    copyTo(target: Buffer, offset: number): number;
  };
}

/** What an endpoint answers; one stage turns it into bytes of the form asked for (JSON, Table, PartialObjectMetadata). */
export type Answer =
  | { readonly type: "object"; readonly status: number; readonly revision: Revision }
  /** An object that is not stored (Status, review, Scale, token, discovery document). */
  | {
      readonly type: "value";
      readonly status: number;
      readonly value: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "list";
      readonly definition: ResourceDefinition;
      readonly items: readonly Revision[];
      readonly metadata: KubeList<KubeObject>["metadata"];
    }
  | {
      readonly type: "watch";
      readonly definition: ResourceDefinition;
      readonly events: AsyncIterable<readonly WatchFrame[]>;
    }
  | {
      readonly type: "stream";
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[]>>;
      readonly body: AsyncIterable<Uint8Array>;
    }
  /** The endpoint took the connection over; there is nothing left to answer. */
  | { readonly type: "taken" };

/** `revision` is the object after the change; for DELETED its last state under the deletion's resourceVersion. */
export type WatchFrame =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly revision: Revision }
  | {
      readonly type: "BOOKMARK";
      readonly definition: ResourceDefinition;
      readonly atRevision: number;
      readonly initialEventsEnd: boolean;
    }
  | { readonly type: "ERROR"; readonly error: Error };
