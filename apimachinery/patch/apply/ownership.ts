import type { ManagedFieldsEntry } from "../../meta.js";
import { bornOwnable, nobodysFields, nobodysMetadata } from "./born.js";
import { type Comparison, compare, isSame } from "./compare.js";
import type { Conflict } from "./conflicts.js";
import {
  childOf,
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  onlyBelow,
  setOf,
  union,
} from "./field-set.js";
import {
  identityOf,
  type Manager,
  type Ownership,
  type Ownerships,
  readManagers,
  withoutCrowd,
  writeManagers,
} from "./managers.js";
import { fieldElement } from "./path-element.js";
import type { Shape } from "./shape.js";

/** Keeps account of who owns which field of an object, write by write. */

export type Entries = readonly ManagedFieldsEntry[] | undefined;

/** Which fields a write through one endpoint can set: `main` all but the status of a kind that has its own endpoint for it. */
export interface Scope {
  readonly part: "main" | "status";
  readonly hasStatusEndpoint: boolean;
}

/** Fields that say which object it is or that the server alone writes: they are nobody's. */
const nobodys = setOf([
  ["f:metadata"],
  ...[...nobodysMetadata].map((name) => ["f:metadata", fieldElement(name)]),
  ...[...nobodysFields].map((name) => [fieldElement(name)]),
]);
const statusOnly = new Set(["f:status", "f:metadata"]);
const metadataOfStatus = new Set(["f:labels", "f:annotations"]);

/** What of a set can be owned by writes of this scope. */
export function ownable(fields: FieldSet, { part, hasStatusEndpoint }: Scope): FieldSet {
  const owned = difference(fields, nobodys);
  if (part === "main") return hasStatusEndpoint && childOf(owned, "f:status") ? dropRoot(owned, "f:status") : owned;
  const whole = onlyBelow(owned, statusOnly);
  const metadata = childOf(whole, "f:metadata");
  if (!metadata) return whole;
  const kept = onlyBelow(metadata, metadataOfStatus);
  if (kept === metadata) return whole;
  const rest = dropRoot(whole, "f:metadata");
  return isEmptySet(kept) ? rest : Object.freeze({ ...rest, "f:metadata": kept });
}

function dropRoot(fields: FieldSet, element: string): FieldSet {
  const { [element]: _, ...rest } = fields;
  return Object.freeze(rest);
}

const ownableOf = ({ added, modified, removed }: Comparison, scope: Scope): Comparison => ({
  added: ownable(added, scope),
  modified: ownable(modified, scope),
  removed: ownable(removed, scope),
});

/** What a write changed, in the terms of each version in which fields are owned. */
export type ChangesIn = (apiVersion: string) => Comparison;

/** Fields of these owners that the change touches. */
export function conflictsOf(owners: Ownerships, changesIn: ChangesIn, writer: string): ReadonlyMap<string, Conflict> {
  const conflicts = new Map<string, Conflict>();
  for (const [identity, owner] of owners) {
    if (identity === writer) continue;
    const { modified, added } = changesIn(owner.apiVersion);
    const fields = intersection(owner.fields, union(modified, added));
    if (!isEmptySet(fields)) conflicts.set(identity, { manager: owner, fields });
  }
  return conflicts;
}

/** Takes from all others what they lost to the writer, and from everyone what is there no longer. */
export function dispossess(
  owners: Ownerships,
  writer: string,
  conflicts: ReadonlyMap<string, Conflict>,
  changesIn: ChangesIn,
): Map<string, Ownership> {
  const left = new Map<string, Ownership>();
  for (const [identity, owner] of owners) {
    const lost = conflicts.get(identity)?.fields ?? emptySet;
    const kept = difference(
      difference(owner.fields, lost),
      identity === writer ? emptySet : changesIn(owner.apiVersion).removed,
    );
    if (identity === writer || !isEmptySet(kept))
      left.set(identity, kept === owner.fields ? owner : { ...owner, fields: kept });
  }
  return left;
}

export const changesOf = (shape: Shape, before: unknown, after: unknown, scope: Scope): Comparison =>
  ownableOf(compare(shape, before, after), scope);

