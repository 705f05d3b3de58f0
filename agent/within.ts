import type { Clock } from "../base/clock.js";

/** Resolves with the promise, or after this long without it. Leaves no timer behind. */
export async function within(clock: Clock, limitMs: number, promise: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([promise, clock.sleep(limitMs, done.signal)]);
  done.abort();
}
