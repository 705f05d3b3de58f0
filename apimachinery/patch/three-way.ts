import type { Schema } from "../schema/schema.js";
import { sameJson } from "./json.js";
import { applyMergePatch, createThreeWayMergePatch, isObject, type JsonObject } from "./merge.js";
import {
  deletePrefix,
  identityOf,
  type MergeList,
  memberSchema,
  mergeListOf,
  orderPrefix,
  own,
  patchDirective,
  retainKeysDirective,
  retainsKeys,
} from "./strategy.js";

/**
 * The patch that `apply` sends: it makes everything in `modified` hold, takes away what `original` (the last applied
 * configuration) had and `modified` no longer has, and leaves alone what others added to `current`. A strategic merge
 * patch by the schema; without one a JSON merge patch. `{}` where there is nothing to do.
 */
export function createThreeWayPatch(
  schema: Schema<unknown> | undefined,
  original: JsonObject | undefined,
  modified: JsonObject,
  current: JsonObject,
): JsonObject {
  return schema
    ? diffObject(schema, original ?? {}, modified, current)
    : createThreeWayMergePatch(original ?? {}, modified, current);
}

function diffObject(
  schema: Schema<unknown> | undefined,
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
): JsonObject {
  const patch: [string, unknown][] = [];
  for (const [key, value] of Object.entries(modified)) {
    if (value === null) continue;
    const before = own(current, key);
    const applied = own(original, key);
    const member = memberSchema(schema, key);
    const list = mergeListOf(member);
    if (list && Array.isArray(value) && Array.isArray(before))
      patch.push(...diffList(list, key, Array.isArray(applied) ? applied : [], value, before));
    else if (isObject(value) && isObject(before)) {
      const below = diffObject(member, isObject(applied) ? applied : {}, value, before);
      if (Object.keys(below).length > 0) patch.push([key, below]);
    } else if (!sameJson(value, before)) patch.push([key, value]);
  }
  for (const [key, value] of Object.entries(original))
    if (value !== null && (own(modified, key) ?? null) === null) patch.push([key, null]);
  for (const [key, value] of Object.entries(modified))
    if (value === null && (own(original, key) ?? null) === null && (own(current, key) ?? null) !== null)
      patch.push([key, null]);
  return Object.fromEntries(withRetainedKeys(schema, patch, modified, current));
}

/** Of a union only what is written is kept: members that the server filled in for another choice would clash. */
function withRetainedKeys(
  schema: Schema<unknown> | undefined,
  patch: readonly [string, unknown][],
  modified: JsonObject,
  current: JsonObject,
): readonly [string, unknown][] {
  if (!retainsKeys(schema)) return patch;
  const keys = Object.keys(modified).filter((key) => modified[key] !== null);
  const dropsSome = Object.keys(current).some((key) => !keys.includes(key));
  return patch.length > 0 || dropsSome ? [[retainKeysDirective, keys.sort()], ...patch] : patch;
}

/** Members of the patch that bring one merged list to its wanted state. */
function diffList(
  list: MergeList,
  key: string,
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
): [string, unknown][] {
  const identify = (item: unknown): string => identityOf(list, item);
  const wanted = new Map(modified.map((item) => [identify(item), item]));
  const present = new Map([...current].reverse().map((item) => [identify(item), item]));
  const applied = new Map(original.map((item) => [identify(item), item]));
  if (list.mergeKey !== "" && (wanted.size < modified.length || present.size < current.length))
    return replaceList(list, key, modified, current);
  const gone = [...applied].filter(([identity]) => !wanted.has(identity)).map(([, item]) => item);
  const items: unknown[] = [];
  for (const [identity, item] of wanted) {
    const before = present.get(identity);
    if (before === undefined) items.push(item);
    else if (isObject(item) && isObject(before)) {
      const below = diffObject(list.item, asObject(applied.get(identity)), item, before);
      if (Object.keys(below).length > 0) items.push({ ...below, [list.mergeKey]: item[list.mergeKey] });
    }
  }
  const order = [...wanted.keys()];
  const orderNow = [...present.keys()].reverse().filter((identity) => wanted.has(identity));
  const inOrder = items.length === 0 && sameJson(order, orderNow);
  return directives(list, key, { gone, items, order: inOrder ? [] : [...wanted.values()] });
}

function directives(
  { mergeKey }: MergeList,
  key: string,
  { gone, items, order }: { gone: readonly unknown[]; items: readonly unknown[]; order: readonly unknown[] },
): [string, unknown][] {
  const keyOf = (item: unknown): JsonObject => ({ [mergeKey]: asObject(item)[mergeKey] });
  const patch: [string, unknown][] = [];
  if (mergeKey === "") {
    if (gone.length > 0) patch.push([deletePrefix + key, gone]);
    if (order.length > 0) patch.push([orderPrefix + key, order]);
    if (items.length > 0) patch.push([key, items]);
    return patch;
  }
  if (order.length > 0) patch.push([orderPrefix + key, order.map(keyOf)]);
  const deletions = gone.map((item) => ({ [patchDirective]: "delete", ...keyOf(item) }));
  if (items.length + deletions.length > 0) patch.push([key, [...items, ...deletions]]);
  return patch;
}

/**
 * A merge key that occurs twice (one Service port over TCP and UDP) tells the patch nothing: such a list is replaced whole,
 * each item keeping what the server added to the item at its place.
 */
function replaceList(
  { mergeKey }: MergeList,
  key: string,
  modified: readonly unknown[],
  current: readonly unknown[],
): [string, unknown][] {
  const items = modified.map((item, index) => {
    const before = asObject(current[index]);
    return sameJson(before[mergeKey], asObject(item)[mergeKey]) ? applyMergePatch(before, item) : item;
  });
  return sameJson(items, current) ? [] : [[key, [{ [patchDirective]: "replace" }, ...items]]];
}

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});
