import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { Clock, Timer } from "../../../base/clock.js";
import type { LogEntry, LogOptions } from "../runtime.js";
import { chunkBytes, LogSegments, type SegmentReader } from "./log-segments.js";
import { LogStamps, stampBytes } from "./log-stamps.js";

/** What fills the log, as far as it can be made to wait. */
export interface LogPump {
  /** True once it has stopped writing. */
  pause(): Promise<boolean>;
  resume(): void;
}

/**
 * A container's log: raw bytes in segments, and in `stamps` which bytes were there when (16 bytes an entry: end offset,
 * milliseconds). The agent is woken by each write and notes it, at most every 10 ms, so a line's time is that of its
 * writing to within these. Lines written while no agent ran carry the time of the last of them.
 */
export class LogFile {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #pump: LogPump;
  readonly #failed: (error: unknown) => void;
  readonly #segments: LogSegments;
  #stamps: number | undefined;
  #stampedTo: number;
  /** Counts rewritten stamp files. */
  #edition = 0;
  #hasFailed = false;
  #pause: Timer | undefined;
  #dirty = false;
  #rotating = false;
  /** Not before. */
  #rotateAtMs = 0;
  /** While bytes move from one segment to the other nobody knows where the log ends. */
  #moving: Promise<void> | undefined;
  #closed = false;
  readonly #readers = new Set<() => void>();

