import { apiVersionOf, type ResourceRef } from "../apimachinery/resource.js";
import { StatusError } from "../apimachinery/status.js";
import {
  type Client,
  ConnectionError,
  type RawRequest,
  type RawResponse,
  type RequestHeaders,
} from "../client/client.js";
import { statusErrorOf, watchFrames } from "../client/https-transport.js";
import { collectionPath, objectPath } from "../client/rest.js";

/** An object as the server sent it; only what every kind has is typed. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: AnyMeta;
  readonly [field: string]: unknown;
}
export interface AnyMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller?: boolean;
  }[];
  readonly managedFields?: unknown;
  readonly [field: string]: unknown;
}
export interface AnyList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly AnyObject[];
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export interface ApiOptions {
  readonly headers: RequestHeaders;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onWarning: (text: string) => void;
}

export interface WatchFrame {
  readonly type: string;
  readonly object: AnyObject;
}

/** Calls to the server in terms of paths and JSON, with its warnings heard. Failures are StatusError or ConnectionError. */
/** Named here, so that no kind's definition is loaded for it. */
const namespaces: ResourceRef = { group: "", version: "v1", kind: "Namespace", plural: "namespaces", scope: "Cluster" };

export class Api {
  readonly #client: Client;
  readonly #options: ApiOptions;

  constructor(client: Client, options: ApiOptions) {
    this.#client = client;
    this.#options = options;
  }

  async json<T = AnyObject>(request: ApiRequest): Promise<T> {
    const text = await this.text(request);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new ConnectionError(`the server's answer is not JSON: ${text.slice(0, 100)}`);
    }
  }

  async text(request: ApiRequest): Promise<string> {
    const { timeoutMs } = this.#options;
    const limit = timeoutMs ? AbortSignal.timeout(timeoutMs) : undefined;
    try {
      const answer = this.stream(limit ? { ...request, signal: limit } : request).then(textOf);
      return await (limit ? Promise.race([answer, aborted(limit)]) : answer);
    } catch (error) {
      if (limit?.aborted) throw new ConnectionError(`no answer within ${(timeoutMs ?? 0) / 1000} s`);
      throw error;
    }
  }

  /** The answer's bytes as they come; what the server refuses is thrown. */
  async stream({
    method = "GET",
    path,
    query = {},
    body,
    contentType,
    accept,
    signal,
  }: ApiRequest): Promise<RawResponse> {
    const search = encodeQuery(query);
    const { timeoutMs } = this.#options;
    const limit = timeoutMs ? AbortSignal.timeout(timeoutMs) : undefined;
    const response = await this.#client.raw({
      method,
      path: search === "" ? path : `${path}?${search}`,
      headers: {
        accept: accept ?? "application/json",
        ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
        ...this.#options.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...signalOf(signalOf(signal, limit).signal, this.#options.signal),
    });
    const { warning } = response.headers;
    for (const text of warning === undefined ? [] : warningsOf(warning)) this.#options.onWarning(text);
    if (response.status >= 400) throw statusErrorOf(response, await textOf(response));
    return limit ? { ...response, body: within(limit, response.body) } : response;
  }

  /** A request passed on as it is, as whom we act; whatever is answered is the caller's to judge. */
  raw(request: RawRequest): Promise<RawResponse> {
    return this.#client.raw({ ...request, headers: { ...request.headers, ...this.#options.headers } });
  }

  async *watch(request: ApiRequest): AsyncIterable<WatchFrame> {
    try {
      const response = await this.stream({ ...request, query: { ...request.query, watch: true } });
      for await (const batch of watchFrames(response.body)) {
        for (const { type, object } of batch) yield { type, object: object as unknown as AnyObject };
      }
    } catch (error) {
      const ended = request.signal?.aborted || this.#options.signal?.aborted || error instanceof TimeLimitError;
      if (!ended) throw error;
    }
  }

  get(target: ResourceRef, name: string, namespace: string | undefined): Promise<AnyObject> {
    return this.json({ path: objectPath(target, nameIn(target, name, namespace)) });
  }

  /** Undefined where there is no such object. */
  /** As `get`, for what a user named: where its namespace is not there either, that is what is told. */
  async getNamed(target: ResourceRef, name: string, namespace: string | undefined): Promise<AnyObject> {
    try {
      return await this.get(target, name, namespace);
    } catch (error) {
      throw await this.betterTold(error, namespace);
    }
  }

  /** The failure to get something of a namespace: that the namespace is not there, if it is not. */
  async betterTold(error: unknown, namespace: string | undefined): Promise<unknown> {
    const isMissing = (what: unknown): boolean => what instanceof StatusError && what.reason === "NotFound";
    if (!isMissing(error) || namespace === undefined || namespace === "default") return error;
    const why = await this.get(namespaces, namespace, undefined).catch((reason: unknown) => reason);
    return isMissing(why) ? why : error;
  }

  async find(target: ResourceRef, name: string, namespace: string | undefined): Promise<AnyObject | undefined> {
    try {
      return await this.get(target, name, namespace);
    } catch (error) {
      if (error instanceof StatusError && error.reason === "NotFound") return undefined;
      throw error;
    }
  }

  /**
   * An object and the version from which to watch it. Its own will not do: what has not changed for long is older than
   * what the server remembers.
   */
  async findToWatch(
    target: ResourceRef,
    name: string,
    namespace: string | undefined,
  ): Promise<{ readonly object: AnyObject | undefined; readonly resourceVersion: string | undefined }> {
    const { items, metadata } = await this.list(target, namespace, { fieldSelector: `metadata.name=${name}` });
    return { object: items[0], resourceVersion: metadata.resourceVersion };
  }

  /** All pages; items get the kind and apiVersion that lists leave out. */
  async list(target: ResourceRef, namespace: string | undefined, query: Query = {}): Promise<AnyList> {
    let first: AnyList | undefined;
    const items: AnyObject[] = [];
    let next: string | undefined;
    do {
      const page: AnyList = await this.json<AnyList>({
        path: collectionPath(target, namespace),
        query: { limit: listPageSize, ...query, continue: next },
      });
      first ??= page;
      const kind = page.kind.replace(/List$/, "");
      for (const item of page.items ?? [])
        items.push({ ...item, apiVersion: item.apiVersion ?? page.apiVersion, kind: item.kind ?? kind });
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    return { ...first, items };
  }

  /** What is yet to be made has no version: that of a dump is left out. */
  create(target: ResourceRef, object: Unmade, namespace: string | undefined, query: Query = {}): Promise<AnyObject> {
    const { resourceVersion: _, ...metadata } = object.metadata;
    return this.json({
      method: "POST",
      path: collectionPath(target, namespace),
      body: { ...object, metadata },
      query,
    });
  }

  replace(target: ResourceRef, body: AnyObject, namespace: string | undefined, query: Query = {}): Promise<AnyObject> {
    const name = nameIn(target, body.metadata.name ?? "", namespace);
    return this.json({ method: "PUT", path: objectPath(target, name), body, query });
  }

  patch(target: ResourceRef, name: string, namespace: string | undefined, patch: PatchRequest): Promise<AnyObject> {
    return this.json({
      method: "PATCH",
      path: objectPath(target, nameIn(target, name, namespace), patch.subresource),
      body: patch.body,
      contentType: patchTypes[patch.type],
      ...(patch.query ? { query: patch.query } : {}),
    });
  }

  delete(
    target: ResourceRef,
    name: string,
    namespace: string | undefined,
    body: Readonly<Record<string, unknown>>,
  ): Promise<AnyObject> {
    return this.json({
      method: "DELETE",
      path: objectPath(target, nameIn(target, name, namespace)),
      body: { kind: "DeleteOptions", apiVersion: "v1", ...body },
    });
  }
}

