import { sameJson } from "./json.js";

/**
 * JSON merge patch (RFC 7386): objects are merged member by member, null takes a member away, everything else replaces.
 * Never changes its arguments; parts that did not change are shared.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(document) ? Object.entries(document) : []);
  for (const [key, value] of Object.entries(patch))
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  return Object.fromEntries(merged);
}

/** The merge patch that turns `from` into `to`; `{}` where they are the same. */
export function createMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  return mergePatches(deletions(from, to), changes(from, to));
}

/**
 * The merge patch that an `apply` of `modified` sends: what differs from `current`, and null for what the last applied
 * `original` had and `modified` no longer has.
 */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  return mergePatches(deletions(original, modified), changes(current, modified));
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** What `to` has and `from` has not, or otherwise. Members that only `from` has are let be. */
function changes(from: JsonObject, to: JsonObject): JsonObject {
  const patch: [string, unknown][] = [];
  for (const [key, value] of Object.entries(to)) {
    const before = memberOf(from, key);
    if (value === null || sameJson(before, value)) continue;
    if (!isObject(value)) patch.push([key, value]);
    else {
      const below = changes(isObject(before) ? before : {}, value);
      if (!isObject(before) || Object.keys(below).length > 0) patch.push([key, below]);
    }
  }
  return Object.fromEntries(patch);
}

/** Null for every member, at any depth, that `from` has and `to` has not. */
function deletions(from: JsonObject, to: JsonObject): JsonObject {
  const patch: [string, unknown][] = [];
  for (const [key, value] of Object.entries(from)) {
    const after = memberOf(to, key);
    if (after === undefined || (after === null && value !== null)) patch.push([key, null]);
    else if (isObject(value) && isObject(after)) {
      const below = deletions(value, after);
      if (Object.keys(below).length > 0) patch.push([key, below]);
    }
  }
  return Object.fromEntries(patch);
}

function mergePatches(first: JsonObject, second: JsonObject): JsonObject {
  const merged = new Map(Object.entries(first));
  for (const [key, value] of Object.entries(second)) {
    const before = merged.get(key);
    merged.set(key, isObject(before) && isObject(value) ? mergePatches(before, value) : value);
  }
  return Object.fromEntries(merged);
}

const memberOf = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
