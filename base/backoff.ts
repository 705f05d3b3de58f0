import type { Random } from "./random.js";

export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly factor?: number;
  /** Share of the delay that the dice may add: 0.5 means up to half as long again. */
  readonly jitter?: number;
}

/** The delay after `failures` failures in a row (0 or 1: the base). Never above `maxMs` before jitter. */
export function backoffMs(backoff: Backoff, failures: number, random?: Random): number {
  const grown = backoff.baseMs * (backoff.factor ?? 2) ** Math.max(0, failures - 1);
  const delayMs = Math.min(backoff.maxMs, grown);
  return random && backoff.jitter ? delayMs * (1 + backoff.jitter * random.next()) : delayMs;
}
