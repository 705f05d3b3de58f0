/** A binary heap whose items have an identity: `set` replaces, `delete` removes from the middle, all in O(log n). */
export class Heap<T> {
  readonly #compare: (left: T, right: T) => number;
  readonly #items: { readonly id: string; readonly item: T }[] = [];
  readonly #at = new Map<string, number>();

  constructor(compare: (left: T, right: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  get(id: string): T | undefined {
    const at = this.#at.get(id);
    return at === undefined ? undefined : this.#items[at]?.item;
  }

  set(id: string, item: T): void {
    const at = this.#at.get(id) ?? this.#items.length;
    this.#put(at, { id, item });
    this.#restore(at);
  }

  delete(id: string): void {
    const at = this.#at.get(id);
    if (at === undefined) return;
    const last = this.#items.pop();
    this.#at.delete(id);
    if (!last || last.id === id) return;
    this.#put(at, last);
    this.#restore(at);
  }

  /** The least item, which stays. */
  peek(): T | undefined {
    return this.#items[0]?.item;
  }

  /** The least item, removed. */
  pop(): T | undefined {
    const first = this.#items[0];
    if (first) this.delete(first.id);
    return first?.item;
  }

  #put(at: number, entry: { readonly id: string; readonly item: T }): void {
    this.#items[at] = entry;
    this.#at.set(entry.id, at);
  }

  #restore(at: number): void {
    this.#sink(this.#rise(at));
  }

  #rise(from: number): number {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#less(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
    return at;
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const least = left + 1 < this.#items.length && this.#less(left + 1, left) ? left + 1 : left;
      if (least >= this.#items.length || !this.#less(least, at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #less(left: number, right: number): boolean {
    const a = this.#items[left];
    const b = this.#items[right];
    return a !== undefined && b !== undefined && this.#compare(a.item, b.item) < 0;
  }

  #swap(left: number, right: number): void {
    const a = this.#items[left];
    const b = this.#items[right];
    if (!a || !b) return;
    this.#put(left, b);
    this.#put(right, a);
  }
}
