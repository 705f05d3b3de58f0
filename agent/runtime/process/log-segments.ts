import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { copyFile, type FileHandle, open, rename, rm, truncate, writeFile } from "node:fs/promises";

export const chunkBytes = 64 * 1024;

/**
 * The bytes of a log, counted from its beginning, of which the newest lie in `log` and those before them in `log.1`.
 * What fills `log` cannot be made to open another file, so rotation copies it away and empties it.
 */
export class LogSegments {
  readonly #dir: string;
  /** Where `log.1` and `log` begin. */
  #oldBase = 0;
  #base = 0;
  /** Reads and rotations take turns: in the middle of one, files and numbers do not belong together. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(dir: string) {
    this.#dir = dir;
    finishRotation(dir);
    const [oldBase, base] = readNumbers(`${dir}/bases`);
    this.#oldBase = oldBase ?? 0;
    this.#base = base ?? 0;
  }

  /** The first byte that is still there. */
  get begin(): number {
    return this.#oldBase;
  }

  get end(): number {
    return this.#base + this.size;
  }

  /** Bytes since the last rotation. */
  get size(): number {
    return statSync(`${this.#dir}/log`, { throwIfNoEntry: false })?.size ?? 0;
  }

  get changedAtMs(): number {
    return statSync(`${this.#dir}/log`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  /**
   * Bytes from `at` to before `to`; fewer where a segment ends and than `chunkBytes`, none at the end of all. They begin
   * later than `at` where that is gone by now.
   */
  read(at: number, to: number): Promise<LogBytes> {
    return this.#alone(() => {
      const from = Math.max(at, this.#oldBase);
      return this.#read(from, Math.min(to - from, chunkBytes));
    });
  }

  /** A reader of its own. To be closed. */
  reader(): SegmentReader {
    return new SegmentReader((at) => this.#alone(() => this.#holdOld(at)), this);
  }

  async #holdOld(at: number): Promise<HeldSegment | undefined> {
    if (at < this.#oldBase || at >= this.#base) return undefined;
    const file = await open(`${this.#dir}/log.1`, "r").catch(() => undefined);
    return file && { file, from: this.#oldBase, to: this.#base };
  }

  async #read(at: number, length: number): Promise<LogBytes> {
    if (length <= 0) return { at, bytes: Buffer.alloc(0) };
    const inOld = at < this.#base;
    const from = at - (inOld ? this.#oldBase : this.#base);
    const wanted = inOld ? Math.min(length, this.#base - at) : length;
    const file = await open(`${this.#dir}/${inOld ? "log.1" : "log"}`, "r").catch(() => undefined);
    if (!file) return { at, bytes: Buffer.alloc(0) };
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, from);
      return { at, bytes: buffer.subarray(0, bytesRead) };
    } finally {
      await file.close();
    }
  }

  /** Nobody may write to the log meanwhile. Who is killed in the middle has it finished by the next who opens the log. */
  rotate(): Promise<void> {
    return this.#alone(async () => {
      const { size } = this;
      const dir = this.#dir;
      await copyFile(`${dir}/log`, `${dir}/log.1.new`);
      await writeFile(`${dir}/moving`, `${this.#base} ${size}\n`, { mode: 0o600 });
      await rename(`${dir}/log.1.new`, `${dir}/log.1`);
      this.#oldBase = this.#base;
      this.#base += size;
      await truncate(`${dir}/log`, 0);
      await writeFile(`${dir}/bases`, `${this.#oldBase} ${this.#base}\n`, { mode: 0o600 });
      await rm(`${dir}/moving`, { force: true });
    });
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

interface HeldSegment {
  readonly file: FileHandle;
  readonly from: number;
  readonly to: number;
}

/** Keeps the older segment that it is in open, so that it reads on in it when a rotation has removed that. */
export class SegmentReader {
  readonly #hold: (at: number) => Promise<HeldSegment | undefined>;
  readonly #segments: LogSegments;
  #held: HeldSegment | undefined;

  constructor(hold: (at: number) => Promise<HeldSegment | undefined>, segments: LogSegments) {
    this.#hold = hold;
    this.#segments = segments;
  }

  /** As the log's own `read`. */
  async read(at: number, to: number): Promise<LogBytes> {
    if (at >= to) return { at, bytes: Buffer.alloc(0) };
    if (!this.#held || at < this.#held.from || at >= this.#held.to) {
      await this.close();
      this.#held = await this.#hold(at);
    }
    if (!this.#held) return this.#segments.read(at, to);
    const { file, from } = this.#held;
    const wanted = Math.min(to, this.#held.to, at + chunkBytes) - at;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, at - from);
    return { at, bytes: buffer.subarray(0, bytesRead) };
  }

  async close(): Promise<void> {
    await this.#held?.file.close();
    this.#held = undefined;
  }
}

export interface LogBytes {
  readonly at: number;
  readonly bytes: Buffer;
}

/** By then nothing has been written to the log: what fills it waits for the end of the rotation. */
function finishRotation(dir: string): void {
  const [base, size] = readNumbers(`${dir}/moving`);
  if (base !== undefined && size !== undefined) {
    if (existsSync(`${dir}/log.1.new`)) renameSync(`${dir}/log.1.new`, `${dir}/log.1`);
    if (statSync(`${dir}/log`, { throwIfNoEntry: false })?.size === size) truncateSync(`${dir}/log`, 0);
    writeFileSync(`${dir}/bases`, `${base} ${base + size}\n`, { mode: 0o600 });
  }
  // A copy that nobody announced may not be whole.
  for (const name of ["moving", "log.1.new"]) rmSync(`${dir}/${name}`, { force: true });
}

/** None where the file was not written to its end. */
function readNumbers(path: string): readonly number[] {
  try {
    const text = readFileSync(path, "utf8");
    return text.endsWith("\n") ? text.trim().split(" ").map(Number) : [];
  } catch {
    return [];
  }
}