/** Another version of the same objects. */
export interface OtherVersion {
  readonly shape: Shape;
  /** An object of the writer's version as this one shows it. */
  readonly show: (object: object) => object;
  /** One of this version as the writer's shows it. */
  readonly write: (object: object) => object;
}
/** Undefined for the writer's own version and for those that are not served. */
export type OtherVersions = (apiVersion: string) => OtherVersion | undefined;

/** The writer's changes, converted where an owner speaks another version. */
export function changesInVersions(
  own: Comparison,
  otherVersions: OtherVersions | undefined,
  between: { readonly before: object; readonly after: object; readonly scope: Scope },
): ChangesIn {
  if (!otherVersions || isSame(own)) return () => own;
  const known = new Map<string, Comparison>();
  return (apiVersion) => {
    let changes = known.get(apiVersion);
    if (changes) return changes;
    const other = otherVersions(apiVersion);
    const { before, after, scope } = between;
    changes = other ? changesOf(other.shape, other.show(before), other.show(after), scope) : own;
    known.set(apiVersion, changes);
    return changes;
  };
}

/** Those who own something in a version that is served: what others own can be told by nobody. */
export function readableOwners(
  owners: Ownerships,
  apiVersion: string,
  otherVersions: OtherVersions | undefined,
): Ownerships {
  const unreadable = [...owners].filter(
    ([, owner]) => owner.apiVersion !== apiVersion && !otherVersions?.(owner.apiVersion),
  );
  if (unreadable.length === 0) return owners;
  const left = new Map(owners);
  for (const [identity] of unreadable) left.delete(identity);
  return left;
}

/** The managedFields of a new object that its creator wrote. */
export function trackCreate(shape: Shape, object: object, manager: Manager, scope: Scope, now: string): Entries {
  const fields = scope.hasStatusEndpoint ? bornOwnable(shape, object, "status") : bornOwnable(shape, object);
  return writeManagers(
    new Map([[identityOf(manager), { ...manager, time: now, fields, entry: undefined }]]),
    undefined,
  );
}

export interface Update {
  readonly before: object;
  readonly after: object;
  /** What is stored, and what the writer sent. */
  readonly stored: Entries;
  readonly given: Entries;
  readonly manager: Manager;
  readonly scope: Scope;
  readonly otherVersions?: OtherVersions | undefined;
  readonly now: string;
}

/**
 * The managedFields after an update: whoever changes a field owns it alone from then on. Objects that have none (they are
 * older, or someone took them off) get none before their first apply.
 */
export function trackUpdate(shape: Shape, update: Update): Entries {
  const { before, after, stored, given, manager, scope, now } = update;
  const all = ownersAfter(stored, given, manager.subresource);
  if (all.size === 0) return undefined;
  const owners = readableOwners(all, manager.apiVersion, update.otherVersions);
  const changes = changesOf(shape, before, after, scope);
  const { added, modified, removed } = changes;
  const changesIn = changesInVersions(changes, update.otherVersions, update);
  const gained = union(modified, added);
  if (isEmptySet(gained) && isEmptySet(removed)) return writeManagers(owners, stored);
  const writer = identityOf(manager);
  const left = dispossess(owners, writer, conflictsOf(owners, changesIn, writer), changesIn);
  const mine = left.get(writer);
  const fields = difference(union(mine?.fields ?? emptySet, gained), removed);
  const time = isEmptySet(gained) ? mine?.time : now;
  left.set(
    writer,
    mine && mine.time === time && mine.fields === fields ? mine : { ...manager, time, fields, entry: undefined },
  );
  return writeManagers(withoutCrowd(left), stored);
}

/** A writer may correct managedFields, or take them off with `[{}]`; what makes no sense leaves them as they are. */
function ownersAfter(stored: Entries, given: Entries, subresource: string): Ownerships {
  const owners = readManagers(stored) ?? new Map<string, Ownership>();
  if (given === undefined || given === stored || given.length === 0 || subresource !== "") return owners;
  const [first] = given;
  if (given.length === 1 && first && Object.keys(first).length === 0) return new Map();
  const wanted = readManagers(given);
  return wanted && wanted.size > 0 ? wanted : owners;
}
