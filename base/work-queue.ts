import { type Backoff, backoffMs } from "./backoff.js";
import type { Clock, Timer } from "./clock.js";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Delay of a key that failed, growing with each failure in a row: 5 ms to 1000 s unless said. */
  readonly backoff?: Backoff;
  /** Told of what happens to keys: for metrics. */
  readonly observer?: WorkQueueObserver;
}

export interface WorkQueueObserver {
  added(length: number): void;
  taken(waitedMs: number, length: number): void;
  retried(): void;
}

/**
 * Keys waiting for work. A key is in the queue at most once and worked on by one taker at a time; added while it is
 * worked on, it comes again as soon as that is done.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  /** In the order in which they will be taken. */
  readonly #ready = new Map<string, number>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { readonly atMs: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  readonly #takers = new Set<(key: string | undefined) => void>();
  readonly #observer: WorkQueueObserver | undefined;
  #closed = false;

  constructor({ clock, backoff = defaultBackoff, observer }: WorkQueueOptions) {
    this.#observer = observer;
    this.#clock = clock;
    this.#backoff = backoff;
  }

  /** Keys ready to be taken; those delayed or under way do not count. */
  get length(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    const taker = this.#takers.values().next().value;
    if (!taker) {
      this.#ready.set(key, this.#clock.monotonic());
      this.#observer?.added(this.#ready.size);
      return;
    }
    this.#takers.delete(taker);
    this.#working.add(key);
    this.#observer?.added(0);
    this.#observer?.taken(0, 0);
    taker(key);
  }

  /** Adds the key after the delay; of several delays for one key the soonest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const atMs = this.#clock.monotonic() + delayMs;
    const pending = this.#delayed.get(key);
    if (pending && pending.atMs <= atMs) return;
    pending?.timer.cancel();
    const timer = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, timer });
  }

  /** Counts a failure and adds the key after its back-off; answers the delay. */
  addRateLimited(key: string): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    this.#observer?.retried();
    const delayMs = backoffMs(this.#backoff, failures);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Failures in a row since the key was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key succeeded: its next failure waits the shortest time again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, or undefined once the queue is closed. Every key taken must be given back by `done`. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const first = this.#ready.entries().next().value;
    if (first === undefined) return new Promise((resolve) => this.#takers.add(resolve));
    const [next, sinceMs] = first;
    this.#ready.delete(next);
    this.#working.add(next);
    this.#observer?.taken(this.#clock.monotonic() - sinceMs, this.#ready.size);
    return Promise.resolve(next);
  }

  done(key: string): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Drops what waits and releases the takers; keys under way finish. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#ready.clear();
    this.#again.clear();
    for (const taker of this.#takers) taker(undefined);
    this.#takers.clear();
  }
}

const defaultBackoff: Backoff = { baseMs: 5, maxMs: 1_000_000 };
