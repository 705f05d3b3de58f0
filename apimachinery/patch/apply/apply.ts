import { equal } from "../../../base/equal.js";
import { parseJson, stringifyJson } from "../../codec/json.js";
import { isObject, type JsonObject } from "../merge.js";
import { isSame } from "./compare.js";
import { type Conflict, conflictError } from "./conflicts.js";
import { difference, emptySet, type FieldSet, isEmptySet } from "./field-set.js";
import { appliedFields, bornFields } from "./fields-of.js";
import { identityOf, type Manager, type Ownership, type Ownerships, readManagers, writeManagers } from "./managers.js";
import { mergeApplied } from "./merge.js";
import {
  changesInVersions,
  changesOf,
  conflictsOf,
  dispossess,
  type Entries,
  type OtherVersions,
  ownable,
  readableOwners,
  type Scope,
} from "./ownership.js";
import { prune } from "./prune.js";
import type { Shape } from "./shape.js";

/** Owner of what an object held when it was first applied to and nobody was known to own anything. */
export const beforeFirstApply = "before-first-apply";
/** Manager for which an apply by the client is taken over. */
const upgradingManager = "kubectl";
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
const lastAppliedMaxBytes = 256 * 1024;

export interface Application {
  readonly live: JsonObject;
  readonly stored: Entries;
  /** Decoded; without what may not be applied. */
  readonly config: JsonObject;
  readonly manager: Manager;
  readonly force: boolean;
  readonly scope: Scope;
  readonly otherVersions?: OtherVersions | undefined;
  readonly now: string;
}

export interface Applied {
  /** Without defaults of what was taken away; the live object itself where nothing changed. */
  readonly object: JsonObject;
  readonly managedFields: Entries;
}

/**
 * Server-side apply: the configuration holds, what this manager applied before and applies no longer is gone unless someone
 * else owns it, and nobody loses a field without force. Throws Conflict.
 */
export function applyConfiguration(shape: Shape, application: Application): Applied {
  const { live, stored, manager, config, force, scope, now } = application;
  const { otherVersions } = application;
  const all = ownersOf(shape, application);
  const owners = readableOwners(all, manager.apiVersion, otherVersions);
  const writer = identityOf(manager);
  const held = appliedFields(shape, config);
  const claimed = ownable(held, scope);
  const last = all.get(writer);
  const claiming = new Map(owners).set(writer, { ...manager, time: last?.time, fields: claimed, entry: undefined });
  const laid = mergeApplied(shape, live, config);
  const merged = isObject(laid) ? laid : {};
  const pruning = { shape, apiVersion: manager.apiVersion, otherVersions, owners: claiming, held, last };
  // What is emptied stays its owners', whether it is shown or not.
  const next = prune(pruning, merged, "kept");
  const changes = changesOf(shape, live, next, scope);
  const changesIn = changesInVersions(changes, otherVersions, { before: live, after: next, scope });
  const conflicts = conflictsOf(claiming, changesIn, writer);
  if (!force) refuse(shape, conflicts, manager, live);
  const left = dispossess(claiming, writer, conflicts, changesIn);
  // The order of items is nobody's, but it is what was applied.
  const unchanged = isSame(changes) && equal(live, next);
  const same = last?.apiVersion === manager.apiVersion && unchanged && sameSet(last.fields, claimed);
  left.set(writer, same ? last : { ...manager, time: now, fields: claimed, entry: undefined });
  const object = unchanged ? live : prune(pruning, merged, "dropped");
  const recorded = manager.manager === upgradingManager ? withRecord(object, config) : object;
  return { object: recorded, managedFields: writeManagers(left, stored) };
}

const sameSet = (one: FieldSet, other: FieldSet): boolean =>
  isEmptySet(difference(one, other)) && isEmptySet(difference(other, one));

function ownersOf(shape: Shape, { live, stored, manager, scope }: Application): Ownerships {
  const owners = readManagers(stored) ?? new Map<string, Ownership>();
  if (owners.size > 0) return owners;
  const all = { part: "main" as const, hasStatusEndpoint: false };
  const first = {
    manager: beforeFirstApply,
    operation: "Update" as const,
    apiVersion: manager.apiVersion,
    subresource: "",
  };
  const fields = ownable(bornFields(shape, live), scope.part === "main" ? scope : all);
  return isEmptySet(fields)
    ? owners
    : new Map([[identityOf(first), { ...first, time: undefined, fields, entry: undefined }]]);
}

/** kubectl may take back without force what kubectl applied from the client: the annotation says what that was. */
function refuse(shape: Shape, conflicts: ReadonlyMap<string, Conflict>, { manager }: Manager, live: JsonObject): void {
  if (conflicts.size === 0) return;
  const allowed = manager === upgradingManager ? appliedFields(shape, lastAppliedOf(live)) : emptySet;
  const standing = [...conflicts.values()]
    .map((conflict) => ({ ...conflict, fields: difference(conflict.fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (standing.length > 0) throw conflictError(standing);
}

const annotationsOf = ({ metadata }: JsonObject): JsonObject => {
  const annotations = isObject(metadata) ? metadata.annotations : undefined;
  return isObject(annotations) ? annotations : {};
};

function lastAppliedOf(live: JsonObject): unknown {
  const text = annotationsOf(live)[lastApplied];
  if (typeof text !== "string") return undefined;
  try {
    return parseJson(text).value;
  } catch {
    return undefined;
  }
}

/** Where the client's applies left their record, kubectl's applies by the server keep it true. */
function withRecord(object: JsonObject, config: JsonObject): JsonObject {
  const recorded = lastAppliedOf(object);
  if (recorded === undefined) return object;
  const wanted = withoutRecord(config);
  if (isObject(recorded) && equal(withoutRecord(recorded), wanted)) return object;
  const text = `${stringifyJson(wanted)}\n`;
  if (Buffer.byteLength(text) > lastAppliedMaxBytes) return object;
  const annotations = { ...annotationsOf(object), [lastApplied]: text };
  return { ...object, metadata: { ...(isObject(object.metadata) ? object.metadata : {}), annotations } };
}

function withoutRecord(config: JsonObject): JsonObject {
  const { annotations: _, ...metadata } = isObject(config.metadata) ? config.metadata : {};
  const { [lastApplied]: __, ...annotations } = annotationsOf(config);
  return { ...config, metadata: { ...metadata, annotations } };
}
