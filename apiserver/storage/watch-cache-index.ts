interface Keyed {
  readonly key: string;
}

/** Values in order of their keys; changing one moves at most an array of pointers, and a range is a copied slice. */
export class OrderedIndex<V extends Keyed> {
  #sorted: V[] = [];
  readonly #byKey = new Map<string, V>();

  get size(): number {
    return this.#sorted.length;
  }

  get(key: string): V | undefined {
    return this.#byKey.get(key);
  }

  set(value: V): void {
    const known = this.#byKey.has(value.key);
    this.#byKey.set(value.key, value);
    const last = this.#sorted.at(-1);
    if (!last || last.key < value.key) {
      this.#sorted.push(value);
      return;
    }
    const at = this.lowerBound(value.key);
    if (known) this.#sorted[at] = value;
    else this.#sorted.splice(at, 0, value);
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#sorted.splice(this.lowerBound(key), 1);
  }

  /** Those whose keys start with the prefix, as a slice that later changes do not touch. */
  range(prefix: string): readonly V[] {
    const from = this.lowerBound(prefix);
    const first = this.#sorted[from];
    if (!first?.key.startsWith(prefix)) return [];
    return this.#sorted.slice(from, this.lowerBound(afterPrefix(prefix)));
  }

  values(): IterableIterator<V> {
    return this.#byKey.values();
  }

  /** Position of the first key that is not below this one. */
  lowerBound(key: string): number {
    return lowerBound(this.#sorted, key);
  }
}

export function lowerBound(sorted: readonly Keyed[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate && candidate.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The least string above all that start with the prefix (which ends in an ASCII character). */
const afterPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
