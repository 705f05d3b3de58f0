import type { Clock } from "../../base/clock.js";

/**
 * Work that several may ask for at once: what is asked for under one key while it goes on is done once, and at most so
 * many keys are worked on at a time, in the order in which they were asked for. Who stops waiting lets go alone; the
 * work is given up when nobody waits for it any more. What takes long gives its place up to others and goes on: a
 * registry that never answers must not hold up the images of all.
 */
export class Puller<T> {
  readonly #maxParallel: number;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, Pull<T>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(maxParallel: number, clock: Clock) {
    this.#maxParallel = maxParallel;
    this.#clock = clock;
  }

  pull(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) return Promise.reject(new Error(givenUp));
    const known = this.#underWay.get(key);
    const pull = known ?? this.#begin(key, work);
    pull.waiting++;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(new Error(givenUp));
        if (--pull.waiting > 0) return;
        if (this.#underWay.get(key) === pull) this.#underWay.delete(key);
        pull.controller.abort();
      };
      signal.addEventListener("abort", leave, { once: true });
      pull.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): Pull<T> {
    const controller = new AbortController();
    const result = this.#inTurn(() => {
      if (controller.signal.aborted) throw new Error(givenUp);
      return work(controller.signal);
    });
    const pull: Pull<T> = { controller, result, waiting: 0 };
    this.#underWay.set(key, pull);
    const forget = (): void => {
      if (this.#underWay.get(key) === pull) this.#underWay.delete(key);
    };
    result.then(forget, forget);
    return pull;
  }

  async #inTurn(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#maxParallel) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    let isHeld = true;
    const leave = (): void => {
      if (!isHeld) return;
      isHeld = false;
      // Whose turn is next takes the place over.
      const next = this.#queue.shift();
      if (next) next();
      else this.#running--;
    };
    const timer = this.#clock.after(placeMaxMs, leave);
    try {
      return await work();
    } finally {
      timer.cancel();
      leave();
    }
  }
}

const placeMaxMs = 60_000;

interface Pull<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

const givenUp = "nobody waits for the image any more";
