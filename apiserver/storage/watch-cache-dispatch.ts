import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { yieldToLoop } from "../../base/yield.js";
import { fieldReader } from "./watch-cache-selection.js";
import type { EventFrames, Watcher } from "./watch-cache-watcher.js";

/**
 * The watchers of one resource, each in one place: by a field that must have one value, else by namespace, else among
 * those that see everything. An event visits only the places where somebody could care.
 */
export class WatcherIndex {
  readonly #definition: ResourceDefinition;
  readonly #everywhere = new Set<Watcher>();
  readonly #byNamespace = new Map<string, Set<Watcher>>();
  readonly #byField = new Map<string, Map<string, Set<Watcher>>>();

  constructor(definition: ResourceDefinition) {
    this.#definition = definition;
  }

  *[Symbol.iterator](): IterableIterator<Watcher> {
    yield* this.#everywhere;
    for (const watchers of this.#byNamespace.values()) yield* watchers;
    for (const values of this.#byField.values()) for (const watchers of values.values()) yield* watchers;
  }

  add(watcher: Watcher): void {
    const { equality, namespace } = watcher.selection;
    if (equality) {
      const values = getOrAdd(this.#byField, equality.field, () => new Map<string, Set<Watcher>>());
      getOrAdd(values, equality.value, () => new Set<Watcher>()).add(watcher);
    } else if (namespace !== "") {
      getOrAdd(this.#byNamespace, namespace, () => new Set<Watcher>()).add(watcher);
    } else {
      this.#everywhere.add(watcher);
    }
  }

  remove(watcher: Watcher): void {
    const { equality, namespace } = watcher.selection;
    if (equality) {
      const values = this.#byField.get(equality.field);
      if (values) removeFrom(values, equality.value, watcher);
      if (values?.size === 0) this.#byField.delete(equality.field);
    } else if (namespace !== "") {
      removeFrom(this.#byNamespace, namespace, watcher);
    } else {
      this.#everywhere.delete(watcher);
    }
  }

  /** Pushes an event to everyone concerned; `touched` hears of each watcher that got a frame. */
  dispatch(frames: EventFrames, touched: (watcher: Watcher) => void): void {
    const { current, previous } = frames.event;
    const one = current ?? previous;
    if (!one) return;
    this.#offer(this.#everywhere, frames, touched);
    const { namespace } = one.object.metadata;
    if (namespace !== undefined) this.#offer(this.#byNamespace.get(namespace), frames, touched);
    for (const [field, values] of this.#byField) {
      const read = fieldReader(this.#definition, field);
      if (!read) continue;
      const is = current && read(current.object as KubeObject);
      const was = previous && read(previous.object as KubeObject);
      if (is !== undefined) this.#offer(values.get(is), frames, touched);
      if (was !== undefined && was !== is) this.#offer(values.get(was), frames, touched);
    }
  }

  #offer(watchers: ReadonlySet<Watcher> | undefined, frames: EventFrames, touched: (watcher: Watcher) => void): void {
    if (!watchers) return;
    for (const watcher of watchers) {
      const frame = frames.for(watcher.selection);
      if (!frame) continue;
      watcher.push(frame, frames.bytes);
      touched(watcher);
    }
  }
}

/** Consumers woken in one turn of the event loop: each of them writes to a socket before the turn ends. */
const wakesPerTurn = 50;

/** Wakes the consumers of watchers, few at once in the order in which they were touched. */
export class WakeQueue {
  #touched = new Set<Watcher>();
  #draining = false;

  readonly touch = (watcher: Watcher): void => {
    this.#touched.add(watcher);
  };

  /** Starts waking; called when a tick's frames have all been pushed. */
  wake(): void {
    if (!this.#draining && this.#touched.size > 0) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#touched.size > 0) {
      let woken = 0;
      for (const watcher of this.#touched) {
        this.#touched.delete(watcher);
        if (!watcher.wakeable) continue;
        watcher.flush();
        if (++woken >= wakesPerTurn) break;
      }
      if (this.#touched.size > 0) await yieldToLoop();
    }
    this.#draining = false;
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function removeFrom(map: Map<string, Set<Watcher>>, key: string, watcher: Watcher): void {
  const watchers = map.get(key);
  watchers?.delete(watcher);
  if (watchers?.size === 0) map.delete(key);
}
