import { isObject, type JsonObject } from "../merge.js";
import { childOf, type FieldSet, isMember } from "./field-set.js";
import { elementOf, itemsOf, type ListShape } from "./items.js";
import { fieldElement } from "./path-element.js";
import type { Shape } from "./shape.js";

/** The object with an applied configuration laid over it. Neither is changed; what is the same is shared. */
export function mergeApplied(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  // Null unsets a value; of what is merged, it takes nothing away that someone put there.
  if (config === null) return shape.type === "leaf" || isEmpty(live) ? null : live;
  switch (shape.type) {
    case "leaf":
      return config;
    case "list":
      return Array.isArray(live) && Array.isArray(config) ? mergeLists(shape, live, config) : config;
    case "struct":
      return isObject(live) && isObject(config)
        ? mergeObjects(live, config, (name) => shape.member(name)?.shape ?? { type: "leaf" })
        : config;
    case "map":
      return isObject(live) && isObject(config) ? mergeObjects(live, config, () => shape.value) : config;
  }
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : !isObject(value) || Object.keys(value).length === 0;

function mergeObjects(live: JsonObject, config: JsonObject, shapeOf: (name: string) => Shape): JsonObject {
  const merged = new Map(Object.entries(live));
  for (const [name, value] of Object.entries(config))
    merged.set(name, mergeApplied(shapeOf(name), merged.get(name), value));
  return Object.fromEntries(merged);
}

/**
 * Applied items come in the order in which they are applied, and the others stay where they are before them: a live item
 * that is applied holds its place only if it is the next of those that are both.
 */
function mergeLists(shape: ListShape, live: readonly unknown[], config: readonly unknown[]): readonly unknown[] {
  const before = itemsOf(shape, live);
  const applied = itemsOf(shape, config);
  const order = [...applied.keys()];
  const shared = order.filter((element) => before.has(element));
  const merged: unknown[] = [];
  let next = 0;
  let nextShared = 0;
  const emitUpTo = (end: number): void => {
    for (; next < end; next++) {
      const element = order[next] ?? "";
      const was = before.get(element) ?? [];
      const [item] = applied.get(element) ?? [];
      merged.push(was.length === 1 ? mergeApplied(shape.item, was[0], item) : item);
    }
  };
  for (const item of live) {
    const element = elementOf(shape, item);
    if (element === undefined || !applied.has(element)) merged.push(item);
    else if (element === shared[nextShared]) {
      emitUpTo(order.indexOf(element, next) + 1);
      nextShared++;
    }
  }
  emitUpTo(order.length);
  return merged;
}

/** What becomes of a map or a list that is emptied by taking away what lies in it. A struct stays: {} says something. */
export type Emptied = "kept" | "dropped";

/** The value without the fields of a set. Undefined where nothing is left of a map or a list that is to be dropped. */
export function removeFields(shape: Shape, value: unknown, fields: FieldSet, emptied: Emptied): unknown {
  if (shape.type === "list") return Array.isArray(value) ? removeItems(shape, value, fields, emptied) : value;
  if (shape.type === "leaf" || !isObject(value)) return value;
  const kept: [string, unknown][] = [];
  let changed = false;
  for (const [name, below] of Object.entries(value)) {
    const child = childOf(fields, fieldElement(name));
    const member = shape.type === "struct" ? shape.member(name)?.shape : shape.value;
    const rest =
      child === undefined
        ? below
        : isMember(child) || !member
          ? undefined
          : removeFields(member, below, child, emptied);
    if (rest !== below) changed = true;
    if (rest !== undefined) kept.push([name, rest]);
  }
  if (!changed) return value;
  return kept.length > 0 || shape.type === "struct" || emptied === "kept" ? Object.fromEntries(kept) : undefined;
}

function removeItems(shape: ListShape, value: readonly unknown[], fields: FieldSet, emptied: Emptied): unknown {
  const kept: unknown[] = [];
  let changed = false;
  for (const item of value) {
    const element = elementOf(shape, item);
    const child = element === undefined ? undefined : childOf(fields, element);
    const rest =
      child === undefined ? item : isMember(child) ? undefined : removeFields(shape.item, item, child, emptied);
    if (rest !== item) changed = true;
    if (rest !== undefined) kept.push(rest);
  }
  if (!changed) return value;
  return kept.length > 0 || emptied === "kept" ? kept : undefined;
}

/**
 * A set in which every field of a struct on the way to a field is in the set too: a struct has no life apart from the
 * fields that someone set in it, while keys of maps and items of lists are set by themselves.
 */
export function withStructs(shape: Shape, set: FieldSet): FieldSet {
  const children: [string, FieldSet][] = [];
  for (const [element, child] of Object.entries(set)) {
    if (element === ".") children.push([element, child]);
    else children.push([element, withStructsBelow(shape, element, child)]);
  }
  return Object.fromEntries(children);
}

function withStructsBelow(shape: Shape, element: string, child: FieldSet): FieldSet {
  const member = shape.type === "struct" ? shape.member(element.slice(2)) : undefined;
  const below = member?.shape ?? (shape.type === "map" ? shape.value : shape.type === "list" ? shape.item : undefined);
  const inner = below ? withStructs(below, child) : child;
  return member && Object.keys(inner).length > 0 ? { ".": {}, ...inner } : inner;
}
