import type { LocalWatchEvent } from "../apimachinery/local-call.js";
import type { KubeList, KubeObject } from "../apimachinery/meta.js";
import { apiVersionOf, type ResourceRef } from "../apimachinery/resource.js";
import {
  type CallOptions,
  type Client,
  ConnectionError,
  type DeleteOptions,
  type ListQuery,
  type ObjectName,
  type PatchType,
  type RequestHeaders,
  type WatchEvent,
  type WatchQuery,
} from "./client.js";
import type { Transport, TransportRequest } from "./transport.js";

/** The client over a transport. */
export function createClient(transport: Transport): Client {
  const call = async <R>(
    method: string,
    path: string,
    { query = {}, body, headers = {}, options = {} }: CallParts,
  ): Promise<R> =>
    (await transport.call({
      method,
      path,
      query: encodeQuery({ ...query, ...writeQuery(method, options) }),
      headers,
      ...(body === undefined ? {} : { body }),
      signal: options.signal,
    })) as R;
  const list =
    (headers: Headers) =>
    <T extends KubeObject>(target: ResourceRef, query: ListQuery = {}, options: CallOptions = {}) =>
      call<KubeList<T>>("GET", collectionPath(target, query.namespace), {
        query: selection(query),
        headers,
        options,
      }).then(withTypes);
  const watch =
    (headers: Headers) =>
    <T extends KubeObject>(target: ResourceRef, query: WatchQuery, signal: AbortSignal) =>
      watchEvents<T>(transport, {
        method: "GET",
        path: collectionPath(target, query.namespace),
        query: encodeQuery({ ...selection(query), watch: true }),
        headers,
        signal,
      });
  return {
    get: (target, name, options = {}) =>
      call("GET", objectPath(target, name), { query: { resourceVersion: options.resourceVersion }, options }),
    list: list({}),
    create: (target, object, options) =>
      call("POST", collectionPath(target, object.metadata.namespace), { body: typed(target, object), options }),
    update: (target, object, options = {}) =>
      call("PUT", objectPath(target, nameOf(target, object), options.subresource), {
        body: typed(target, object),
        options,
      }),
    patch: (target, name, { type, body, subresource, force }, options) =>
      call("PATCH", objectPath(target, name, subresource), {
        body,
        query: { force },
        headers: { "content-type": patchMediaTypes[type] },
        options,
      }),
    async delete(target, name, options = {}) {
      const answer = await call<KubeObject | { readonly kind: "Status" }>("DELETE", objectPath(target, name), {
        body: deleteBody(options),
        options,
      });
      return answer.kind === target.kind ? (answer as never) : undefined;
    },
    async deleteCollection(target, query, options = {}) {
      await call("DELETE", collectionPath(target, query.namespace), {
        query: selection(query),
        body: deleteBody(options),
        options,
      });
    },
    createSub: (target, name, subresource, body, options) =>
      call("POST", objectPath(target, name, subresource), { body, options }),
    watch: watch({}),
    metadata: {
      list: list({ accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" }),
      watch: watch({ accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" }),
    },
    sharesObjects: transport.sharesObjects,
    raw: (request) => transport.raw(request),
  };
}

/** `/apis/apps/v1/namespaces/default/deployments`; without a namespace the collection over all of them. */
export function collectionPath(target: ResourceRef, namespace?: string): string {
  const root = target.group === "" ? "/api" : `/apis/${target.group}`;
  const scope =
    target.scope === "Namespaced" && namespace !== undefined && namespace !== ""
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : "";
  return `${root}/${target.version}${scope}/${target.plural}`;
}

export const objectPath = (target: ResourceRef, { namespace, name }: ObjectName, subresource?: string): string =>
  `${collectionPath(target, namespace)}/${encodeURIComponent(name)}${subresource ? `/${subresource}` : ""}`;

/** Items of a list leave out what it says of all of them: it is filled in. */
function withTypes<T extends KubeObject>(list: KubeList<T>): KubeList<T> {
  if (list.items.every(({ kind }) => kind)) return list;
  const type = { kind: list.kind.replace(/List$/, ""), apiVersion: list.apiVersion };
  return { ...list, items: list.items.map((item) => (item.kind ? item : { ...type, ...item })) };
}

type Headers = RequestHeaders;
type QueryValues = Readonly<Record<string, string | number | boolean | undefined>>;
interface CallParts {
  readonly query?: QueryValues;
  readonly headers?: Headers;
  readonly body?: unknown;
  readonly options?: CallOptions | undefined;
}

const patchMediaTypes: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

const selection = ({ namespace: _, ...query }: ListQuery & WatchQuery): QueryValues => query;

const writeQuery = (method: string, { dryRun, fieldManager, fieldValidation }: CallOptions): QueryValues =>
  method === "GET" || method === "DELETE" ? {} : { dryRun: dryRun ? "All" : undefined, fieldManager, fieldValidation };

function encodeQuery(values: QueryValues): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  return query;
}

const typed = (target: ResourceRef, object: object): object => ({
  apiVersion: apiVersionOf(target),
  kind: target.kind,
  ...object,
});

const nameOf = (target: ResourceRef, { metadata: { name, namespace } }: KubeObject): ObjectName =>
  target.scope === "Namespaced" && namespace !== undefined ? { name, namespace } : { name };

const deleteBody = ({ dryRun, gracePeriodSeconds, propagationPolicy, preconditions }: DeleteOptions): object => ({
  kind: "DeleteOptions",
  apiVersion: "v1",
  ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
  ...(preconditions === undefined ? {} : { preconditions }),
  ...(dryRun ? { dryRun: ["All"] } : {}),
});

async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  request: TransportRequest,
): AsyncIterable<WatchEvent<T>> {
  for await (const batch of transport.watch(request)) {
    for (const event of batch) yield watchEvent<T>(event);
  }
}

const initialEventsEnd = "k8s.io/initial-events-end";

function watchEvent<T extends KubeObject>({ type, object }: LocalWatchEvent): WatchEvent<T> {
  if (type === "BOOKMARK") {
    return {
      type,
      resourceVersion: object.metadata.resourceVersion,
      initialEventsEnd: object.metadata.annotations?.[initialEventsEnd] === "true",
    };
  }
  if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") return { type, object: object as T };
  throw new ConnectionError(`the server sent a watch event of type ${String(type)}`);
}
