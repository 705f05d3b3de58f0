import type { Clock } from "../../../base/clock.js";
import { yieldToLoop } from "../../../base/yield.js";
import { startCompaction } from "../compaction.js";
import {
  FutureRevisionError,
  type ListOptions,
  type Storage,
  type StorageEvent,
  type StoredList,
  type StoredValue,
  StoreFullError,
  StoreUnavailableError,
  WatchBrokenError,
  type WriteOptions,
  type WriteOutcome,
} from "../storage.js";
import { Commits, type Journal } from "./commits.js";
import { Expiry } from "./expiry.js";
import type { History, Version } from "./history.js";

export interface MvccOptions {
  readonly history: History;
  readonly clock: Clock;
  /** Absent: nothing is kept beyond the process, and a write is published at once. */
  readonly journal?: Journal;
  readonly diskClock?: Clock;
  readonly commitTimeoutMs?: number;
  readonly onFatal?: (error: Error) => void;
  /** Keys and values of all that exists; creates are refused above it, updates a little later. */
  readonly limitBytes: number;
  /** How long the past can be read; 0: as far back as `historyBytes` reach. */
  readonly historyMs: number;
  /** What the past may weigh; the oldest goes first. */
  readonly historyBytes: number;
}

/** Updates may go this far over the limit, so that what is there can still be finished and deleted. */
const updateHeadroom = 1 / 16;
/** Events handed to a watcher at a time. */
const watchBatchMaxEvents = 1_000;
/** Keys looked at in one turn of the event loop. */
const listSliceKeys = 10_000;
/** Writes forgotten in one turn of the event loop. */
const compactSliceWrites = 5_000;

/**
 * The whole store in memory, every write compared against the newest one even while that is still on its way to disk.
 * Readers and watchers see what is published, and that is only what the journal has made durable.
 */
export class MvccStorage implements Storage {
  readonly #history: History;
  readonly #options: MvccOptions;
  readonly #commits: Commits | undefined;
  readonly #expiry: Expiry;
  readonly #compaction = new AbortController();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(options: MvccOptions) {
    const { history, clock, journal } = options;
    this.#history = history;
    this.#options = options;
    this.#expiry = new Expiry(clock, (due) => void this.delete(due.key, due.revision).catch(() => undefined));
    this.#commits = journal && this.#createCommits(journal);
    for (const version of history.expiring()) this.#expiry.add(version);
    if (options.historyMs > 0)
      startCompaction(this, { clock, keepMs: options.historyMs, signal: this.#compaction.signal });
  }

  #createCommits(journal: Journal): Commits {
    const { history, onFatal, diskClock, clock, commitTimeoutMs } = this.#options;
    return new Commits({
      journal,
      diskClock: diskClock ?? clock,
      ...(commitTimeoutMs === undefined ? {} : { commitTimeoutMs }),
      compacted: () => history.compacted,
      onCommitted: (revision, versions) => this.#publish(revision, versions),
      onFatal: (error) => onFatal?.(error),
    });
  }

  async get(key: string): Promise<StoredValue | undefined> {
    this.#checkOpen();
    return this.#history.get(key);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<StoredList> {
    this.#checkOpen();
    const revision = options.revision ?? this.#history.published;
    const limit = options.limit || Number.POSITIVE_INFINITY;
    const items: StoredValue[] = [];
    let remaining = 0;
    let { after } = options;
    for (;;) {
      const slice = this.#history.slice(prefix, revision, after, listSliceKeys);
      for (const item of slice.items) {
        if (items.length < limit) items.push(item);
        else remaining++;
      }
      if (slice.lastKey === undefined) return { items, revision, remaining };
      after = slice.lastKey;
      await yieldToLoop();
    }
  }

  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<WriteOutcome> {
    return this.#write(key, value, 0, options);
  }

  update(key: string, value: Uint8Array, expected: number, options?: WriteOptions): Promise<WriteOutcome> {
    return this.#write(key, value, expected, options);
  }

  delete(key: string, expected: number): Promise<WriteOutcome> {
    return this.#write(key, undefined, expected);
  }

  async currentRevision(): Promise<number> {
    this.#checkOpen();
    return this.#history.published;
  }

