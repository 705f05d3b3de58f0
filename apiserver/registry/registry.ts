import type { KubeObject } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { notFound } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { Admission } from "../admission/admission.js";
import type { ObjectRevision } from "../encoding/object-revision.js";
import type { Storage } from "../storage/storage.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { Watcher } from "../storage/watch-cache-watcher.js";
import { cachedReads } from "./cached-reads.js";
import type { RegistryCore, WriteOptions } from "./core.js";
import { createObject } from "./create.js";
import { deleteCollection, deleteObject } from "./delete.js";
import type { DeleteRequest } from "./deletion.js";
import { getObject } from "./get.js";
import { type Listed, type ListRequest, listObjects } from "./list.js";
import type { Reads } from "./reads.js";
import type { Strategies, Strategy } from "./strategy.js";
import { Turns } from "./turns.js";
import { type Change, type Updated, updateObject } from "./update.js";
import { type WatchRequest, watchObjects } from "./watch.js";

export interface RegistryOptions {
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly strategies: Strategies;
  readonly admission: (registry: Registry) => Admission;
}

export interface ObjectAddress {
  /** "" for cluster-scoped resources. */
  readonly namespace: string;
  readonly name: string;
}

const usual: Strategy = {};

/** All stored resources: the same operations for each, over the definitions. Knows nothing of requests. */
export class Registry {
  readonly reads: Reads;
  readonly #core: RegistryCore;

  constructor({ storage, cache, clock, random, log, strategies, admission }: RegistryOptions) {
    this.reads = cachedReads({ storage, cache });
    const strategyOf = (definition: ResourceDefinition): Strategy => strategies[groupResourceOf(definition)] ?? usual;
    const turns = new Turns();
    this.#core = { storage, cache, clock, random, log, turns, strategyOf, admission: admission(this) };
  }

  /** Throws NotFound. */
  async get<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    { namespace, name }: ObjectAddress,
    resourceVersion?: string,
  ): Promise<ObjectRevision<T>> {
    const found = await getObject(this.#core, definition, namespace, name, resourceVersion);
    if (!found) throw notFound(definition, name);
    return found;
  }

  list<T extends KubeObject>(definition: ResourceDefinition<T>, request: ListRequest): Promise<Listed<T>> {
    return listObjects(this.#core, definition, request);
  }

  watch(definition: ResourceDefinition, request: WatchRequest): Promise<Watcher> {
    return watchObjects(this.#core, definition, request);
  }

  /** The draft is decoded and has its defaults. */
  create<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    namespace: string,
    draft: T,
    options: WriteOptions,
  ): Promise<ObjectRevision<T>> {
    return createObject(this.#core, definition, namespace, draft, options);
  }

  /** Throws NotFound. */
  async update<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    address: ObjectAddress,
    change: Change<T>,
    options: WriteOptions,
  ): Promise<Updated<T>> {
    const updated = await this.updateIfThere(definition, address, change, options);
    if (!updated) throw notFound(definition, address.name);
    return updated;
  }

  updateIfThere<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    address: ObjectAddress,
    change: Change<T>,
    options: WriteOptions,
  ): Promise<Updated<T> | undefined> {
    return updateObject(this.#core, definition, address, change, options);
  }

  /** Throws NotFound. */
  delete<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    address: ObjectAddress,
    request: DeleteRequest,
    options: WriteOptions,
  ): Promise<Updated<T>> {
    return deleteObject(this.#core, definition, address, request, options);
  }

  deleteCollection<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    list: ListRequest,
    request: DeleteRequest,
    options: WriteOptions,
  ): Promise<readonly ObjectRevision<T>[]> {
    return deleteCollection(this.#core, definition, list, request, options);
  }

  /** What is special about a resource. */
  strategyOf(definition: ResourceDefinition): Strategy {
    return this.#core.strategyOf(definition);
  }

  /** The admission plugins, for endpoints whose write is not one of the operations above. */
  get admission(): Admission {
    return this.#core.admission;
  }
}
