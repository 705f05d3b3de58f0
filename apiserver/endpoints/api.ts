import { groupResourceOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { validateSchema } from "../../apimachinery/schema/validate.js";
import { invalid, StatusError } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { Admission } from "../admission/admission.js";
import { negotiate } from "../encoding/accept.js";
import { hasProtobuf } from "../encoding/protobuf.js";
import { startRangeRepair } from "../loops/range-repair.js";
import type { Reads } from "../registry/reads.js";
import { Registry } from "../registry/registry.js";
import { strategies } from "../registry/strategies.js";
import type { Answer, RequestContext } from "../request.js";
import { type Storage, StoreFullError, StoreUnavailableError, ValueTooLargeError } from "../storage/storage.js";
import { WatchCache } from "../storage/watch-cache.js";
import { checkAddress, readObject } from "./body.js";
import { writeQuery } from "./query.js";
import { scaleVerbs } from "./subresources/scale.js";
import { statusVerbs } from "./subresources/status.js";
import { registrySubresources, type SubresourceEndpoint } from "./subresources.js";
import type { EndpointApi, Target, VerbEndpoint } from "./target.js";
import { create } from "./verbs/create.js";
import { deleteOne } from "./verbs/delete.js";
import { deleteCollection } from "./verbs/delete-collection.js";
import { get } from "./verbs/get.js";
import { list } from "./verbs/list.js";
import { patch } from "./verbs/patch.js";
import { update } from "./verbs/update.js";
import { watch } from "./verbs/watch.js";
import { readVirtual, registryVirtuals, type VirtualEndpoint } from "./virtual.js";

export interface ApiOptions {
  readonly storage: Storage;
  readonly definitions: readonly ResourceDefinition[];
  readonly admission: (registry: Registry) => Admission;
  /** Beyond those that the registry serves. */
  readonly subresources?: readonly SubresourceEndpoint[];
  readonly virtuals?: readonly VirtualEndpoint[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Where Services get their cluster addresses from: `10.96.0.0/16`. */
  readonly serviceCidr: string;
  readonly nodePortRange?: { readonly first: number; readonly last: number };
}

/** The resources of the API: what is asked under /api and /apis once the caller may. */
export interface Api {
  handle(context: RequestContext): Promise<Answer>;
  readonly reads: Reads;
  readonly registry: Registry;
  definitions(): readonly ResourceDefinition[];
  /** Throws when the store cannot be written to. */
  healthCheck(signal: AbortSignal): Promise<void>;
  /** Ends watches and loops. The store stays open: it belongs to whoever opened it. */
  close(): Promise<void>;
}

export const defaultNodePortRange = { first: 30_000, last: 32_767 };

const verbs: ReadonlyMap<string, VerbEndpoint> = new Map([
  ["create", create],
  ["get", get],
  ["list", list],
  ["watch", watch],
  ["update", update],
  ["patch", patch],
  ["delete", deleteOne],
  ["deletecollection", deleteCollection],
]);

/** Resolves once all objects of the store are loaded. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { storage, definitions, clock, random, log, serviceCidr, nodePortRange = defaultNodePortRange } = options;
  const cache = await WatchCache.open({ storage, definitions, clock, log });
  const ranges = { serviceCidr, nodePortRange };
  const registry = new Registry({
    storage,
    cache,
    clock,
    random,
    log,
    strategies: strategies(ranges),
    admission: options.admission,
  });
  const stop = new AbortController();
  const repairing = startRangeRepair({ core: { storage, cache, log, random }, clock, signal: stop.signal });
  const dispatch = new Dispatcher(
    definitions,
    [...registrySubresources, ...(options.subresources ?? [])],
    [...registryVirtuals, ...(options.virtuals ?? [])],
    { registry, clock },
  );
  return {
    handle: (context) => dispatch.handle(context).catch(explainStore),
    reads: registry.reads,
    registry,
    definitions: () => definitions,
    healthCheck: (signal) => storage.healthCheck(signal),
    async close() {
      stop.abort();
      await repairing;
      await cache.close();
    },
  };
}

/** A full store or one out of reach is the operator's business, not a fault of ours: the answer says so. */
function explainStore(error: unknown): never {
  if (error instanceof ValueTooLargeError) throw new StatusError("RequestEntityTooLarge", error.message);
  if (error instanceof StoreUnavailableError) throw new StatusError("ServiceUnavailable", error.message);
  if (!(error instanceof StoreFullError)) throw error;
  const message = `database space exceeded: ${error.message}`;
  throw new StatusError("InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** Finds the endpoint that a request's path and verb mean. */
class Dispatcher {
  readonly #definitions: ReadonlyMap<string, ResourceDefinition>;
  readonly #subresources: ReadonlyMap<string, SubresourceEndpoint>;
  readonly #virtuals: ReadonlyMap<string, VirtualEndpoint>;
  readonly #api: EndpointApi;

  constructor(
    definitions: readonly ResourceDefinition[],
    subresources: readonly SubresourceEndpoint[],
    virtuals: readonly VirtualEndpoint[],
    api: EndpointApi,
  ) {
    this.#definitions = new Map(definitions.map((definition) => [pathOf(definition), definition]));
    this.#subresources = new Map(subresources.map((endpoint) => [`${endpoint.resource}/${endpoint.name}`, endpoint]));
    this.#virtuals = new Map(virtuals.map((endpoint) => [endpoint.resource, endpoint]));
    this.#api = api;
  }

  async handle(context: RequestContext): Promise<Answer> {
    const { resource, verb } = context.info;
    const definition = resource && this.#definitions.get(pathOf(resource));
    if (!definition) throw noSuchPath();
    const { namespace, name, subresource, tail } = resource;
    const namespaced = definition.scope === "Namespaced";
    if (namespace !== "" && !namespaced) throw noSuchPath();
    const target: Target = { definition, namespace, name };
    if (name !== "" && namespaced && namespace === "") throw noSuchPath();
    if (subresource !== "") return this.#subresource(context, target, subresource, tail);
    if (definition.virtual) return this.#virtual(context, target);
    const endpoint = verbs.get(verb);
    const known = (definition.verbs as readonly string[]).includes(verb);
    // Collections are written to within one namespace; only reads span all of them.
    const spans = namespaced && namespace === "" && !readsAcross.has(verb);
    const misplaced = (name === "") !== collectionVerbs.has(verb);
    if (!endpoint || !known || spans || misplaced) throw methodNotAllowed(definition);
    // A write whose answer the client would not take must not happen first.
    negotiate(context.request.headers.accept, {
      shaped: true,
      streamed: verb === "watch",
      protobuf: () => hasProtobuf(definition),
    });
    const answer = await endpoint(context, target, this.#api);
    if (definition.notBuilt && writes.has(verb)) context.warn(notBuiltWarning(definition));
    return answer;
  }

  async #subresource(context: RequestContext, target: Target, name: string, tail: string): Promise<Answer> {
    const { definition } = target;
    const { status, scale } = definition.subresources;
    const generic = name === "status" && status ? statusVerbs : name === "scale" && scale ? scaleVerbs : undefined;
    if (generic) {
      if (tail !== "") throw noSuchPath();
      const endpoint = generic.get(context.info.verb);
      if (!endpoint) throw methodNotAllowed(definition);
      return endpoint(context, target, this.#api);
    }
    const endpoint = this.#subresources.get(`${groupResourceOf(definition)}/${name}`);
    if (!endpoint) {
      if (definition.subresources.others && Object.hasOwn(definition.subresources.others, name))
        throw notImplemented(definition, name);
      throw noSuchPath();
    }
    if (!endpoint.methods.includes(context.request.method)) throw methodNotAllowed(definition);
    return endpoint.handle(context, { ...this.#api, target });
  }

  async #virtual(context: RequestContext, target: Target): Promise<Answer> {
    const { definition, namespace, name } = target;
    const { verb } = context.info;
    if (!(definition.verbs as readonly string[]).includes(verb) || (name === "") !== collectionVerbs.has(verb))
      throw methodNotAllowed(definition);
    const endpoint = this.#virtuals.get(groupResourceOf(definition));
    if (!endpoint) throw notImplemented(definition, "");
    if (!("handle" in endpoint)) {
      negotiate(context.request.headers.accept, { shaped: true, protobuf: () => hasProtobuf(definition) });
      return readVirtual(endpoint, context, target, this.#api);
    }
    if (definition.scope === "Namespaced" && namespace === "") throw methodNotAllowed(definition);
    const { fieldValidation } = writeQuery(context, "CreateOptions");
    const object = await readObject(context, definition, fieldValidation);
    checkAddress(definition, object, { namespace, name: "" });
    const errors = validateSchema(definition.schema, object);
    if (errors.length > 0) throw invalid(definition, object.metadata.name ?? "", errors);
    const placed = namespace === "" ? object : { ...object, metadata: { ...object.metadata, namespace } };
    return endpoint.handle(context, placed, this.#api);
  }
}

const writes: ReadonlySet<string> = new Set(["create", "update", "patch"]);
const collectionVerbs: ReadonlySet<string> = new Set(["create", "list", "watch", "deletecollection"]);
const readsAcross: ReadonlySet<string> = new Set(["get", "list", "watch"]);

const pathOf = ({ group, version, plural }: Pick<ResourceDefinition, "group" | "version" | "plural">): string =>
  `${group}/${version}/${plural}`;

/** What whoever writes an object is told that nothing acts on yet. */
const notBuiltWarning = ({ kind, notBuilt }: ResourceDefinition): string =>
  notBuilt === "effect"
    ? `${kind} has no effect in this cluster yet`
    : `no controller for ${kind} runs in this cluster yet`;

const noSuchPath = (): StatusError =>
  new StatusError("NotFound", "the server could not find the requested resource", {});

const methodNotAllowed = ({ group, plural }: ResourceDefinition): StatusError =>
  new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {
    ...(group === "" ? {} : { group }),
    kind: plural,
  });

const notImplemented = ({ plural }: ResourceDefinition, subresource: string): StatusError => {
  const path = subresource === "" ? plural : `${plural}/${subresource}`;
  return new StatusError("MethodNotAllowed", `${path} is not implemented by this server yet`, { kind: plural }, 501);
};
