import { watch } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../../base/clock.js";
import type { LogEntry, LogOptions } from "../runtime.js";

/**
 * A container's log as CRI runtimes write it: `TIME STREAM TAG CONTENT`, TAG being P where the line goes on in the next
 * one. Rotated files lie beside it as `PATH.TIME`, oldest first by name.
 */
export interface LogContext {
  /** Whether nothing more will be written. */
  readonly ended: () => Promise<boolean>;
  readonly clock: Clock;
}

/** What one line of the file says; undefined for what no runtime wrote. */
export function decodeLine(line: Buffer): LogEntry | undefined {
  const afterTime = line.indexOf(space);
  const afterStream = line.indexOf(space, afterTime + 1);
  if (afterTime < 0 || afterStream < 0) return undefined;
  const stream = line.toString("latin1", afterTime + 1, afterStream);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const found = line.indexOf(space, afterStream + 1);
  const afterTag = found < 0 ? line.length : found;
  const tags = line.toString("latin1", afterStream + 1, afterTag).split(":");
  return {
    timestamp: line.toString("latin1", 0, afterTime),
    stream,
    line: line.subarray(afterTag + 1),
    partial: tags[0] === "P",
  };
}

export async function* readLog(path: string, options: LogOptions, context: LogContext): AsyncIterable<LogEntry> {
  const { signal, follow, sinceMs, tailLines } = options;
  const wakeUp = follow ? new Waking(dirname(path), context.clock) : undefined;
  try {
    let left = await tailOf(path, tailLines);
    for (const file of await rotatedFiles(path)) {
      if (left !== undefined && left.file !== file) continue;
      yield* within(file, left?.at ?? 0, signal, sinceMs);
      left = undefined;
    }
    const start = left?.file === path ? left.at : left === undefined ? 0 : Number.POSITIVE_INFINITY;
    yield* current(path, start, { signal, follow, sinceMs, context, wakeUp });
  } finally {
    wakeUp?.close();
  }
}

/** The file that took the place of the one with this inode; more than one may have come and gone meanwhile. */
async function successor(path: string, inode: number | undefined) {
  const files = [...(await rotatedFiles(path)), path];
  const inodes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.ino));
  const at = inodes.indexOf(inode);
  return open(files[at < 0 ? files.length - 1 : at + 1] ?? path, "r").catch(() => undefined);
}

interface Following {
  readonly signal: AbortSignal;
  readonly follow: boolean;
  readonly sinceMs: number | undefined;
  readonly context: LogContext;
  readonly wakeUp: Waking | undefined;
}

/** The file that is being written; with `follow` also those that take its place. */
async function* current(path: string, start: number, options: Following): AsyncIterable<LogEntry> {
  const { signal, follow, sinceMs, context, wakeUp } = options;
  let file = await open(path, "r").catch(() => undefined);
  let inode = (await file?.stat())?.ino;
  let at = Number.isFinite(start) ? start : ((await file?.stat())?.size ?? 0);
  try {
    while (!signal.aborted) {
      const ended = follow && (await context.ended());
      if (file) {
        const lines = new Lines(file, at);
        yield* entriesOf(lines, signal, sinceMs);
        at = lines.at;
      }
      const now = await stat(path).catch(() => undefined);
      if (now && now.ino !== inode) {
        const next = await successor(path, inode);
        // What was written to the old file between the last look and its replacement.
        if (file) yield* entriesOf(new Lines(file, at), signal, sinceMs);
        await file?.close();
        file = next;
        inode = (await next?.stat())?.ino;
        at = 0;
        continue;
      }
      if (!follow || ended) return;
      await wakeUp?.next(signal);
    }
  } finally {
    await file?.close();
  }
}

async function* within(
  path: string,
  at: number,
  signal: AbortSignal,
  sinceMs: number | undefined,
): AsyncIterable<LogEntry> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return;
  try {
    // Nothing in it is younger than the file itself.
    if (sinceMs !== undefined && (await file.stat()).mtimeMs < sinceMs) return;
    yield* entriesOf(new Lines(file, at), signal, sinceMs);
  } finally {
    await file.close();
  }
}

