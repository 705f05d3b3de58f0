import { goText, goType } from "../../base/go-text.js";
import type { Schema } from "../schema/schema.js";
import { badRequest, unclassified } from "../status.js";
import { isObject, type JsonObject } from "./merge.js";
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
} from "./strategy.js";

export { createThreeWayPatch } from "./three-way.js";

/**
 * Kubernetes' strategic merge patch: a JSON merge patch in which the schema says how lists are merged (by a key, as a set,
 * or replaced whole) and the patch may give directives ($patch, $retainKeys, $deleteFromPrimitiveList, $setElementOrder).
 * Never changes its arguments; parts that did not change are shared.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function applyStrategicPatch(schema: Schema<unknown> | undefined, document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) throw badRequest("invalid JSON document");
  return mergeObject(schema, isObject(document) ? document : {}, patch);
}

function mergeObject(schema: Schema<unknown> | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  if (Object.hasOwn(patch, patchDirective)) {
    const directive = patch[patchDirective];
    if (directive === "replace") return without(patch, patchDirective);
    if (directive === "delete") return {};
    if (directive !== "merge") throw unclassified(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  }
  const merged = new Map(Object.entries(retained(original, patch)));
  for (const key of patchedMembers(patch)) {
    const value = own(patch, key);
    if (value === null) {
      merged.delete(key);
      continue;
    }
    const before = merged.get(key);
    const member = memberSchema(schema, key);
    const list = mergeListOf(member);
    const directives = directivesOf(patch, key);
    if (directives && !list && schema)
      throw badRequest(`unable to merge the json field ${JSON.stringify(key)} as a list`);
    if (list && (value === undefined || Array.isArray(value))) {
      const items = mergeItems(list, Array.isArray(before) ? before : [], value ?? [], directives ?? {});
      if (value !== undefined || Array.isArray(before)) merged.set(key, items);
    } else if (isObject(value)) merged.set(key, mergeObject(member, isObject(before) ? before : {}, value));
    else if (value !== undefined) merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** What of the original survives $retainKeys. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = own(patch, retainKeysDirective);
  if (keys === undefined) return original;
  if (!Array.isArray(keys)) throw badRequest("invalid patch format of retainKeys");
  const kept = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch))
    if (value !== null && !key.startsWith("$") && !kept.has(key))
      throw badRequest("invalid patch format of retainKeys");
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

function patchedMembers(patch: JsonObject): Set<string> {
  const members = new Set<string>();
  for (const key of Object.keys(patch)) {
    const prefix = [deletePrefix, orderPrefix].find((start) => key.startsWith(start));
    if (prefix) members.add(key.slice(prefix.length));
    else if (key !== patchDirective && key !== retainKeysDirective) members.add(key);
  }
  return members;
}

interface ListDirectives {
  readonly order?: readonly unknown[];
  readonly deletions?: readonly unknown[];
}

function directivesOf(patch: JsonObject, key: string): ListDirectives | undefined {
  const order = own(patch, orderPrefix + key);
  const deletions = own(patch, deletePrefix + key);
  if (order === undefined && deletions === undefined) return undefined;
  if (order !== undefined && !Array.isArray(order))
    throw unclassified(`expected a []interface {}, but received a ${goType(order)}`);
  if (deletions !== undefined && !Array.isArray(deletions)) throw badRequest("invalid patch format of primitive list");
  return { ...(order ? { order } : {}), ...(deletions ? { deletions } : {}) };
}

function mergeItems(
  list: MergeList,
  original: readonly unknown[],
  patch: readonly unknown[],
  { order, deletions = [] }: ListDirectives,
): readonly unknown[] {
  const identify = (item: unknown): string => identityOf(list, item);
  if (patch.some((item) => isObject(item) && item[patchDirective] === "replace"))
    return patch.filter((item) => !isObject(item) || !Object.hasOwn(item, patchDirective));
  const { wanted, unwanted } = sortOut(list, patch);
  for (const item of deletions) unwanted.add(identify(item));
  const items = original.filter((item) => !unwanted.has(identify(item)));
  const positions = new Map<string, number>();
  for (const [index, item] of items.entries()) if (!positions.has(identify(item))) positions.set(identify(item), index);
  for (const item of wanted) {
    const identity = identify(item);
    const position = positions.get(identity);
    const before = position === undefined ? {} : items[position];
    const after = isObject(item) ? mergeObject(list.item, isObject(before) ? before : {}, item) : item;
    if (position !== undefined) items[position] = after;
    else positions.set(identity, items.push(after) - 1);
  }
  const orderKeys = (order ?? wanted).map(identify);
  if (order) checkOrder(wanted.map(identify), orderKeys, patch, order);
  return arrange(items, identify, orderKeys, original.map(identify));
}

function sortOut({ mergeKey, item }: MergeList, patch: readonly unknown[]) {
  const wanted: unknown[] = [];
  const unwanted = new Set<string>();
  for (const entry of patch) {
    const directive = isObject(entry) ? own(entry, patchDirective) : undefined;
    if (directive === undefined) wanted.push(entry);
    else if (directive === "delete") unwanted.add(identityOf({ mergeKey, item }, entry));
    else if (directive === "merge") throw unclassified("merging lists cannot yet be specified in the patch");
    else throw unclassified(`unknown patch type: ${goText(directive)} in map: ${goText(entry)}`);
  }
  return { wanted, unwanted };
}

function checkOrder(
  given: readonly string[],
  orderKeys: readonly string[],
  patch: readonly unknown[],
  order: readonly unknown[],
): void {
  let at = 0;
  for (const identity of given) {
    while (at < orderKeys.length && orderKeys[at] !== identity) at++;
    if (at++ >= orderKeys.length)
      throw unclassified(
        `The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
      );
  }
}

/**
 * Items that the patch orders come in its order; the others keep their order among themselves, each before the first
 * ordered item that followed it in the original list.
 */
function arrange(
  items: readonly unknown[],
  identify: (item: unknown) => string,
  orderKeys: readonly string[],
  originalKeys: readonly string[],
): readonly unknown[] {
  const rank = new Map([...orderKeys.entries()].reverse().map(([index, key]) => [key, index]));
  const position = new Map([...originalKeys.entries()].reverse().map(([index, key]) => [key, index]));
  const rankOf = (item: unknown): number => rank.get(identify(item)) ?? -1;
  const positionOf = (item: unknown): number => position.get(identify(item)) ?? -1;
  const ordered = items.filter((item) => rankOf(item) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
  const arranged: unknown[] = [];
  let next = 0;
  for (const item of items) {
    if (rankOf(item) >= 0) continue;
    let follower = next;
    while (follower < ordered.length && positionOf(ordered[follower]) <= positionOf(item)) follower++;
    for (; next < follower; next++) arranged.push(ordered[next]);
    arranged.push(item);
  }
  for (; next < ordered.length; next++) arranged.push(ordered[next]);
  return arranged;
}

const without = (object: JsonObject, unwanted: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== unwanted));
