import type { KubeObject } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { assert } from "../../base/assert.js";
import type { Clock, Timer } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import { yieldToLoop } from "../../base/yield.js";
import { type ObjectRevision, revisionOf } from "../encoding/object-revision.js";
import { registryRoot, resourcePrefix } from "./keys.js";
import {
  CompactedError,
  FutureRevisionError,
  type Storage,
  type StorageEvent,
  type StoredValue,
  StoreReplacedError,
  WatchBrokenError,
} from "./storage.js";
import { WakeQueue } from "./watch-cache-dispatch.js";
import { ResourceCache } from "./watch-cache-resource.js";

export interface WatchCacheOptions {
  readonly storage: Storage;
  readonly definitions: readonly ResourceDefinition[];
  readonly clock: Clock;
  readonly log: Logger;
}

const loadPageItems = 500;
const decodesPerTurn = 100;
const eventsPerTurn = 100;
const retryDelayMs = 200;
const retryMaxDelayMs = 1_000;
const bookmarkIntervalMs = 60_000;
const joinTimeoutMs = 5_000;

/** Virtual kinds have no objects, and other versions of a stored kind none of their own. */
const isCached = ({ virtual, conversion }: ResourceDefinition): boolean => !virtual && !conversion;

/**
 * All objects in memory, fed by one watch over the whole store: every write, of whatever kind, moves every cache on, so
 * one number says how far all of them have got.
 */
export class WatchCache {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #wakes = new WakeQueue();
  readonly #byPrefix = new Map<string, ResourceCache>();
  readonly #stop = new AbortController();
  readonly #waiting = new Set<{ readonly revision: number; readonly done: (reached: boolean) => void }>();
  /** Kinds that are being added: what happens to their objects before those have been read. */
  readonly #joining = new Map<string, StorageEvent[]>();
  #revision = 0;
  #loads = 0;
  #running: Promise<void> = Promise.resolve();
  #bookmarks: Timer | undefined;

  private constructor({ storage, definitions, clock, log }: WatchCacheOptions) {
    this.#storage = storage;
    this.#clock = clock;
    this.#log = log;
    for (const definition of definitions) {
      if (isCached(definition))
        this.#byPrefix.set(resourcePrefix(definition), new ResourceCache(definition, this.#wakes));
    }
  }

  /** Resolves once everything is loaded; throws when the store cannot be read. */
  static async open(options: WatchCacheOptions): Promise<WatchCache> {
    const cache = new WatchCache(options);
    await cache.#load(true);
    cache.#running = cache.#follow(cache.#stop.signal);
    cache.#scheduleBookmarks();
    return cache;
  }

  /** Every write up to this revision is in the caches. */
  get revision(): number {
    return this.#revision;
  }

  resource<T extends KubeObject>(definition: ResourceDefinition<T>): ResourceCache<T> {
    const cache = this.#byPrefix.get(resourcePrefix(definition));
    assert(cache, `no cache for ${groupResourceOf(definition)}`);
    return cache as ResourceCache<KubeObject> as ResourceCache<T>;
  }

  /** Reads the objects of another kind and follows them from now on. Throws when the store cannot be read. */
  async add(definition: ResourceDefinition): Promise<void> {
    const prefix = resourcePrefix(definition);
    if (!isCached(definition)) return;
    assert(
      !this.#byPrefix.has(prefix) && !this.#joining.has(prefix),
      `${groupResourceOf(definition)} is cached already`,
    );
    try {
      while (!this.#stop.signal.aborted && !(await this.#join(definition, prefix)));
    } finally {
      this.#joining.delete(prefix);
    }
  }

  /** Forgets the objects of a kind that is served no more; its watches end. */
  remove(definition: ResourceDefinition): void {
    if (!isCached(definition)) return;
    this.#byPrefix.get(resourcePrefix(definition))?.endWatches();
    this.#byPrefix.delete(resourcePrefix(definition));
  }

  *counts(): Iterable<readonly [definition: ResourceDefinition, objects: number]> {
    for (const cache of this.#byPrefix.values()) yield [cache.definition, cache.size];
  }

  /** True as soon as the caches have got to the revision, false when they have not within `timeoutMs`. */
  waitFor(revision: number, timeoutMs: number): Promise<boolean> {
    if (this.#revision >= revision) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = {
        revision,
        done: (reached: boolean): void => {
          this.#waiting.delete(waiter);
          timer.cancel();
          resolve(reached);
        },
      };
      const timer = this.#clock.after(timeoutMs, () => waiter.done(false));
      this.#waiting.add(waiter);
    });
  }

