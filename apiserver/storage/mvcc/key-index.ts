interface Keyed {
  readonly key: string;
}

/** Above this a chunk is split in two. */
const chunkMaxItems = 256;

/**
 * Items by key, and in byte order of their keys: a map beside a list of sorted chunks. Adding and removing move at most
 * one chunk; a scan touches only what it returns.
 */
export class KeyIndex<T extends Keyed> {
  readonly #byKey = new Map<string, T>();
  readonly #chunks: T[][] = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  /** The key must not be there yet. */
  add(item: T): void {
    this.#byKey.set(item.key, item);
    const position = this.#chunkOf(item.key);
    const chunk = this.#chunks[position];
    if (!chunk) {
      this.#chunks.push([item]);
      return;
    }
    const at = lowerBound(chunk, item.key);
    chunk.splice(at, 0, item);
    if (chunk.length <= chunkMaxItems) return;
    // Keys that arrive in order (names with a counter) leave full chunks behind instead of half-empty ones.
    const cut = at === chunk.length - 1 ? chunkMaxItems : chunk.length >> 1;
    this.#chunks.splice(position + 1, 0, chunk.splice(cut));
  }

  remove(key: string): void {
    if (!this.#byKey.delete(key)) return;
    const position = this.#chunkOf(key);
    const chunk = this.#chunks[position];
    if (!chunk) return;
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0) this.#chunks.splice(position, 1);
  }

  /** Visits the items under the prefix in order, those after `after` only, until `visit` returns false. */
  scan(prefix: string, after: string | undefined, visit: (item: T) => boolean): void {
    const start = after !== undefined && compareKeys(after, prefix) >= 0 ? after : prefix;
    let position = this.#chunkOf(start);
    let at = lowerBound(this.#chunks[position] ?? [], start);
    for (; position < this.#chunks.length; position++, at = 0) {
      const chunk = this.#chunks[position] ?? [];
      for (; at < chunk.length; at++) {
        const item = chunk[at];
        if (!item?.key.startsWith(prefix)) return;
        if (item.key !== after && !visit(item)) return;
      }
    }
  }

  /** The last chunk whose first key is not after `key`; 0 when there is none. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const first = this.#chunks[middle]?.[0];
      if (first && compareKeys(first.key, key) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Index of the first item whose key is not before `key`. */
function lowerBound(chunk: readonly Keyed[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = chunk[middle];
    if (item && compareKeys(item.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order of the UTF-8 bytes. It differs from that of UTF-16 strings only where surrogates are involved. */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  if (surrogates.test(left) || surrogates.test(right)) return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return left < right ? -1 : 1;
}
const surrogates = /[\ud800-\udfff]/;
