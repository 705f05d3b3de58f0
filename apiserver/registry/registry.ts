import type { KubeObject } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceDefinition, storedOf } from "../../apimachinery/resource.js";
import { notFound } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { Admission } from "../admission/admission.js";
import type { ObjectRevision } from "../encoding/object-revision.js";
import type { WatchFrame } from "../request.js";
import type { Storage } from "../storage/storage.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { cachedReads } from "./cached-reads.js";
import type { RegistryCore, WriteOptions } from "./core.js";
import { createObject } from "./create.js";
import { deleteCollection, deleteObject } from "./delete.js";
import type { DeleteRequest } from "./deletion.js";
import { getObject } from "./get.js";
import type { Kinds } from "./kinds.js";
import { type Listed, type ListRequest, listObjects } from "./list.js";
import type { Reads } from "./reads.js";
import { allServedAs, servedAs, servedFrame, servedUpdate, storable, storedChange } from "./served.js";
import type { Strategies, Strategy } from "./strategy.js";
import { Turns } from "./turns.js";
import { type Change, type Updated, updateObject } from "./update.js";
import { type WatchRequest, watchObjects } from "./watch.js";

export interface RegistryOptions {
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly kinds: Kinds;
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

/** A watch under way; iterate it or `end` it, else its buffer fills until it is cut off. */
export interface Watch extends AsyncIterable<readonly WatchFrame[]> {
  /** Ends it after what was pushed, and the error if there is one. */
  end(error?: Error): void;
}

/**
 * All stored resources: the same operations for each, over the definitions. A definition that is another version of what is
 * stored gets and gives objects in that version. Knows nothing of requests.
 */
export class Registry {
  readonly reads: Reads;
  readonly #core: RegistryCore;

  constructor(options: RegistryOptions) {
    const { storage, cache, kinds, clock, random, log, strategies, admission } = options;
    this.reads = cachedReads({ storage, cache });
    const strategyOf = (definition: ResourceDefinition): Strategy => strategies[groupResourceOf(definition)] ?? usual;
    const turns = new Turns();
    this.#core = { storage, cache, kinds, clock, random, log, turns, strategyOf, admission: admission(this) };
  }

  /** Throws NotFound. */
  async get<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    { namespace, name }: ObjectAddress,
    resourceVersion?: string,
  ): Promise<ObjectRevision<T>> {
    const found = await getObject(this.#core, storedOf(definition), namespace, name, resourceVersion);
    if (!found) throw notFound(definition, name);
    return servedAs(definition, found);
  }

  async list<T extends KubeObject>(definition: ResourceDefinition<T>, request: ListRequest): Promise<Listed<T>> {
    if (!definition.conversion) return listObjects(this.#core, definition, request);
    const { items, metadata } = await listObjects(this.#core, storedOf(definition), request);
    return { items: await allServedAs(definition, items), metadata };
  }

  async watch(definition: ResourceDefinition, request: WatchRequest): Promise<Watch> {
    const watcher = await watchObjects(this.#core, storedOf(definition), request);
    return definition.conversion ? servedWatch(definition, watcher) : watcher;
  }

  /** The draft is decoded and has its defaults. */
  async create<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    namespace: string,
    draft: T,
    options: WriteOptions,
  ): Promise<ObjectRevision<T>> {
    if (!definition.conversion) return createObject(this.#core, definition, namespace, draft, options);
    const stored = storable(definition, draft);
    const write = writtenIn(definition, options);
    return servedAs(definition, await createObject(this.#core, storedOf(definition), namespace, stored, write));
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

  async updateIfThere<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    address: ObjectAddress,
    change: Change<T>,
    options: WriteOptions,
  ): Promise<Updated<T> | undefined> {
    if (!definition.conversion) return updateObject(this.#core, definition, address, change, options);
    const stored = storedChange(definition, change);
    const write = writtenIn(definition, options);
    const updated = await updateObject(this.#core, storedOf(definition), address, stored, write);
    return updated && servedUpdate(definition, updated);
  }

  /** Throws NotFound. */
  async delete<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    address: ObjectAddress,
    request: DeleteRequest,
    options: WriteOptions,
  ): Promise<Updated<T>> {
    return servedUpdate(definition, await deleteObject(this.#core, storedOf(definition), address, request, options));
  }

  async deleteCollection<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    list: ListRequest,
    request: DeleteRequest,
    options: WriteOptions,
  ): Promise<Listed<T>> {
    const { items, metadata } = await deleteCollection(this.#core, storedOf(definition), list, request, options);
    return { items: await allServedAs(definition, items), metadata };
  }

  /** What is special about a resource. */
  strategyOf(definition: ResourceDefinition): Strategy {
    return this.#core.strategyOf(storedOf(definition));
  }

  /** The admission plugins, for endpoints whose write is not one of the operations above. */
  get admission(): Admission {
    return this.#core.admission;
  }
}

const writtenIn = (definition: ResourceDefinition, options: WriteOptions): WriteOptions => ({
  ...options,
  served: definition,
});

const servedWatch = (definition: ResourceDefinition, watch: Watch): Watch => ({
  end: (error) => watch.end(error),
  async *[Symbol.asyncIterator]() {
    for await (const frames of watch) yield frames.map((frame) => servedFrame(definition, frame));
  },
});