  #write(key: string, value: Uint8Array | undefined, expected: number, options?: WriteOptions): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      const failure = this.#commits?.failure;
      if (failure) throw failure;
      const newest = this.#history.newest(key);
      if ((newest?.stored?.revision ?? 0) !== expected) return this.#lost(newest, resolve, reject);
      if (!value && expected === 0) return resolve({ ok: false, current: undefined });
      if (value) this.#checkRoom(key, value, newest?.stored);
      const ttlSeconds = options?.ttlSeconds ?? 0;
      const expiresAtMs = ttlSeconds > 0 ? this.#options.clock.now() + ttlSeconds * 1_000 : 0;
      const version = this.#history.append(key, value, expiresAtMs);
      const settle = (): void => resolve({ ok: true, revision: version.revision });
      if (this.#commits) return this.#commits.add(version, settle, reject);
      this.#publish(version.revision, [version]);
      settle();
    });
  }

  /** What won may not be on disk yet, and then the loser must not hear of it before it is. */
  #lost(winner: Version | undefined, resolve: (outcome: WriteOutcome) => void, reject: (error: Error) => void): void {
    const settle = (): void => resolve({ ok: false, current: winner?.stored });
    if (!winner || winner.revision <= this.#history.published || !this.#commits) settle();
    else this.#commits.after(winner.revision, settle, reject);
  }

  #checkRoom(key: string, value: Uint8Array, before: StoredValue | undefined): void {
    const { limitBytes } = this.#options;
    const growth = before ? value.length - before.value.length : key.length + value.length;
    const ceiling = before ? limitBytes * (1 + updateHeadroom) : limitBytes;
    if (growth > 0 && this.#history.liveBytes + growth > ceiling)
      throw new StoreFullError(`the store holds ${this.#history.liveBytes} bytes and its limit is ${limitBytes}`);
  }

  #publish(revision: number, versions: readonly Version[]): void {
    this.#history.publish(revision);
    for (const version of versions) if (version.expiresAtMs > 0) this.#expiry.add(version);
    if (this.#history.historyBytes > this.#options.historyBytes) this.#forgetOldest(versions.length);
    this.#wake();
  }

  /** Twice as much as just came: the past shrinks, and no turn of the event loop does much at once. */
  #forgetOldest(writes: number): void {
    const { history, historyBytes } = this.#options;
    for (let count = 0; count < 2 * writes && history.historyBytes > historyBytes; count++)
      this.#commits?.forget(history.compact(history.compacted + 1, 1));
    if (!this.#commits) while (history.historyBytes > historyBytes) history.compact(history.compacted + 1, 1);
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * A watcher is a position in the history that all share, so it holds nothing of its own; one that falls behind the
   * oldest write kept is cut off.
   */
  async *watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncGenerator<readonly StorageEvent[]> {
    let position = afterRevision;
    let started = false;
    while (!signal.aborted) {
      if (this.#closed) throw new WatchBrokenError("the store was closed");
      if (started && position < this.#history.compacted)
        throw new WatchBrokenError(`the watcher fell behind: it is at ${position}`);
      const { events, upTo } = this.#history.changes(prefix, position, watchBatchMaxEvents);
      started = true;
      position = upTo;
      if (events.length > 0) yield events;
      else if (position >= this.#history.published) await this.#change(signal);
    }
  }

  /** Resolves at the next publication, when the signal aborts, or when the store closes. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    const history = this.#history;
    if (revision > history.published) throw new FutureRevisionError(history.published);
    while (history.compacted < revision) {
      const unneeded = history.compact(revision, compactSliceWrites);
      if (this.#commits) {
        this.#commits.forget(unneeded);
        await this.#commits.flush();
      } else await yieldToLoop();
    }
  }

  async healthCheck(): Promise<void> {
    this.#checkOpen();
    const failure = this.#commits?.failure;
    if (failure) throw failure;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#compaction.abort();
    this.#expiry.close();
    this.#wake();
    await this.#commits?.drained();
    // A disk that has failed may never answer again; closing would wait for it.
    if (!this.#commits?.failure) await this.#options.journal?.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreUnavailableError("the store is closed");
  }
}
