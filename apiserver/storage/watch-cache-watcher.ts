import type { WatchFrame } from "../request.js";
import type { CacheEvent } from "./watch-cache-history.js";
import type { Selection } from "./watch-cache-selection.js";

/** A watcher that lets more frames than this pile up is cut off: it comes back, or lists again. */
export const watchBufferMaxFrames = 8192;
/** The same for what they weigh. */
export const watchBufferMaxBytes = 32 * 1024 * 1024;
/** Initial objects are handed over in pieces of this size. */
export const initialBatchFrames = 100;

export interface WatcherOptions {
  readonly selection: Selection;
  readonly bookmarks: boolean;
  /** Frames that come before everything that happens from now on; read as the consumer gets to them. */
  readonly initial: Iterator<readonly WatchFrame[]>;
  /** Made when the watch ends in order: what its consumer hears at last. */
  readonly last?: (() => WatchFrame) | undefined;
  readonly onClose: (watcher: Watcher) => void;
}

/**
 * One watch: a bounded queue of frames between the cache and a consumer. What is pushed is seen once `flush` is called,
 * so that all frames of a tick are one batch.
 */
export class Watcher implements AsyncIterable<readonly WatchFrame[]>, AsyncIterator<readonly WatchFrame[]> {
  readonly selection: Selection;
  readonly bookmarks: boolean;
  readonly #onClose: (watcher: Watcher) => void;
  readonly #last: (() => WatchFrame) | undefined;
  #initial: Iterator<readonly WatchFrame[]> | undefined;
  #frames: WatchFrame[] = [];
  #bytes = 0;
  #waiting: ((result: IteratorResult<readonly WatchFrame[]>) => void) | undefined;
  #closed = false;

  constructor({ selection, bookmarks, initial, last, onClose }: WatcherOptions) {
    this.selection = selection;
    this.bookmarks = bookmarks;
    this.#initial = initial;
    this.#last = last;
    this.#onClose = onClose;
  }

  /** Whether a consumer waits and there is something for it. */
  get wakeable(): boolean {
    return this.#waiting !== undefined && this.#frames.length > 0;
  }

  /** `bytes`: about what the frame keeps from being forgotten. */
  push(frame: WatchFrame, bytes: number): void {
    if (this.#closed) return;
    this.#frames.push(frame);
    this.#bytes += bytes;
    if (this.#frames.length > watchBufferMaxFrames || this.#bytes > watchBufferMaxBytes) this.cutOff();
  }

  /** Hands what was pushed to the consumer that waits for it. */
  flush(): void {
    if (!this.wakeable) return;
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.({ done: false, value: this.#take() });
  }

  /** Ends the watch after what was pushed, and the error if there is one. */
  end(error?: Error): void {
    if (this.#closed) return;
    if (error) this.#frames.push({ type: "ERROR", error });
    else if (this.#last) this.#frames.push(this.#last());
    this.#finish();
  }

  /** Ends the watch at once; what was not taken yet is lost to this watcher. */
  cutOff(): void {
    if (this.#closed) return;
    this.#initial = undefined;
    this.#frames = [];
    this.#finish();
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly WatchFrame[]> {
    return this;
  }

  next(): Promise<IteratorResult<readonly WatchFrame[]>> {
    const initial = this.#initial?.next();
    if (initial && !initial.done) return Promise.resolve(initial);
    this.#initial = undefined;
    if (this.#frames.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<readonly WatchFrame[]>> {
    this.cutOff();
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(): readonly WatchFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }

  #finish(): void {
    this.#closed = true;
    this.#onClose(this);
    this.flush();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }
}

/** The frames that an event is to watchers: made at most once each, so that all watchers share one encoding. */
export class EventFrames {
  readonly event: CacheEvent;
  #added: WatchFrame | undefined;
  #modified: WatchFrame | undefined;
  #deleted: WatchFrame | undefined;

  constructor(event: CacheEvent) {
    this.event = event;
  }

  /** In the store. */
  get bytes(): number {
    return (this.event.current ?? this.event.previous)?.stored.length ?? 0;
  }

  /** What the event means to a watch with this selection; undefined when it means nothing. */
  for(selection: Selection): WatchFrame | undefined {
    const { current, previous } = this.event;
    const is = current !== undefined && selection.matches(current.object);
    const was = previous !== undefined && selection.matches(previous.object);
    if (is && was) {
      this.#modified ??= { type: "MODIFIED", revision: current };
      return this.#modified;
    }
    if (is) {
      this.#added ??= { type: "ADDED", revision: current };
      return this.#added;
    }
    if (was) {
      this.#deleted ??= { type: "DELETED", revision: previous.at(this.event.resumeAt) };
      return this.#deleted;
    }
    return undefined;
  }
}
