import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { Admission } from "../admission/admission.js";
import { startRangeRepair } from "../loops/range-repair.js";
import { Kinds } from "../registry/kinds.js";
import type { Reads } from "../registry/reads.js";
import { Registry } from "../registry/registry.js";
import { strategies } from "../registry/strategies.js";
import type { Answer, RequestContext, RequestInfo } from "../request.js";
import { type Storage, StoreFullError, StoreUnavailableError, ValueTooLargeError } from "../storage/storage.js";
import { WatchCache } from "../storage/watch-cache.js";
import { componentStatusEndpoint } from "./component-statuses.js";
import { Dispatcher } from "./dispatcher.js";
import { registrySubresources, type SubresourceEndpoint } from "./subresources.js";
import { registryVirtuals, type VirtualEndpoint } from "./virtual.js";

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
  /** Whether there is such a resource, and such a subresource of it, now. */
  serves(resource: NonNullable<RequestInfo["resource"]>): boolean;
  /** Serves another kind from now on. Throws where its path is taken or the store cannot be read. */
  addKind(definition: ResourceDefinition): Promise<void>;
  /** Serves a kind no more; what is stored of it stays. Watches of it end. */
  removeKind(definition: ResourceDefinition): void;
  /** How many objects of each stored kind there are. */
  counts(): Iterable<readonly [definition: ResourceDefinition, objects: number]>;
  /** Throws when the store cannot be written to. */
  healthCheck(signal: AbortSignal): Promise<void>;
  /** Ends watches and loops. The store stays open: it belongs to whoever opened it. */
  close(): Promise<void>;
}

export const defaultNodePortRange = { first: 30_000, last: 32_767 };

/** Resolves once all objects of the store are loaded. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { storage, definitions, clock, random, log, serviceCidr, nodePortRange = defaultNodePortRange } = options;
  const cache = await WatchCache.open({ storage, definitions, clock, log });
  const ranges = { serviceCidr, nodePortRange };
  const kinds = new Kinds(definitions);
  const registry = new Registry({
    storage,
    cache,
    kinds,
    clock,
    random,
    log,
    strategies: strategies(ranges),
    admission: options.admission,
  });
  const stop = new AbortController();
  const repairing = startRangeRepair({ core: { storage, cache, log, random }, clock, signal: stop.signal });
  const dispatch = new Dispatcher(
    [...registrySubresources, ...(options.subresources ?? [])],
    [
      ...registryVirtuals,
      componentStatusEndpoint((signal) => storage.healthCheck(signal)),
      ...(options.virtuals ?? []),
    ],
    { registry, clock, kinds },
  );
  return {
    handle: (context) => dispatch.handle(context).catch(explainStore),
    reads: registry.reads,
    registry,
    definitions: () => kinds.all(),
    serves(resource) {
      const definition = kinds.at(resource);
      return definition !== undefined && hasSubresource(definition, resource.subresource);
    },
    async addKind(definition) {
      await cache.add(definition);
      kinds.add(definition);
    },
    removeKind(definition) {
      kinds.remove(definition);
      cache.remove(definition);
    },
    counts: () => cache.counts(),
    healthCheck: (signal) => storage.healthCheck(signal),
    async close() {
      stop.abort();
      await repairing;
      await cache.close();
    },
  };
}

/** "" is the resource itself. */
function hasSubresource({ subresources: { status, scale, others = {} } }: ResourceDefinition, name: string): boolean {
  if (name === "status") return status === true;
  if (name === "scale") return scale !== undefined;
  return name === "" || Object.hasOwn(others, name);
}

/** A full store or one out of reach is the operator's business, not a fault of ours: the answer says so. */
function explainStore(error: unknown): never {
  if (error instanceof ValueTooLargeError) throw new StatusError("RequestEntityTooLarge", error.message);
  if (error instanceof StoreUnavailableError) throw new StatusError("ServiceUnavailable", error.message);
  if (!(error instanceof StoreFullError)) throw error;
  const message = `database space exceeded: ${error.message}`;
  throw new StatusError("InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}
