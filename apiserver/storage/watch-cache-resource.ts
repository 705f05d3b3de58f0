import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import type { ObjectRevision } from "../encoding/object-revision.js";
import type { WatchFrame } from "../request.js";
import { collectionPrefix, objectKey } from "./keys.js";
import { type WakeQueue, WatcherIndex } from "./watch-cache-dispatch.js";
import { type CacheEvent, History } from "./watch-cache-history.js";
import { OrderedIndex } from "./watch-cache-index.js";
import { fieldReader, type Selection } from "./watch-cache-selection.js";
import { EventFrames, initialBatchFrames, Watcher } from "./watch-cache-watcher.js";

export interface WatchStart {
  readonly selection: Selection;
  readonly bookmarks: boolean;
  /** A revision to go on after, or the current objects first; `closing`: a bookmark ends those. */
  readonly from: { readonly after: number } | { readonly initial: true; readonly closing: boolean } | "now";
  /** The revision that all caches are at: what a bookmark tells when the watch ends in order. */
  readonly reached?: () => number;
}

/** All objects of one resource, the changes of the last minutes, and who watches. Everything here is synchronous. */
export class ResourceCache<T extends KubeObject = KubeObject> {
  readonly definition: ResourceDefinition<T>;
  readonly #wakes: WakeQueue;
  readonly #watchers: WatcherIndex;
  /** Made for a field when somebody first selects by it. */
  readonly #byField = new Map<string, Map<string, Map<string, ObjectRevision<T>>>>();
  #objects = new OrderedIndex<ObjectRevision<T>>();
  #history: History;
  #changes = 0;
  #lastChange: number;

  constructor(definition: ResourceDefinition<T>, wakes: WakeQueue) {
    this.definition = definition;
    this.#wakes = wakes;
    this.#watchers = new WatcherIndex(definition);
    this.#history = new History(0);
    this.#lastChange = 0;
  }

  /** Another number after every change. */
  get changes(): number {
    return this.#changes;
  }

  /** Revision of the last change, or of the load. */
  get lastChange(): number {
    return this.#lastChange;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string, name: string): ObjectRevision<T> | undefined {
    return this.#objects.get(objectKey(this.definition, namespace, name));
  }

  getByKey(key: string): ObjectRevision<T> | undefined {
    return this.#objects.get(key);
  }

  /** Everything in a namespace ("": in all) in order of keys, as a slice that later changes do not touch. */
  snapshot(namespace: string): readonly ObjectRevision<T>[] {
    return this.#objects.range(collectionPrefix(this.definition, namespace));
  }

