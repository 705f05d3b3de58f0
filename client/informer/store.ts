import type { KubeObject } from "../../apimachinery/meta.js";

/** Values under which an object is found; pure, and cheap: called at every change. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** A change of what the cache knows. After a gap (a fresh list) several changes may show as one. */
export type InformerEvent<T> =
  | { readonly type: "added"; readonly object: T }
  | { readonly type: "updated"; readonly object: T; readonly old: T }
  /** `object` is the last state known. */
  | { readonly type: "deleted"; readonly object: T };

/** `namespace/name`, or the name alone for cluster-scoped objects. */
export const keyOf = ({ metadata: { namespace, name } }: KubeObject): string =>
  namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;

export const namespaceIndex = "namespace";
/** By uid of any owner. */
export const ownerIndex = "owner";
/** By the object's own uid. */
export const uidIndex = "uid";

/** The objects known, by key and by index. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #functions = new Map<string, IndexFunction<T>>();
  readonly #indexes = new Map<string, Map<string, Map<string, T>>>();

  constructor() {
    this.addIndex(namespaceIndex, ({ metadata }) => [metadata.namespace ?? ""]);
    this.addIndex(ownerIndex, ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? []);
    this.addIndex(uidIndex, ({ metadata }) => [metadata.uid]);
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Adding an index that is there already does nothing. */
  addIndex(name: string, values: IndexFunction<T>): void {
    if (this.#functions.has(name)) return;
    this.#functions.set(name, values);
    const index = new Map<string, Map<string, T>>();
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) enter(index, values(object), key, object);
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  byIndex(name: string, value: string): readonly T[] {
    const found = this.#indexes.get(name)?.get(value);
    return found ? [...found.values()] : [];
  }

  /** Answers what stood there before. */
  set(key: string, object: T): T | undefined {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const [name, values] of this.#functions) {
      const index = this.#indexes.get(name) ?? new Map<string, Map<string, T>>();
      if (old) leave(index, values(old), key);
      enter(index, values(object), key, object);
    }
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    for (const [name, values] of this.#functions) {
      const index = this.#indexes.get(name);
      if (index) leave(index, values(old), key);
    }
    return old;
  }
}

function enter<T>(index: Map<string, Map<string, T>>, values: readonly string[], key: string, object: T): void {
  for (const value of values) {
    const bucket = index.get(value);
    if (bucket) bucket.set(key, object);
    else index.set(value, new Map([[key, object]]));
  }
}

function leave<T>(index: Map<string, Map<string, T>>, values: readonly string[], key: string): void {
  for (const value of values) {
    const bucket = index.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) index.delete(value);
  }
}
