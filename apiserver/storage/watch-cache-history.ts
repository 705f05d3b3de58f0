import type { ObjectRevision } from "../encoding/object-revision.js";

/** One change of one object. `current` is absent for a deletion, `previous` for a creation. */
export interface CacheEvent {
  readonly revision: number;
  readonly atMs: number;
  readonly current: ObjectRevision | undefined;
  readonly previous: ObjectRevision | undefined;
  /**
   * Where a watch goes on that ended with this event: what the frame of a deletion says. Several deletions can share a
   * revision (an expired lease), and only after the last of them has everything of it been seen.
   */
  readonly resumeAt: number;
}

/** More changes of one kind than this are not kept for watchers that come back. */
export const historyMaxEvents = 8192;
/** Nor so many that what only they hold, states of objects that were overcome since, takes more than this in the store. */
export const historyMaxBytes = 32 * 1024 * 1024;
/** Older changes are forgotten. */
export const historyMaxAgeMs = 5 * 60 * 1000;

/** The last changes of one resource, so that a watch can resume at a revision. */
export class History {
  /** In the place of what was dropped there is nothing, until the array is cut: that is worth its cost only now and then. */
  #events: (CacheEvent | undefined)[] = [];
  #start = 0;
  #bytes = 0;
  #floor: number;

  /** `floor`: the revision from which on changes are known. */
  constructor(floor: number) {
    this.#floor = floor;
  }

  /** A watch may resume after any revision from this one on. */
  get floor(): number {
    return this.#floor;
  }

  push(event: CacheEvent): void {
    this.#events.push(event);
    this.#bytes += bytesOf(event);
    while (this.#events.length - this.#start > historyMaxEvents || this.#bytes > historyMaxBytes) this.#drop();
  }

  /** Forgets what is older than `historyMaxAgeMs`. */
  trim(nowMs: number): void {
    for (let first = this.#events[this.#start]; first; first = this.#events[this.#start]) {
      if (nowMs - first.atMs <= historyMaxAgeMs) return;
      this.#drop();
    }
  }

  /** All changes after the revision, in order. The revision must not lie below the floor. */
  after(revision: number): readonly CacheEvent[] {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low).filter((event) => event !== undefined);
  }

  #drop(): void {
    const dropped = this.#events[this.#start];
    if (dropped) {
      this.#floor = dropped.revision;
      this.#bytes -= bytesOf(dropped);
    }
    this.#events[this.#start] = undefined;
    this.#start++;
    if (this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }
}

/** What an event brings is held by the next one of its object, or by the cache itself. */
const bytesOf = ({ previous }: CacheEvent): number => previous?.stored.length ?? 0;