  /** `failed` is told when times cannot be noted (is the disk full?), once until they can be again. */
  constructor(dir: string, clock: Clock, pump: LogPump, failed: (error: unknown) => void) {
    this.#dir = dir;
    this.#clock = clock;
    this.#pump = pump;
    this.#failed = failed;
    this.#segments = new LogSegments(dir);
    this.#stampedTo = lastStamp(`${dir}/stamps`);
    const { end, changedAtMs } = this.#segments;
    if (end > this.#stampedTo) this.#stamp(end, changedAtMs);
  }

  /** The log may have grown. */
  changed(): void {
    this.#dirty = true;
    if (this.#pause) return;
    this.#pause = this.#clock.after(stampEveryMs, () => {
      this.#pause = undefined;
      if (this.#dirty) this.changed();
    });
    this.catchUp();
  }

  /** Notes what was written up to now and wakes those who follow. */
  catchUp(): void {
    this.#dirty = false;
    if (this.#moving) return;
    const { end } = this.#segments;
    if (end > this.#stampedTo) this.#stamp(end, this.#clock.now());
    for (const wake of [...this.#readers]) wake();
    if (this.#segments.size <= segmentMaxBytes || this.#rotating || this.#clock.monotonic() < this.#rotateAtMs) return;
    void this.#rotate().catch(() => {
      // What could not be moved (is the disk full?) stays where it is, and nothing is lost.
      this.#rotateAtMs = this.#clock.monotonic() + rotateRetryMs;
    });
  }

  close(): void {
    this.#closed = true;
    this.#pause?.cancel();
    this.#forgetStamps();
    for (const wake of [...this.#readers]) wake();
  }

  async #rotate(): Promise<void> {
    this.#rotating = true;
    try {
      if (!(await this.#pump.pause())) return;
      this.#moving = this.#segments.rotate();
      await this.#moving;
      this.#forgetStamps();
      pruneStamps(`${this.#dir}/stamps`, this.#segments.begin);
      this.#edition++;
    } finally {
      this.#pump.resume();
      this.#moving = undefined;
      this.#rotating = false;
      if (!this.#closed && this.#segments.end > this.#stampedTo) this.changed();
    }
  }

  #forgetStamps(): void {
    if (this.#stamps !== undefined) closeSync(this.#stamps);
    this.#stamps = undefined;
  }

  /** What cannot be noted is read all the same, as if it came with what is noted next. */
  #stamp(end: number, atMs: number): void {
    const entry = Buffer.alloc(stampBytes);
    entry.writeDoubleLE(end, 0);
    entry.writeDoubleLE(atMs, 8);
    this.#stampedTo = end;
    try {
      this.#stamps ??= openSync(`${this.#dir}/stamps`, "a", 0o600);
      appendWhole(this.#stamps, entry);
      this.#hasFailed = false;
    } catch (error) {
      this.#forgetStamps();
      if (!this.#hasFailed) this.#failed(error);
      this.#hasFailed = true;
    }
  }

  /** `ended` says whether nothing more will be written. */
  async *read(options: LogOptions, ended: () => boolean): AsyncIterable<LogEntry> {
    await this.#moving?.catch(() => {});
    this.catchUp();
    const stamps = new LogStamps(`${this.#dir}/stamps`, () => this.#edition);
    const segments = this.#segments.reader();
    try {
      yield* this.#entries(stamps, segments, options, ended);
    } finally {
      stamps.close();
      await segments.close();
    }
  }

  /** Bytes as they come, from this call on or from the first one that is kept. */
  follow(signal: AbortSignal, ended: () => boolean, fromStart: boolean): AsyncIterable<Uint8Array> {
    this.catchUp();
    return this.#followFrom(fromStart ? this.#segments.begin : this.#stampedTo, signal, ended);
  }

  async *#followFrom(start: number, signal: AbortSignal, ended: () => boolean): AsyncIterable<Uint8Array> {
    for (let at = start; !signal.aborted; ) {
      const last = ended();
      const { at: found, bytes: chunk } = await this.#segments.read(at, this.#stampedTo);
      at = found + chunk.length;
      if (chunk.length > 0) yield chunk;
      else if (last) return;
      else await this.#moreOr(signal, at, ended);
    }
  }

  async *#entries(
    stamps: LogStamps,
    segments: SegmentReader,
    options: LogOptions,
    ended: () => boolean,
  ): AsyncIterable<LogEntry> {
    // Without `follow` the log ends where it ended when it was asked for: what comes meanwhile would add to `tailLines`.
    const asked = this.#stampedTo;
    let at = await this.#startOf(stamps, options);
    let held = Buffer.alloc(0);
    while (!options.signal.aborted) {
      const last = ended();
      const end = options.follow ? this.#stampedTo : asked;
      const { at: found, bytes: chunk } = await segments.read(at, end);
      // A reader that several rotations have overtaken goes on where the log begins now.
      if (found > at) held = Buffer.alloc(0);
      at = found;
      if (chunk.length === 0) {
        if (held.length > 0 && (last || !options.follow)) yield entryOf(stamps, at, held, true);
        if (last || !options.follow) return;
        await this.#moreOr(options.signal, at, ended);
        continue;
      }
      let bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let lineStart = at - held.length;
      at += chunk.length;
      for (let length = lineEnd(bytes); length >= 0; length = lineEnd(bytes)) {
        const whole = bytes[length] === newline;
        const next = whole ? length + 1 : length;
        lineStart += next;
        yield entryOf(stamps, lineStart, bytes.subarray(0, length), !whole);
        if (options.signal.aborted) return;
        bytes = bytes.subarray(next);
      }
      held = Buffer.from(bytes);
    }
  }

  async #startOf(stamps: LogStamps, { sinceMs, tailLines }: LogOptions): Promise<number> {
    const since = sinceMs === undefined ? 0 : await this.#lineStartAfter(stamps.offsetBefore(sinceMs));
    const tail = tailLines === undefined ? 0 : await this.#tailStart(tailLines);
    return Math.max(since, tail, this.#segments.begin);
  }

  /** Where the last `lines` lines begin. A last line without its newline counts. */
  async #tailStart(lines: number): Promise<number> {
    const end = this.#stampedTo;
    if (lines <= 0) return end;
    let left = lines;
    for (let to = end; to > this.#segments.begin; ) {
      const from = Math.max(this.#segments.begin, to - chunkBytes);
      const chunk = await this.#whole(from, to);
      if (this.#segments.begin > from) return this.#segments.begin;
      for (let at = chunk.length - 1; at >= 0; at--) {
        if (chunk[at] !== newline || from + at === end - 1) continue;
        left--;
        if (left === 0) return from + at + 1;
      }
      to = from;
    }
    return 0;
  }

  /** The first line that begins at or after `offset`. */
  async #lineStartAfter(offset: number): Promise<number> {
    if (offset <= this.#segments.begin) return offset;
    for (let at = offset - 1; ; ) {
      const { at: found, bytes: chunk } = await this.#segments.read(at, Number.POSITIVE_INFINITY);
      at = found;
      const end = chunk.indexOf(newline);
      if (end >= 0) return at + end + 1;
      at += chunk.length;
      if (chunk.length === 0) return at;
    }
  }

  async #whole(from: number, to: number): Promise<Buffer> {
    const { bytes: first } = await this.#segments.read(from, to);
    if (first.length === 0 || first.length === to - from) return first;
    return Buffer.concat([first, await this.#whole(from + first.length, to)]);
  }

  #moreOr(signal: AbortSignal, at: number, ended: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#readers.delete(check);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const check = (): void => {
        if (this.#stampedTo > at || ended()) done();
      };
      this.#readers.add(check);
      signal.addEventListener("abort", done, { once: true });
      check();
      if (signal.aborted) done();
    });
  }
}

const stampEveryMs = 10;
/** A longer line is given out in pieces. */
const maxLineBytes = 16 * 1024;
/** With the segment before it, twice this is all that is kept of a container's log. */
const segmentMaxBytes = 10 * 1024 * 1024;
const rotateRetryMs = 5_000;
const newline = 10;

/** Where the next line (or piece of one) in `bytes` ends; -1: not in here. */
function lineEnd(bytes: Buffer): number {
  const end = bytes.indexOf(newline);
  if (end >= 0 && end <= maxLineBytes) return end;
  return bytes.length >= maxLineBytes ? maxLineBytes : -1;
}

const entryOf = (stamps: LogStamps, end: number, line: Buffer, partial: boolean): LogEntry => ({
  timestamp: `${new Date(stamps.timeAt(end)).toISOString().slice(0, -1)}000000Z`,
  stream: "stdout",
  line,
  partial,
});

/** Drops the stamps of bytes that are gone. */
function pruneStamps(path: string, begin: number): void {
  const bytes = readFrom(path, 0);
  let at = 0;
  while (at + stampBytes <= bytes.length && bytes.readDoubleLE(at) <= begin) at += stampBytes;
  writeFileSync(`${path}.new`, bytes.subarray(at), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** All of it or nothing: half an entry would shift those that follow. */
function appendWhole(file: number, entry: Uint8Array): void {
  const written = writeSync(file, entry);
  if (written === entry.length) return;
  ftruncateSync(file, fstatSync(file).size - written);
  throw new Error(`only ${written} of ${entry.length} bytes could be written`);
}

function lastStamp(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const whole = Math.floor(size / stampBytes) * stampBytes;
  return whole === 0 ? 0 : readFrom(path, whole - stampBytes).readDoubleLE(0);
}

function readFrom(path: string, from: number): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}
