import type { ManagedFieldsEntry } from "../../meta.js";
import { isObject } from "../merge.js";
import { emptySet, type FieldSet, isEmptySet, self, union } from "./field-set.js";
import { alreadyInterned, interned } from "./interned.js";
import { isElement } from "./path-element.js";

/** Who wrote which fields, and how: what metadata.managedFields says, read. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
}
export interface Ownership extends Manager {
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry that said so. */
  readonly entry: ManagedFieldsEntry | undefined;
}
export type Ownerships = ReadonlyMap<string, Ownership>;

/** One entry a manager, operation, apiVersion and subresource; one that applies is the same whatever version it applies. */
export const identityOf = ({ manager, operation, apiVersion, subresource }: Manager): string =>
  `${operation}\n${subresource}\n${operation === "Apply" ? "" : apiVersion}\n${manager}`;

/** More managers than this that update are told apart no longer: the oldest become one. */
export const maxUpdateManagers = 10;
export const ancientManager = "ancient-changes";
/** Steps down; a client's deeper set is refused. */
const maxDepth = 128;

type Entries = readonly ManagedFieldsEntry[] | undefined;

/** Undefined where an entry makes no sense. */
export function readManagers(entries: Entries): Ownerships | undefined {
  if (!entries) return new Map();
  const owners = new Map<string, Ownership>();
  for (const entry of entries) {
    const fields = fieldsOf(entry);
    if (!fields) return undefined;
    const { manager = "", operation = "", apiVersion = "", subresource = "", time } = entry;
    const owner = { manager, operation: operation as "Apply", apiVersion, subresource, time, fields, entry };
    const identity = identityOf(owner);
    const same = owners.get(identity);
    owners.set(identity, same ? { ...owner, fields: union(same.fields, owner.fields) } : owner);
  }
  return owners;
}

/** The set of an entry, if it is one. */
export function fieldsOf({
  fieldsType,
  fieldsV1 = emptySet,
}: Pick<ManagedFieldsEntry, "fieldsType" | "fieldsV1">): FieldSet | undefined {
  if (fieldsType !== "FieldsV1" || !isObject(fieldsV1)) return undefined;
  const known = alreadyInterned(fieldsV1);
  if (known) return known;
  return isFieldSet(fieldsV1) ? interned(fieldsV1) : undefined;
}

function isFieldSet(value: unknown, depth = 0): value is FieldSet {
  if (!isObject(value) || depth > maxDepth) return false;
  for (const [element, below] of Object.entries(value))
    if ((element !== self && !isElement(element)) || !isFieldSet(below, depth + 1)) return false;
  return true;
}

/** The entries for these managers; those of `before` where nothing differs. */
export function writeManagers(owners: Ownerships, before: Entries): Entries {
  const kept: Ownership[] = [];
  for (const owner of owners.values()) if (!isEmptySet(owner.fields)) kept.push(owner);
  if (kept.length === 0) return undefined;
  if (kept.length > 1) kept.sort(byAge);
  const entries = kept.map(entryOf);
  const same = before?.length === entries.length && entries.every((entry, at) => entry === before[at]);
  return same ? before : entries;
}

function entryOf({ manager, operation, apiVersion, subresource, time, fields, entry }: Ownership): ManagedFieldsEntry {
  if (entry && entry.fieldsV1 === fields && entry.time === time && (entry.manager ?? "") === manager) return entry;
  return {
    ...(manager === "" ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: interned(fields),
    ...(subresource === "" ? {} : { subresource }),
  };
}

/** Those that apply come first, then the oldest. */
function byAge(one: Ownership, other: Ownership): number {
  return (
    order(one.operation, other.operation) ||
    order(one.time ?? "", other.time ?? "") ||
    order(one.manager, other.manager) ||
    order(one.apiVersion, other.apiVersion) ||
    order(one.subresource, other.subresource)
  );
}

const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Bounds how many managers that update an object keeps apart. */
export function withoutCrowd(owners: Ownerships): Ownerships {
  const updaters = [...owners]
    .filter(([, { operation }]) => operation === "Update")
    .sort(([, a], [, b]) => byAge(a, b));
  let tooMany = updaters.length - maxUpdateManagers;
  if (tooMany <= 0) return owners;
  const fewer = new Map(owners);
  for (const [identity, owner] of updaters) {
    if (tooMany <= 0) break;
    const ancient = { ...owner, manager: ancientManager, subresource: "", entry: undefined };
    const bucket = identityOf(ancient);
    if (bucket === identity) continue;
    const there = fewer.get(bucket);
    fewer.delete(identity);
    fewer.set(bucket, there ? { ...there, time: owner.time, fields: union(there.fields, owner.fields) } : ancient);
    if (there) tooMany--;
  }
  return fewer;
}
