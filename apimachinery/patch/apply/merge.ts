import { isObject, type JsonObject } from "../merge.js";
import { childOf, type FieldSet, isMember } from "./field-set.js";
import { elementOf, itemsOf, type ListShape } from "./items.js";
import { fieldElement, shownPath } from "./path-element.js";
import type { Shape } from "./shape.js";

/** The object with an applied configuration laid over it. Neither is changed; what is the same is shared. */
export function mergeApplied(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
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

function mergeObjects(live: JsonObject, config: JsonObject, shapeOf: (name: string) => Shape): JsonObject {
  const merged = new Map(Object.entries(live));
  for (const [name, value] of Object.entries(config))
    merged.set(name, mergeApplied(shapeOf(name), merged.get(name), value));
  return Object.fromEntries(merged);
}

/** Applied items come in the order in which they are applied; the others stay before the applied item that they preceded. */
function mergeLists(shape: ListShape, live: readonly unknown[], config: readonly unknown[]): readonly unknown[] {
  const before = itemsOf(shape, live);
  const applied = itemsOf(shape, config);
  const order = [...applied.keys()];
  const merged: unknown[] = [];
  let next = 0;
  const emit = (): void => {
    const element = order[next++] ?? "";
    const was = before.get(element) ?? [];
    const [item] = applied.get(element) ?? [];
    merged.push(was.length === 1 ? mergeApplied(shape.item, was[0], item) : item);
  };
  for (const item of live) {
    const element = elementOf(shape, item);
    const at = element === undefined ? -1 : order.indexOf(element);
    if (at < 0) merged.push(item);
    else while (next <= at) emit();
  }
  while (next < order.length) emit();
  return merged;
}

/**
 * The value without the fields of a set. What is emptied by that goes too, but for a struct that someone owns as such: an
 * empty one says something. Undefined where nothing is left.
 */
export function removeFields(shape: Shape, value: unknown, fields: FieldSet, owned: FieldSet | undefined): unknown {
  if (shape.type === "list") return Array.isArray(value) ? removeItems(shape, value, fields, owned) : value;
  if (shape.type === "leaf" || !isObject(value)) return value;
  const kept: [string, unknown][] = [];
  let changed = false;
  for (const [name, below] of Object.entries(value)) {
    const element = fieldElement(name);
    const child = childOf(fields, element);
    if (child === undefined) {
      kept.push([name, below]);
      continue;
    }
    const member = shape.type === "struct" ? shape.member(name)?.shape : shape.value;
    const owners = owned && childOf(owned, element);
    const rest = isMember(child) || !member ? undefined : removeFields(member, below, child, owners);
    if (rest !== below) changed = true;
    if (rest !== undefined) kept.push([name, rest]);
  }
  if (!changed) return value;
  if (kept.length > 0) return Object.fromEntries(kept);
  return shape.type === "struct" && owned && isMember(owned) ? {} : undefined;
}

function removeItems(
  shape: ListShape,
  value: readonly unknown[],
  fields: FieldSet,
  owned: FieldSet | undefined,
): unknown {
  const kept: unknown[] = [];
  let changed = false;
  for (const item of value) {
    const element = elementOf(shape, item);
    const child = element === undefined ? undefined : childOf(fields, element);
    const owners = owned && element !== undefined ? childOf(owned, element) : undefined;
    const rest =
      child === undefined ? item : isMember(child) ? undefined : removeFields(shape.item, item, child, owners);
    if (rest !== item) changed = true;
    if (rest !== undefined) kept.push(rest);
  }
  if (!changed) return value;
  return kept.length === 0 ? undefined : kept;
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

/** What an applied configuration has that cannot be merged: items without their keys, or two with the same. */
export function unmergeable(shape: Shape, value: unknown, path = ""): string | undefined {
  if (shape.type === "list" && Array.isArray(value)) return unmergeableList(shape, value, path);
  if (shape.type === "leaf" || !isObject(value)) return undefined;
  for (const [name, below] of Object.entries(value)) {
    const member = shape.type === "struct" ? shape.member(name)?.shape : shape.type === "map" ? shape.value : undefined;
    const problem = member && unmergeable(member, below, `${path}.${name}`);
    if (problem) return problem;
  }
  return undefined;
}

function unmergeableList(shape: ListShape, value: readonly unknown[], path: string): string | undefined {
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const identity = shape.identify(item);
    if ("missing" in identity) return `${path}: element ${index}: ${identity.missing}`;
    const shown = shownPath([identity.element]);
    if (seen.has(identity.element)) return `${path}: duplicate entries for key ${shown}`;
    seen.add(identity.element);
    const problem = unmergeable(shape.item, item, path + shown);
    if (problem) return problem;
  }
  return undefined;
}
