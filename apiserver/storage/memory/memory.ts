import type { Clock } from "../../../base/clock.js";
import { History } from "../mvcc/history.js";
import { MvccStorage } from "../mvcc/mvcc-storage.js";
import { defaultHistoryBytes, defaultHistoryMs, defaultLimitBytes, type Storage } from "../storage.js";

export interface MemoryOptions {
  readonly clock: Clock;
  readonly limitBytes?: number;
  readonly historyMs?: number;
  readonly historyBytes?: number;
}

/** A store that ends with the process: for simulated clusters and tests. */
export const openMemory = (options: MemoryOptions): Storage =>
  new MvccStorage({
    history: new History(),
    clock: options.clock,
    limitBytes: options.limitBytes ?? defaultLimitBytes,
    historyMs: options.historyMs ?? defaultHistoryMs,
    historyBytes: options.historyBytes ?? defaultHistoryBytes,
  });
