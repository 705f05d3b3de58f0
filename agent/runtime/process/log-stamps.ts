import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** One entry: an end offset and milliseconds, both doubles. */
export const stampBytes = 16;

/** Which bytes of a log were there when: entries in growing order on disk, of which a search reads no more than it needs. */
export class LogStamps {
  readonly #path: string;
  readonly #editionNow: () => number;
  #edition: number | undefined;
  #file: number | undefined;
  #count = 0;
  /** The entries read last. */
  #block = { first: -1, bytes: Buffer.alloc(0) };
  /** Where the last search ended: readers go on from there. */
  #cursor = 0;

  /** `edition` changes when the file is replaced by another. */
  constructor(path: string, edition: () => number) {
    this.#path = path;
    this.#editionNow = edition;
    this.#refresh();
  }

  /** When the byte before `end` was there. */
  timeAt(end: number): number {
    if (this.#editionNow() !== this.#edition || this.#count === 0 || this.#end(this.#count - 1) < end) this.#refresh();
    if (this.#count === 0) return 0;
    const isHere = (index: number): boolean =>
      index < this.#count && this.#end(index) >= end && (index === 0 || this.#end(index - 1) < end);
    if (!isHere(this.#cursor))
      this.#cursor = isHere(this.#cursor + 1) ? this.#cursor + 1 : this.#firstWith((index) => this.#end(index) >= end);
    return this.#time(Math.min(this.#cursor, this.#count - 1));
  }

  /** Everything before this offset was there before `atMs`. */
  offsetBefore(atMs: number): number {
    const index = this.#firstWith((each) => this.#time(each) >= atMs);
    return index === 0 ? 0 : this.#end(index - 1);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#count = 0;
  }

  #refresh(): void {
    if (this.#editionNow() !== this.#edition) {
      this.close();
      this.#edition = this.#editionNow();
    }
    this.#block = { first: -1, bytes: Buffer.alloc(0) };
    try {
      this.#file ??= openSync(this.#path, "r");
      this.#count = Math.floor(fstatSync(this.#file).size / stampBytes);
    } catch {
      this.#count = 0; // nothing was stamped yet
    }
  }

  #firstWith(holds: (index: number) => boolean): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #end(index: number): number {
    return this.#entry(index, 0);
  }

  #time(index: number): number {
    return this.#entry(index, 8);
  }

  #entry(index: number, offset: number): number {
    const first = index - (index % blockEntries);
    if (this.#file !== undefined && this.#block.first !== first) {
      const bytes = Buffer.alloc(blockEntries * stampBytes);
      const length = readSync(this.#file, bytes, 0, bytes.length, first * stampBytes);
      this.#block = { first, bytes: bytes.subarray(0, length) };
    }
    const at = (index - first) * stampBytes + offset;
    return at + 8 <= this.#block.bytes.length ? this.#block.bytes.readDoubleLE(at) : 0;
  }
}

/** A page of the file. */
const blockEntries = 256;