  /** False when the store was read anew meanwhile, so that events may have been missed. */
  async #join(definition: ResourceDefinition, prefix: string): Promise<boolean> {
    const loads = this.#loads;
    const missed: StorageEvent[] = [];
    this.#joining.set(prefix, missed);
    const cache = new ResourceCache(definition, this.#wakes);
    const { objects, revision } = await this.#readAll(prefix, (item) => this.#decode(cache, item));
    if (!(await this.waitFor(revision, joinTimeoutMs)) || this.#loads !== loads) return false;
    cache.load(objects, revision);
    const nowMs = this.#clock.now();
    for (const event of missed) if (event.revision > revision) this.#applyOne(cache, event, false, nowMs);
    this.#byPrefix.set(prefix, cache);
    this.#joining.delete(prefix);
    return true;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#bookmarks?.cancel();
    for (const cache of this.#byPrefix.values()) cache.endWatches();
    for (const waiter of [...this.#waiting]) waiter.done(false);
    await this.#running;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let delayMs = retryDelayMs;
    let lost: Lost = "nothing";
    while (!signal.aborted) {
      try {
        // A watch from where the last one ended would hide what was missed: there is none before a load that succeeded.
        if (lost !== "nothing") await this.#load(lost === "events");
        lost = "nothing";
        for await (const batch of this.#storage.watch(registryRoot, this.#revision, signal)) {
          delayMs = retryDelayMs;
          await this.#apply(batch, signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn("the caches lost the store", { error: String(error), revision: this.#revision });
        lost = worse(lost, lostBy(error));
      }
      if (signal.aborted) return;
      await this.#clock.sleep(delayMs, signal);
      delayMs = Math.min(delayMs * 2, retryMaxDelayMs);
    }
  }

  /** In turns of a bounded length; what happened at one revision is never seen in part. */
  async #apply(batch: readonly StorageEvent[], signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    let inTurn = 0;
    for (const [at, event] of batch.entries()) {
      const isLast = batch[at + 1]?.revision !== event.revision;
      const cache = this.#cacheOf(event.key);
      if (cache) this.#applyOne(cache, event, isLast, nowMs);
      else this.#keepForJoining(event);
      inTurn++;
      if (!isLast) continue;
      this.#revision = event.revision;
      if (inTurn < eventsPerTurn || at === batch.length - 1) continue;
      this.#publish();
      await yieldToLoop();
      if (signal.aborted) return;
      inTurn = 0;
    }
    this.#publish();
  }

  #publish(): void {
    this.#wakes.wake();
    this.#settleWaiting();
  }

  #applyOne(cache: ResourceCache, event: StorageEvent, isLast: boolean, nowMs: number): void {
    const revision = event.type === "put" ? this.#decode(cache, event) : undefined;
    if (revision) cache.put(revision, nowMs);
    else cache.delete(event.key, event.revision, nowMs, isLast);
  }

  /** Undefined for bytes that are no object: one broken value must not keep the others from being served. */
  #decode(cache: ResourceCache, { key, value, revision }: StoredValue): ObjectRevision | undefined {
    try {
      return revisionOf(cache.definition, key, value, revision);
    } catch (error) {
      this.#log.error("the store holds a value that is not an object", { key, revision, error: String(error) });
      return undefined;
    }
  }

  #cacheOf(key: string): ResourceCache | undefined {
    const first = key.indexOf("/", registryRoot.length) + 1;
    const core = this.#byPrefix.get(key.slice(0, first));
    return core ?? this.#byPrefix.get(key.slice(0, key.indexOf("/", first) + 1));
  }

  #keepForJoining(event: StorageEvent): void {
    for (const [prefix, missed] of this.#joining) if (event.key.startsWith(prefix)) missed.push(event);
  }

  #settleWaiting(): void {
    for (const waiter of [...this.#waiting]) if (waiter.revision <= this.#revision) waiter.done(true);
  }

  /** Reads the whole store at one revision and swaps every cache to it. */
  async #load(keepKnown: boolean): Promise<void> {
    const loaded = new Map<ResourceCache, ObjectRevision[]>();
    const { revision } = await this.#readAll(registryRoot, (item) => {
      const cache = this.#cacheOf(item.key);
      if (!cache) return undefined;
      const known = keepKnown ? cache.getByKey(item.key) : undefined;
      const object = known?.revision === item.revision ? known : this.#decode(cache, item);
      if (!object) return undefined;
      const objects = loaded.get(cache);
      if (objects) objects.push(object);
      else loaded.set(cache, [object]);
      return object;
    });
    this.#loads++;
    for (const cache of this.#byPrefix.values()) cache.load(loaded.get(cache) ?? [], revision);
    this.#revision = revision;
    this.#settleWaiting();
  }

  /** Everything under a prefix at one revision, page by page. */
  async #readAll(
    prefix: string,
    take: (item: StoredValue) => ObjectRevision | undefined,
  ): Promise<{ readonly objects: readonly ObjectRevision[]; readonly revision: number }> {
    const objects: ObjectRevision[] = [];
    let page = await this.#storage.list(prefix, { limit: loadPageItems });
    const { revision } = page;
    let taken = 0;
    for (;;) {
      for (const item of page.items) {
        const object = take(item);
        if (!object) continue;
        objects.push(object);
        if (++taken % decodesPerTurn === 0) await yieldToLoop();
      }
      const last = page.items.at(-1);
      if (page.remaining === 0 || !last) return { objects, revision };
      page = await this.#storage.list(prefix, { limit: loadPageItems, revision, after: last.key });
    }
  }

  #scheduleBookmarks(): void {
    this.#bookmarks = this.#clock.after(bookmarkIntervalMs, () => {
      const nowMs = this.#clock.now();
      for (const cache of this.#byPrefix.values()) {
        cache.bookmark(this.#revision);
        cache.trimHistory(nowMs);
      }
      this.#wakes.wake();
      this.#scheduleBookmarks();
    });
  }
}

/** What a broken watch leaves to be trusted: all; objects whose revision is unchanged; nothing. */
type Lost = "nothing" | "events" | "everything";

/** Another history may hold other objects under the same revisions: nothing that is cached can be kept. */
function lostBy(error: unknown): Lost {
  if (error instanceof FutureRevisionError || error instanceof StoreReplacedError) return "everything";
  return error instanceof CompactedError || error instanceof WatchBrokenError ? "events" : "nothing";
}

const worse = (one: Lost, other: Lost): Lost => (one === "everything" || other === "nothing" ? one : other);
