import { isObject, type JsonObject } from "../merge.js";
import { difference, emptySet, type FieldSet, intersection, isEmptySet, union } from "./field-set.js";
import { appliedFields } from "./fields-of.js";
import type { Ownership, Ownerships } from "./managers.js";
import { type Emptied, removeFields, withStructs } from "./merge.js";
import type { OtherVersion, OtherVersions } from "./ownership.js";
import type { Shape } from "./shape.js";

/** Takes away what a manager applied before, applies no longer, and nobody else owns, in whichever version they own it. */

export interface Pruning {
  readonly shape: Shape;
  /** Of the writer, whose version `shape` is. */
  readonly apiVersion: string;
  readonly otherVersions: OtherVersions | undefined;
  /** All who own something now, the writer by what it claims now. */
  readonly owners: Ownerships;
  /** What the writer's configuration holds, be it owned or not. */
  readonly held: FieldSet;
  readonly last: Ownership | undefined;
}

/** The merged object without that; its maps and lists that are emptied by it are kept empty, or go too. */
export function prune(pruning: Pruning, merged: JsonObject, emptied: Emptied): JsonObject {
  const { shape, apiVersion, otherVersions, last } = pruning;
  if (!last || isEmptySet(last.fields)) return merged;
  const viewOf = (version: string): OtherVersion | undefined =>
    version === apiVersion ? { shape, show: same, write: same } : otherVersions?.(version);
  const home = viewOf(last.apiVersion);
  // A version that is served no longer: nobody can tell what it meant.
  if (!home) return merged;
  const owned = ownedByVersion(pruning);
  const inHome = withStructs(home.shape, owned.get(last.apiVersion) ?? emptySet);
  const claimed = withStructs(home.shape, last.fields);
  let rest = without(home, merged, difference(claimed, inHome), emptied);
  for (const [version, fields] of owned) {
    const view = version === last.apiVersion ? undefined : viewOf(version);
    if (!view || rest === merged) continue;
    const lost = difference(fieldsIn(view, merged), fieldsIn(view, rest));
    rest = without(view, merged, difference(lost, withStructs(view.shape, fields)), emptied);
  }
  // What went with an item that stays after all was not the manager's to take.
  if (owned.size === 1 || rest === merged) return rest;
  const gone = difference(fieldsIn(home, merged), fieldsIn(home, rest));
  return without(home, merged, intersection(gone, claimed), emptied);
}

const same = <T>(object: T): T => object;

function ownedByVersion({ owners, apiVersion, held }: Pruning): ReadonlyMap<string, FieldSet> {
  const owned = new Map([[apiVersion, held]]);
  for (const owner of owners.values())
    owned.set(owner.apiVersion, union(owned.get(owner.apiVersion) ?? emptySet, owner.fields));
  return owned;
}

const fieldsIn = ({ shape, show }: OtherVersion, object: JsonObject): FieldSet =>
  withStructs(shape, appliedFields(shape, show(object)));

function without(
  { shape, show, write }: OtherVersion,
  merged: JsonObject,
  gone: FieldSet,
  emptied: Emptied,
): JsonObject {
  if (isEmptySet(gone)) return merged;
  const rest = removeFields(shape, show(merged), gone, emptied);
  return isObject(rest) ? (write(rest) as JsonObject) : {};
}
