import type { Clock, Timer } from "../../../base/clock.js";

export interface Expiring {
  readonly key: string;
  readonly revision: number;
  readonly expiresAtMs: number;
}

/** Timers must be shorter than 2^31 ms, and a wall clock that was set is noticed this soon. */
const timerMaxMs = 60_000;
/** Deletions started in one turn of the event loop. */
const sweepMaxKeys = 500;

/** Calls `expire` for each version when its time has come: a heap and one timer. */
export class Expiry {
  readonly #clock: Clock;
  readonly #expire: (due: Expiring) => void;
  readonly #heap: Expiring[] = [];
  #timer: Timer | undefined;
  #closed = false;

  constructor(clock: Clock, expire: (due: Expiring) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  add(item: Expiring): void {
    push(this.#heap, item);
    if (this.#heap[0] === item) this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer?.cancel();
    const next = this.#heap[0];
    if (!next || this.#closed) return;
    const delayMs = Math.min(Math.max(0, next.expiresAtMs - this.#clock.now()), timerMaxMs);
    this.#timer = this.#clock.after(delayMs, () => this.#sweep());
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (let count = 0; count < sweepMaxKeys; count++) {
      const next = this.#heap[0];
      if (!next || next.expiresAtMs > now) break;
      pop(this.#heap);
      this.#expire(next);
    }
    this.#arm();
  }
}

function push(heap: Expiring[], item: Expiring): void {
  heap.push(item);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (!above || above.expiresAtMs <= item.expiresAtMs) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Expiring[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    let smaller = heap[child];
    const right = heap[child + 1];
    if (right && smaller && right.expiresAtMs < smaller.expiresAtMs) {
      child++;
      smaller = right;
    }
    if (!smaller || smaller.expiresAtMs >= last.expiresAtMs) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = last;
}
