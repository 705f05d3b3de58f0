import type { KubeObject } from "../../apimachinery/meta.js";
import type { Clock } from "../../base/clock.js";
import { stackOf } from "../../base/error-text.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import { yieldToLoop } from "../../base/yield.js";
import type { ObjectName, WatchEvent } from "../client.js";
import { Reflector, type Source } from "./reflector.js";
import { type IndexFunction, type InformerEvent, keyOf, namespaceIndex, Store, uidIndex } from "./store.js";

export type Handler<T> = (event: InformerEvent<T>) => void;

export interface InformerOptions<T extends KubeObject> {
  readonly source: Source<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * A cache of one resource, kept up to date. Reads are synchronous; objects are shared and must not be changed. Handlers
 * run when an object changes, in order, and only ever wake something: they are no place for work.
 */
export class Informer<T extends KubeObject> {
  readonly #store = new Store<T>();
  readonly #handlers = new Set<Handler<T>>();
  readonly #watchers = new Set<() => void>();
  readonly #options: InformerOptions<T>;
  readonly #abort = new AbortController();
  #reflector: Reflector<T> | undefined;
  #running: Promise<void> | undefined;
  #version = 0;
  #generation = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
  }

  /** Starts listing and watching; idempotent. */
  start(): void {
    if (this.#running) return;
    const { source, clock, random, log } = this.#options;
    const mirror = {
      replace: (objects: readonly T[], version: string) => this.#replace(objects, version),
      apply: (event: WatchEvent<T>) => this.#apply(event),
    };
    this.#reflector = new Reflector({ source, mirror, clock, random, log, signal: this.#abort.signal });
    this.#running = this.#reflector.run();
  }

  /** Stops for good; what was known stays readable. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#announce();
    await this.#running;
  }

  /** The first list is in. */
  get isSynced(): boolean {
    return this.#generation > 0;
  }

  /** Resolves when the first list is in, or when the informer or the signal stops. */
  synced(signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.isSynced, signal);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#store.get(namespace === "" ? name : `${namespace}/${name}`);
  }

  getByKey(key: string): T | undefined {
    return this.#store.get(key);
  }

  find({ namespace = "", name }: ObjectName): T | undefined {
    return this.get(namespace, name);
  }

  byUid(uid: string): T | undefined {
    return this.#store.byIndex(uidIndex, uid)[0];
  }

  /** Everything, or one namespace. */
  list(namespace?: string): readonly T[] {
    return namespace === undefined || namespace === ""
      ? this.#store.list()
      : this.#store.byIndex(namespaceIndex, namespace);
  }

  get size(): number {
    return this.#store.size;
  }

  byIndex(name: string, value: string): readonly T[] {
    return this.#store.byIndex(name, value);
  }

  /** Indexes are by name: the first function under a name counts. */
  addIndex(name: string, values: IndexFunction<T>): void {
    this.#store.addIndex(name, values);
  }

  /** Calls the handler for what is known now and for every change after; the answer takes it off again. */
  onEvent(handler: Handler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#store.list()) this.#tell(handler, { type: "added", object });
    return () => void this.#handlers.delete(handler);
  }

  /** Counts full lists; a version remembered under an earlier number means nothing any more. */
  get generation(): number {
    return this.#generation;
  }

  /** The cache reflects this version of a write to the resource, and every one before it. */
  hasSeen(resourceVersion: string): boolean {
    return this.#version >= Number(resourceVersion);
  }

  /** Resolves once `condition` holds, checked at every change of the cache; or when the informer or the signal stops. */
  whenTrue(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    return this.#until(condition, signal);
  }

  /** Lists again now, whatever the watch says. */
  relist(): void {
    this.#reflector?.relist();
  }

  async #replace(objects: readonly T[], version: string): Promise<void> {
    const gone = new Set(this.#store.keys());
    let slice = 0;
    for (const object of objects) {
      gone.delete(keyOf(object));
      this.#set(object);
      if (++slice % sliceObjects === 0) await yieldToLoop();
    }
    for (const key of gone) this.#remove(key);
    this.#version = Number(version);
    this.#generation += 1;
    this.#announce();
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === "BOOKMARK") {
      this.#version = Number(event.resourceVersion);
    } else {
      this.#version = Number(event.object.metadata.resourceVersion);
      if (event.type === "DELETED") this.#remove(keyOf(event.object), event.object);
      else this.#set(event.object);
    }
    this.#announce();
  }

  #set(object: T): void {
    const key = keyOf(object);
    const old = this.#store.get(key);
    if (old && old.metadata.uid !== object.metadata.uid) this.#remove(key);
    else if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    const replaced = this.#store.set(key, object);
    this.#emit(replaced ? { type: "updated", object, old: replaced } : { type: "added", object });
  }

  #remove(key: string, last?: T): void {
    const old = this.#store.delete(key);
    if (old) this.#emit({ type: "deleted", object: last ?? old });
  }

  #emit(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, event);
  }

  /** One object that a handler cannot take keeps it from no other. */
  #tell(handler: Handler<T>, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#options.log.error("an event handler failed", {
        resource: this.#options.source.name,
        key: keyOf(event.object),
        error: stackOf(error),
      });
    }
  }

  #announce(): void {
    for (const check of this.#watchers) check();
  }

  #until(condition: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition() && !signal?.aborted && !this.#abort.signal.aborted) return;
        this.#watchers.delete(check);
        signal?.removeEventListener("abort", check);
        resolve();
      };
      this.#watchers.add(check);
      signal?.addEventListener("abort", check, { once: true });
      check();
    });
  }
}

const sliceObjects = 200;
