import type { Clock, Timer } from "../../../base/clock.js";
import { Heap } from "../../../base/heap.js";

export interface Expiring {
  readonly key: string;
  readonly revision: number;
  readonly expiresAtMs: number;
}

/** Timers must be shorter than 2^31 ms, and a wall clock that was set is noticed this soon. */
const timerMaxMs = 60_000;
/** Deletions started in one turn of the event loop. */
const sweepMaxKeys = 500;

/** Calls `expire` for the last version of each key when its time has come: a heap and one timer. */
export class Expiry {
  readonly #clock: Clock;
  readonly #expire: (due: Expiring) => void;
  /** By key: a newer version takes the place of the one before it, which is no more. */
  readonly #heap = new Heap<Expiring>((left, right) => left.expiresAtMs - right.expiresAtMs);
  #timer: Timer | undefined;
  #closed = false;

  constructor(clock: Clock, expire: (due: Expiring) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  add(item: Expiring): void {
    this.#heap.set(item.key, item);
    if (this.#heap.peek() === item) this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer?.cancel();
    const next = this.#heap.peek();
    if (!next || this.#closed) return;
    const delayMs = Math.min(Math.max(0, next.expiresAtMs - this.#clock.now()), timerMaxMs);
    this.#timer = this.#clock.after(delayMs, () => this.#sweep());
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (let count = 0; count < sweepMaxKeys; count++) {
      const next = this.#heap.peek();
      if (!next || next.expiresAtMs > now) break;
      this.#heap.pop();
      this.#expire(next);
    }
    this.#arm();
  }
}
