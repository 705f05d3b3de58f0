import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import type { Clock, Timer } from "../../../base/clock.js";
import type { LogEntry, LogOptions } from "../runtime.js";

/**
 * A container's log: raw bytes in `log`, and in `stamps` which bytes were there when (16 bytes an entry: end offset,
 * milliseconds). The agent is woken by each write and notes it, at most every 10 ms, so a line's time is that of its
 * writing to within these. Lines written while no agent ran carry the time of the last of them.
 */
export class LogFile {
  readonly #dir: string;
  readonly #clock: Clock;
  #stamps: number | undefined;
  #stampedTo: number;
  #pause: Timer | undefined;
  #dirty = false;
  readonly #readers = new Set<() => void>();

  constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
    this.#stampedTo = lastStamp(`${dir}/stamps`);
    const { size, mtimeMs } = statOf(`${dir}/log`);
    if (size > this.#stampedTo) this.#stamp(size, mtimeMs);
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
    const { size } = statOf(`${this.#dir}/log`);
    if (size > this.#stampedTo) this.#stamp(size, this.#clock.now());
    for (const wake of [...this.#readers]) wake();
  }

  close(): void {
    this.#pause?.cancel();
    if (this.#stamps !== undefined) closeSync(this.#stamps);
    this.#stamps = undefined;
    for (const wake of [...this.#readers]) wake();
  }

  #stamp(size: number, atMs: number): void {
    this.#stamps ??= openSync(`${this.#dir}/stamps`, "a", 0o600);
    const entry = Buffer.alloc(stampBytes);
    entry.writeDoubleLE(size, 0);
    entry.writeDoubleLE(atMs, 8);
    writeSync(this.#stamps, entry);
    this.#stampedTo = size;
  }

  /** `ended` says whether nothing more will be written. */
  async *read(options: LogOptions, ended: () => boolean): AsyncIterable<LogEntry> {
    this.catchUp();
    let log: FileHandle;
    try {
      log = await open(`${this.#dir}/log`, "r");
    } catch {
      return; // never started
    }
    try {
      const stamps = new Stamps(`${this.#dir}/stamps`);
      let at = await this.#startOf(log, stamps, options);
      let held = Buffer.alloc(0);
      while (!options.signal.aborted) {
        const last = ended();
        const chunk = await readAt(log, at, Math.min(this.#stampedTo - at, chunkBytes));
        if (chunk.length === 0) {
          if (held.length > 0 && (last || !options.follow)) yield entryOf(stamps, at, held, true);
          if (last || !options.follow) return;
          await this.#moreOr(options.signal, at, ended);
          continue;
        }
        let bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        let lineStart = at - held.length;
        at += chunk.length;
        for (let end = lineEnd(bytes); end >= 0; end = lineEnd(bytes)) {
          const whole = bytes[end] === newline;
          const next = whole ? end + 1 : end;
          lineStart += next;
          yield entryOf(stamps, lineStart, bytes.subarray(0, end), !whole);
          if (options.signal.aborted) return;
          bytes = bytes.subarray(next);
        }
        held = Buffer.from(bytes);
      }
    } finally {
      await log.close();
    }
  }

  async #startOf(log: FileHandle, stamps: Stamps, options: LogOptions): Promise<number> {
    const since = options.sinceMs === undefined ? 0 : await lineStartAfter(log, stamps.offsetBefore(options.sinceMs));
    const tail = options.tailLines === undefined ? 0 : await tailStart(log, this.#stampedTo, options.tailLines);
    return Math.max(since, tail);
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
const stampBytes = 16;
const chunkBytes = 64 * 1024;
/** A longer line is given out in pieces. */
const maxLineBytes = 16 * 1024;
const newline = 10;

/** Where the next line (or piece of one) in `bytes` ends; -1: not in here. */
function lineEnd(bytes: Buffer): number {
  const end = bytes.indexOf(newline);
  if (end >= 0 && end <= maxLineBytes) return end;
  return bytes.length >= maxLineBytes ? maxLineBytes : -1;
}

const entryOf = (stamps: Stamps, end: number, line: Buffer, partial: boolean): LogEntry => ({
  timestamp: `${new Date(stamps.timeAt(end)).toISOString().slice(0, -1)}000000Z`,
  stream: "stdout",
  line,
  partial,
});

/** The stamps of one log, read on as they come. */
class Stamps {
  readonly #path: string;
  #ends: number[] = [];
  #times: number[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#load();
  }

  /** When the byte before `end` was there. */
  timeAt(end: number): number {
    if ((this.#ends.at(-1) ?? -1) < end) this.#load();
    const index = firstAtLeast(this.#ends, end);
    return this.#times[Math.min(index, this.#times.length - 1)] ?? 0;
  }

  /** Everything before this offset was there before `atMs`. */
  offsetBefore(atMs: number): number {
    const index = firstAtLeast(this.#times, atMs);
    return index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #load(): void {
    const from = this.#ends.length * stampBytes;
    const bytes = readFrom(this.#path, from);
    for (let at = 0; at + stampBytes <= bytes.length; at += stampBytes) {
      this.#ends.push(bytes.readDoubleLE(at));
      this.#times.push(bytes.readDoubleLE(at + 8));
    }
  }
}

function firstAtLeast(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function statOf(path: string): { readonly size: number; readonly mtimeMs: number } {
  return statSync(path, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
}

function lastStamp(path: string): number {
  const { size } = statOf(path);
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

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** Where the last `lines` lines before `end` begin. A last line without its newline counts. */
async function tailStart(file: FileHandle, end: number, lines: number): Promise<number> {
  if (lines <= 0) return end;
  let left = lines;
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - chunkBytes);
    const chunk = await readAt(file, from, to - from);
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
async function lineStartAfter(file: FileHandle, offset: number): Promise<number> {
  if (offset === 0) return 0;
  for (let at = offset - 1; ; at += chunkBytes) {
    const chunk = await readAt(file, at, chunkBytes);
    const end = chunk.indexOf(newline);
    if (end >= 0) return at + end + 1;
    if (chunk.length < chunkBytes) return at + chunk.length;
  }
}
