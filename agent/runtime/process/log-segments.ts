import { readFileSync, statSync } from "node:fs";
import { copyFile, open, rename, truncate, writeFile } from "node:fs/promises";

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
   * Fewer bytes than asked for where a segment ends, none at the end of all. They begin later than `at` where that is
   * gone by now.
   */
  read(at: number, length: number): Promise<LogBytes> {
    return this.#alone(() => this.#read(Math.max(at, this.#oldBase), length));
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

  /** Nobody may write to the log meanwhile. */
  rotate(): Promise<void> {
    return this.#alone(async () => {
      const { size } = this;
      await copyFile(`${this.#dir}/log`, `${this.#dir}/log.1.new`);
      await rename(`${this.#dir}/log.1.new`, `${this.#dir}/log.1`);
      await writeFile(`${this.#dir}/bases`, `${this.#base} ${this.#base + size}\n`, { mode: 0o600 });
      await truncate(`${this.#dir}/log`, 0);
      this.#oldBase = this.#base;
      this.#base += size;
    });
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

export interface LogBytes {
  readonly at: number;
  readonly bytes: Buffer;
}

function readNumbers(path: string): readonly number[] {
  try {
    return readFileSync(path, "utf8").trim().split(" ").map(Number);
  } catch {
    return [];
  }
}