  /** A superset of what the selection matches, as small as the indexes allow, in order of keys. */
  candidates({ namespace, equality }: Selection): readonly ObjectRevision<T>[] {
    if (!equality) return this.snapshot(namespace);
    if (equality.field === "metadata.name" && (namespace !== "" || this.definition.scope === "Cluster")) {
      const isName = equality.value !== "" && !equality.value.includes("/");
      const found = isName ? this.get(namespace, equality.value) : undefined;
      return found ? [found] : [];
    }
    const found = this.withField(equality.field, equality.value);
    // Beyond this share of all objects, sorting what was found costs more than going through the whole range.
    if (found.size * 8 > this.#objects.size) return this.snapshot(namespace);
    return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Objects of all namespaces whose field has the value, in no order. */
  withField(field: string, value: string): ReadonlyMap<string, ObjectRevision<T>> {
    const read = fieldReader(this.definition, field);
    if (!read) return none;
    let values = this.#byField.get(field);
    if (!values) {
      values = new Map();
      for (const revision of this.#objects.values()) addTo(values, read(revision.object), revision);
      this.#byField.set(field, values);
    }
    return values.get(value) ?? none;
  }

  put(current: ObjectRevision<T>, atMs: number): void {
    const previous = this.#objects.get(current.key);
    this.#objects.set(current);
    this.#reindex(previous, current);
    this.#publish({ revision: current.revision, atMs, current, previous, resumeAt: current.revision });
  }

  /** `isLast`: nothing else happened at this revision after it. */
  delete(key: string, revision: number, atMs: number, isLast = true): void {
    const previous = this.#objects.get(key);
    if (!previous) return;
    this.#objects.delete(key);
    this.#reindex(previous, undefined);
    this.#publish({ revision, atMs, current: undefined, previous, resumeAt: isLast ? revision : revision - 1 });
  }

  /** Takes a freshly listed state. Whoever watched cannot be told what happened in between, so every watch ends. */
  load(objects: readonly ObjectRevision<T>[], revision: number): void {
    const fresh = new OrderedIndex<ObjectRevision<T>>();
    for (const object of objects) fresh.set(object);
    this.#objects = fresh;
    this.#byField.clear();
    this.#history = new History(revision);
    this.#lastChange = revision;
    this.#changes++;
    const error = new StatusError("Expired", "The resourceVersion for the provided watch is too old.");
    for (const watcher of [...this.#watchers]) watcher.end(error);
  }

  /**
   * `now` is the revision that the cache is at. Where the history does not reach back far enough, the watch says so
   * (Expired) and ends: as in Kubernetes, what is wrong with a version is told within the watch.
   */
  watch({ selection, bookmarks, from, reached }: WatchStart, now: number): Watcher {
    const { floor } = this.#history;
    const missed = from !== "now" && "after" in from && from.after < floor;
    const initial = from === "now" || missed ? [][Symbol.iterator]() : this.#initial(selection, from, now);
    const last = bookmarks && reached ? () => bookmarkFrame(this.definition, reached(), false) : undefined;
    const onClose = (closed: Watcher): void => this.#watchers.remove(closed);
    const watcher = new Watcher({ selection, bookmarks, initial, last, onClose });
    this.#watchers.add(watcher);
    if (missed) watcher.end(new StatusError("Expired", `too old resource version: ${from.after} (${floor})`));
    return watcher;
  }

  /** Tells watchers that asked for it which revision they have got to. */
  bookmark(revision: number): void {
    const frame = bookmarkFrame(this.definition, revision, false);
    for (const watcher of this.#watchers) {
      if (!watcher.bookmarks) continue;
      watcher.push(frame, 0);
      this.#wakes.touch(watcher);
    }
  }

  trimHistory(nowMs: number): void {
    this.#history.trim(nowMs);
  }

  endWatches(): void {
    for (const watcher of [...this.#watchers]) watcher.end();
  }

  #initial(
    selection: Selection,
    from: { readonly after: number } | { readonly closing: boolean },
    now: number,
  ): Iterator<readonly WatchFrame[]> {
    if ("after" in from) return pastFrames(this.#history.after(from.after), selection);
    const closing = from.closing ? bookmarkFrame(this.definition, now, true) : undefined;
    return currentFrames(this.candidates(selection), selection, closing);
  }

  #publish(event: CacheEvent): void {
    this.#changes++;
    this.#lastChange = event.revision;
    this.#history.push(event);
    this.#watchers.dispatch(new EventFrames(event), this.#wakes.touch);
  }

  #reindex(previous: ObjectRevision<T> | undefined, current: ObjectRevision<T> | undefined): void {
    for (const [field, values] of this.#byField) {
      const read = fieldReader(this.definition, field);
      if (!read) continue;
      if (previous) removeFrom(values, read(previous.object), previous.key);
      if (current) addTo(values, read(current.object), current);
    }
  }
}

export const bookmarkFrame = (
  definition: ResourceDefinition,
  atRevision: number,
  initialEventsEnd: boolean,
): WatchFrame => ({ type: "BOOKMARK", definition, atRevision, initialEventsEnd });

function* pastFrames(events: readonly CacheEvent[], selection: Selection): Generator<readonly WatchFrame[]> {
  for (let from = 0; from < events.length; from += initialBatchFrames) {
    const frames = events
      .slice(from, from + initialBatchFrames)
      .map((event) => new EventFrames(event).for(selection))
      .filter((frame) => frame !== undefined);
    if (frames.length > 0) yield frames;
  }
}

function* currentFrames(
  objects: readonly ObjectRevision[],
  selection: Selection,
  closing: WatchFrame | undefined,
): Generator<readonly WatchFrame[]> {
  let frames: WatchFrame[] = [];
  for (const revision of objects) {
    if (!selection.matches(revision.object)) continue;
    frames.push({ type: "ADDED", revision });
    if (frames.length < initialBatchFrames) continue;
    yield frames;
    frames = [];
  }
  if (closing) frames.push(closing);
  if (frames.length > 0) yield frames;
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

function addTo<T extends KubeObject>(
  values: Map<string, Map<string, ObjectRevision<T>>>,
  value: string,
  revision: ObjectRevision<T>,
): void {
  const known = values.get(value);
  if (known) known.set(revision.key, revision);
  else values.set(value, new Map([[revision.key, revision]]));
}

function removeFrom(values: Map<string, Map<string, unknown>>, value: string, key: string): void {
  const known = values.get(value);
  known?.delete(key);
  if (known?.size === 0) values.delete(value);
}