/** An answer that went on for longer than `--request-timeout`. */
class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

async function* within(limit: AbortSignal, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!limit.aborted) throw error;
    const why = "context deadline exceeded (Client.Timeout or context cancellation while reading body)";
    throw new TimeLimitError(why, { cause: error });
  }
}

/** Fails at the abort, also while a connection is being made, which knows of no signal. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

type Unmade = Pick<AnyObject, "apiVersion" | "kind" | "metadata">;

export interface PatchRequest {
  readonly type: keyof typeof patchTypes;
  readonly body: unknown;
  readonly subresource?: string;
  readonly query?: Query;
}

export const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

const listPageSize = 500;

export const nameIn = (
  target: ResourceRef,
  name: string,
  namespace: string | undefined,
): { name: string; namespace?: string } =>
  target.scope === "Namespaced" && namespace !== undefined ? { name, namespace } : { name };

/** `deployment.apps`: how a command's answer names an object's kind. */
export const kindInWords = (target: Pick<ResourceRef, "group" | "kind">): string =>
  target.group === "" ? target.kind.toLowerCase() : `${target.kind.toLowerCase()}.${target.group}`;

export const isOfKind = (object: AnyObject, target: ResourceRef): boolean =>
  object.kind === target.kind && object.apiVersion === apiVersionOf(target);

export async function textOf({ body }: RawResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export function encodeQuery(values: Query): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === "") continue;
    if (typeof value === "object") for (const one of value) query.append(name, one);
    else query.append(name, String(value));
  }
  return query.toString();
}

/** Texts of a Warning header (`299 - "text"`, several separated by commas). */
export const warningsOf = (header: string): string[] =>
  [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replaceAll(/\\(.)/g, "$1"));

function signalOf(one: AbortSignal | undefined, other: AbortSignal | undefined): { signal?: AbortSignal } {
  if (one && other) return { signal: AbortSignal.any([one, other]) };
  const signal = one ?? other;
  return signal ? { signal } : {};
}
