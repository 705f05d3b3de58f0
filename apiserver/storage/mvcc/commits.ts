import type { Clock, Timer } from "../../../base/clock.js";
import { StoreUnavailableError } from "../storage.js";
import type { Version } from "./history.js";

/** Where writes are kept for good. */
export interface Journal {
  /** Resolves when all of it is on disk; nothing of it may be lost from then on. One call at a time. */
  commit(group: JournalGroup): Promise<void>;
  close(): Promise<void>;
}
export interface JournalGroup {
  /** In order of revision. */
  readonly versions: readonly Version[];
  /** Revisions whose records are to go, none of them among `versions`. */
  readonly unneeded: readonly number[];
  /** Where history begins after this group. */
  readonly compacted: number;
}

/** A commit that has not come back after this long never will. */
export const commitTimeoutMs = 3_500;
/**
 * The wait is counted in steps that the event loop has to live through, so that a process that was stopped, or a machine
 * that slept, does not take its own absence for a dead disk.
 */
const watchdogStepMs = 250;

interface Group {
  readonly versions: Version[];
  readonly settlers: Settler[];
  readonly unneeded: number[];
}
interface Settler {
  readonly settle: () => void;
  readonly fail: (error: Error) => void;
}
const newGroup = (): Group => ({ versions: [], settlers: [], unneeded: [] });

export interface CommitsOptions {
  readonly journal: Journal;
  /** Time as the disk has it: never a virtual clock. */
  readonly diskClock: Clock;
  readonly commitTimeoutMs?: number;
  readonly compacted: () => number;
  /** Everything up to this revision is on disk. Called before the writers hear of it. */
  readonly onCommitted: (revision: number, versions: readonly Version[]) => void;
  /** Called once; nothing is committed afterwards. */
  readonly onFatal: (error: Error) => void;
}

/** Group commit: what is written while one group is on its way to disk makes the next one. */
export class Commits {
  readonly #options: CommitsOptions;
  #open = newGroup();
  #inFlight: Group | undefined;
  #scheduled = false;
  #failure: Error | undefined;
  #idle: (() => void)[] = [];

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** Why nothing can be written any more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Adds a write to the open group; `settle` runs once it is on disk and published. */
  add(version: Version, settle: () => void, fail: (error: Error) => void): void {
    this.#open.versions.push(version);
    this.#open.settlers.push({ settle, fail });
    this.#schedule();
  }

  /** Runs `settle` as soon as the write of that revision is published. */
  after(revision: number, settle: () => void, fail: (error: Error) => void): void {
    const last = this.#inFlight?.versions.at(-1)?.revision ?? 0;
    const group = this.#inFlight && revision <= last ? this.#inFlight : this.#open;
    group.settlers.push({ settle, fail });
    this.#schedule();
  }

  /** Records that the next group removes. */
  forget(revisions: readonly number[]): void {
    for (const revision of revisions) this.#open.unneeded.push(revision);
  }

  /** Resolves when everything added so far is on disk. */
  flush(): Promise<void> {
    return new Promise((settle, fail) => {
      if (this.#failure) return fail(this.#failure);
      this.#open.settlers.push({ settle, fail });
      this.#schedule();
    });
  }

  /** Resolves when nothing is on its way to disk, whatever became of it. */
  async drained(): Promise<void> {
    while (this.#scheduled || (this.#inFlight && !this.#failure))
      await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return;
    this.#scheduled = true;
    // The requests that arrive in this turn of the event loop share a sync.
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    while (!this.#failure && this.#open.settlers.length > 0) {
      const group = this.#open;
      this.#open = newGroup();
      this.#inFlight = group;
      const watchdog = this.#watch();
      try {
        await this.#commit(group);
        const last = group.versions.at(-1);
        if (last && !this.#failure) this.#options.onCommitted(last.revision, group.versions);
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      } finally {
        watchdog.cancel();
      }
      if (this.#failure) break;
      this.#inFlight = undefined;
      for (const { settle } of group.settlers) settle();
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #commit({ versions, unneeded }: Group): Promise<void> {
    if (versions.length === 0 && unneeded.length === 0) return Promise.resolve();
    return this.#options.journal.commit({ versions, unneeded, compacted: this.#options.compacted() });
  }

  #watch(): Timer {
    const limitMs = this.#options.commitTimeoutMs ?? commitTimeoutMs;
    let waitedMs = 0;
    let timer: Timer;
    const step = (): void => {
      waitedMs += watchdogStepMs;
      if (waitedMs >= limitMs) this.#fail(new Error(`a write has not reached the disk within ${limitMs} ms`));
      else timer = this.#options.diskClock.after(watchdogStepMs, step);
    };
    timer = this.#options.diskClock.after(watchdogStepMs, step);
    return { cancel: () => timer.cancel() };
  }

  #fail(cause: Error): void {
    if (this.#failure) return;
    const failure = new StoreUnavailableError(`the store cannot write to its disk any more: ${cause.message}`, {
      cause,
    });
    this.#failure = failure;
    const held = [...(this.#inFlight?.settlers ?? []), ...this.#open.settlers];
    this.#open = newGroup();
    this.#options.onFatal(failure);
    for (const { fail } of held) fail(failure);
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