async function* entriesOf(lines: Lines, signal: AbortSignal, sinceMs: number | undefined): AsyncIterable<LogEntry> {
  for (let line = await lines.next(); line !== undefined && !signal.aborted; line = await lines.next()) {
    const entry = decodeLine(line);
    if (entry && (sinceMs === undefined || Date.parse(entry.timestamp) >= sinceMs)) yield entry;
  }
}

interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** Whole lines of a file from an offset on. */
class Lines {
  readonly #file: Readable;
  /** Where the next line begins. */
  at: number;
  #held = Buffer.alloc(0);

  constructor(file: Readable, at: number) {
    this.#file = file;
    this.at = at;
  }

  /** Undefined at the end, also in the middle of a line. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.#held.indexOf(newline);
      if (end >= 0) {
        const line = this.#held.subarray(0, end);
        this.#held = this.#held.subarray(end + 1);
        this.at += end + 1;
        return line;
      }
      if (this.#held.length > maxLineBytes) {
        this.at += this.#held.length;
        this.#held = Buffer.alloc(0);
      }
      const chunk = Buffer.alloc(chunkBytes);
      const { bytesRead } = await this.#file.read(chunk, 0, chunkBytes, this.at + this.#held.length);
      if (bytesRead === 0) return undefined;
      this.#held = Buffer.concat([this.#held, chunk.subarray(0, bytesRead)]);
    }
  }
}

/** Files that took their end, oldest first. */
export async function rotatedFiles(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  const own = names.filter((name) => name.startsWith(`${basename(path)}.`) && /\.\d+(-\d+)*$/.test(name));
  return own.toSorted().map((name) => join(dirname(path), name));
}

/** Where the last `lines` lines begin; undefined: at the beginning of all. */
async function tailOf(
  path: string,
  lines: number | undefined,
): Promise<{ readonly file: string; readonly at: number } | undefined> {
  if (lines === undefined) return undefined;
  let left = lines;
  for (const file of [path, ...(await rotatedFiles(path)).toReversed()]) {
    const found = await open(file, "r").catch(() => undefined);
    if (!found) continue;
    try {
      const { size } = await found.stat();
      if (left <= 0) return { file, at: size };
      for (let to = size; to > 0; ) {
        const from = Math.max(0, to - chunkBytes);
        const chunk = Buffer.alloc(to - from);
        await found.read(chunk, 0, chunk.length, from);
        for (let at = chunk.length - 1; at >= 0; at--) {
          if (chunk[at] !== newline || from + at === size - 1) continue;
          left--;
          if (left === 0) return { file, at: from + at + 1 };
        }
        to = from;
      }
      // The first line of a file has no newline before it.
      if (size > 0) left--;
      if (left === 0) return { file, at: 0 };
    } finally {
      await found.close();
    }
  }
  return undefined;
}

/** Wakes who waits for the log to grow: by the system's word where it gives one, and now and then anyway. */
class Waking {
  readonly #clock: Clock;
  readonly #watcher: { close(): void } | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(dir: string, clock: Clock) {
    this.#clock = clock;
    try {
      const watcher = watch(dir, () => {
        this.#changed = true;
        this.#wake?.();
      });
      watcher.on("error", () => watcher.close());
      this.#watcher = watcher;
    } catch {
      this.#watcher = undefined;
    }
  }

  async next(signal: AbortSignal): Promise<void> {
    if (!this.#changed) {
      const early = new AbortController();
      this.#wake = () => early.abort();
      await this.#clock.sleep(followPollMs, AbortSignal.any([signal, early.signal]));
      this.#wake = undefined;
    }
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}

const space = 32;
const newline = 10;
const chunkBytes = 64 * 1024;
/** Runtimes cut lines at 16 KB. */
const maxLineBytes = 1024 * 1024;
/** An end is not written to the log, so it is asked for. */
const followPollMs = 500;
