/**
 * The narrow waist: what the API server needs of a store. Keys are `/registry/<plural or group/plural>[/<namespace>]/<name>`;
 * values are opaque bytes. Revisions are positive integers of one sequence for the whole store, and every write that
 * succeeds makes the next one. A write is visible (to reads and watches) no sooner than it is durable and acknowledged.
 */
export interface Storage {
  /** Linearizable. */
  get(key: string): Promise<StoredValue | undefined>;
  /** All keys under the prefix in byte order, as of one revision. Throws CompactedError, FutureRevisionError. */
  list(prefix: string, options?: ListOptions): Promise<StoredList>;
  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<WriteOutcome>;
  /** Compare-and-swap: only when the key's revision is `expected`; 0 stands for a key that is not there. */
  update(key: string, value: Uint8Array, expected: number, options?: WriteOptions): Promise<WriteOutcome>;
  /** Compare-and-swap delete; `revision` of the outcome is that of the deletion. */
  delete(key: string, expected: number): Promise<WriteOutcome>;
  /**
   * Every change after `afterRevision` under the prefix, in order of revision, without gap or repeat, as batches
   * (changes of one revision are never split over two). Ends when the signal aborts. Throws CompactedError when history
   * does not reach back that far, FutureRevisionError when the store has not got there (its revision went back),
   * StoreReplacedError when another store answers now, and WatchBrokenError where the connection cannot be resumed: the
   * caller lists again.
   */
  watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]>;
  /** Linearizable read of the newest revision. */
  currentRevision(): Promise<number>;
  /** Forgets history up to and including `revision`; current values stay. */
  compact(revision: number): Promise<void>;
  /** Throws when the store cannot take writes now. */
  healthCheck(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface StoredValue {
  readonly key: string;
  /** An embedded store hands out the very array that was written; treat it as frozen. */
  readonly value: Uint8Array;
  /** Revision of the last write to this key. */
  readonly revision: number;
}
export interface ListOptions {
  /** Exact revision to read at; absent means the newest (linearizable). */
  readonly revision?: number;
  readonly limit?: number;
  /** Start with the first key after this one. */
  readonly after?: string;
}
export interface StoredList {
  readonly items: readonly StoredValue[];
  /** Revision at which the list was read. */
  readonly revision: number;
  /** Keys that follow the last item; 0 when the list is complete. */
  readonly remaining: number;
}
export interface WriteOptions {
  /** The key goes by itself this long after the write, as a deletion that watchers see. */
  readonly ttlSeconds?: number;
}
/** A lost comparison is an outcome, not an error; `current` is what stands there now (undefined: no such key). */
export type WriteOutcome =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly current: StoredValue | undefined };

export type StorageEvent =
  | {
      readonly type: "put";
      readonly key: string;
      readonly value: Uint8Array;
      readonly revision: number;
      readonly created: boolean;
      readonly previous: StoredValue | undefined;
    }
  | {
      readonly type: "delete";
      readonly key: string;
      readonly revision: number;
      readonly previous: StoredValue | undefined;
    };

/** The revision asked for lies before the oldest one kept. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  readonly compactedRevision: number;
  constructor(compactedRevision: number) {
    super(`required revision has been compacted (oldest kept: ${compactedRevision + 1})`);
    this.compactedRevision = compactedRevision;
  }
}
/** The revision asked for lies in the future: the caller saw another store, or one that went back. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
  readonly currentRevision: number;
  constructor(currentRevision: number) {
    super(`required revision is in the future (newest: ${currentRevision})`);
    this.currentRevision = currentRevision;
  }
}
/**
 * The store cannot be reached, or has failed for good. A write that ended so may or may not have happened.
 */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}
/** The store refuses a value of this size, however much room there is. */
export class ValueTooLargeError extends Error {
  override readonly name = "ValueTooLargeError";
}
/** Another process has the store open. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
}
/** The watch cannot go on and cannot tell where it stopped. */
export class WatchBrokenError extends Error {
  override readonly name = "WatchBrokenError";
}
/** Another store stands where the one was that the revision comes from: nothing that is known of that one holds. */
export class StoreReplacedError extends Error {
  override readonly name = "StoreReplacedError";
}
/** The store refuses writes until space is freed or the limit raised. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
}

/** How long the past can be read. */
export const defaultHistoryMs = 5 * 60_000;
/** What the past may weigh in the memory of a store that lives in the process. */
export const defaultHistoryBytes = 128 * 1024 * 1024;
/** Keys and values of everything in a store that lives in the process. */
export const defaultLimitBytes = 2 * 1024 ** 3;
