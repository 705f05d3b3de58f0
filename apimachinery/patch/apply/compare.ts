import { equal } from "../../../base/equal.js";
import { isObject, type JsonObject } from "../merge.js";
import { emptySet, type FieldSet, frozen, isEmptySet, leaf } from "./field-set.js";
import { bornFields, withSelf } from "./fields-of.js";
import { itemsOf, type ListShape } from "./items.js";
import { fieldElement } from "./path-element.js";
import type { Shape } from "./shape.js";

/** What a write did to an object's fields. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

export const isSame = ({ added, modified, removed }: Comparison): boolean =>
  isEmptySet(added) && isEmptySet(modified) && isEmptySet(removed);

/** Looks only into what is not the same value. The order of a list's items is nobody's. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  const found = new Findings();
  compareValues(shape, before, after, found);
  return found.comparison();
}

type Found = { added: FieldSet | undefined; modified: FieldSet | undefined; removed: FieldSet | undefined };
const kinds = ["added", "modified", "removed"] as const;

/** Children of one node in the three sets, opened where something is found. */
class Findings {
  readonly #sets: { -readonly [K in (typeof kinds)[number]]?: Map<string, FieldSet> } = {};

  put(kind: (typeof kinds)[number], element: string, fields: FieldSet): void {
    const set = this.#sets[kind] ?? new Map<string, FieldSet>();
    this.#sets[kind] = set;
    set.set(element, fields);
  }
  /** What lies in a value, if anything does; not the value. */
  parts(kind: (typeof kinds)[number], element: string, fields: FieldSet): void {
    if (!isEmptySet(fields)) this.put(kind, element, fields);
  }
  below(element: string, { added, modified, removed }: Found): void {
    if (added) this.put("added", element, added);
    if (modified) this.put("modified", element, modified);
    if (removed) this.put("removed", element, removed);
  }
  found(): Found {
    const { added, modified, removed } = this.#sets;
    return {
      added: added && frozen(added),
      modified: modified && frozen(modified),
      removed: removed && frozen(removed),
    };
  }
  comparison(): Comparison {
    const { added = emptySet, modified = emptySet, removed = emptySet } = this.found();
    return { added, modified, removed };
  }
}

/** False where the values can only be compared whole. */
function compareValues(shape: Shape, before: unknown, after: unknown, found: Findings): boolean {
  if (shape.type === "leaf") return false;
  if (shape.type === "list") {
    if (!Array.isArray(before) || !Array.isArray(after)) return false;
    compareLists(shape, before, after, found);
    return true;
  }
  if (!isObject(before) || !isObject(after)) return false;
  if (shape.type === "struct") compareStructs(shape, before, after, found);
  else compareMaps(shape, before, after, found);
  return true;
}

function compareStructs(
  shape: Shape & { readonly type: "struct" },
  before: JsonObject,
  after: JsonObject,
  found: Findings,
): void {
  const each = (name: string): void => {
    const member = shape.member(name);
    if (!member) return;
    compareMember(member.shape, member.element, member.optional, own(before, name), own(after, name), found);
  };
  for (const name of Object.keys(after)) each(name);
  for (const name of Object.keys(before)) if (own(after, name) === undefined) each(name);
}

function compareMaps(
  { value }: Shape & { readonly type: "map" },
  before: JsonObject,
  after: JsonObject,
  found: Findings,
): void {
  for (const key of Object.keys(after))
    compareMember(value, fieldElement(key), true, own(before, key), own(after, key), found);
  for (const key of Object.keys(before))
    if (own(after, key) === undefined)
      compareMember(value, fieldElement(key), true, own(before, key), undefined, found);
}

function compareLists(shape: ListShape, before: readonly unknown[], after: readonly unknown[], found: Findings): void {
  const old = itemsOf(shape, before);
  const now = itemsOf(shape, after);
  for (const [element, items] of now) {
    const was = old.get(element) ?? [];
    if (was.length <= 1 && items.length === 1) compareMember(shape.item, element, true, was[0], items[0], found);
    else if (was.length === 0) found.put("added", element, leaf);
    else if (!equal(was, items)) {
      // Items that share a key have no parts of their own: those of one that was alone go, or come.
      found.put("modified", element, leaf);
      if (was.length === 1) found.parts("removed", element, bornFields(shape.item, was[0]));
      if (items.length === 1) found.parts("added", element, bornFields(shape.item, items[0]));
    }
  }
  for (const [element, [item, ...more]] of old) {
    if (now.has(element)) continue;
    if (more.length > 0) found.put("removed", element, leaf);
    else compareMember(shape.item, element, true, item, undefined, found);
  }
}

function compareMember(
  shape: Shape,
  element: string,
  optional: boolean,
  before: unknown,
  after: unknown,
  found: Findings,
): void {
  if (before === after) return;
  if (before === undefined) found.put("added", element, whole(shape, after, optional));
  else if (after === undefined) found.put("removed", element, whole(shape, before, true));
  else {
    const below = new Findings();
    if (compareValues(shape, before, after, below)) found.below(element, below.found());
    else if (!equal(before, after)) found.put("modified", element, leaf);
  }
}

function whole(shape: Shape, value: unknown, withItself: boolean): FieldSet {
  const fields = bornFields(shape, value);
  return isEmptySet(fields) || !withItself ? fields : withSelf(fields);
}

const own = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
