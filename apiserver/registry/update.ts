import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { conflict, invalid, unclassified } from "../../apimachinery/status.js";
import { validateObject } from "../../apimachinery/validate-object.js";
import { type ObjectRevision, revisionOf, unstoredRevision } from "../encoding/object-revision.js";
import { encodeStored } from "../encoding/stored-object.js";
import { objectKey } from "../storage/keys.js";
import type { RegistryCore, WriteOptions } from "./core.js";
import { checkSize, ignore, servedErrors, ttlOf } from "./create.js";
import { isFinished } from "./deletion.js";
import { fromStored, getObject } from "./get.js";
import { updatersFields, withManagedFields } from "./managed-fields.js";
import { sameState, withMeta } from "./object-parts.js";
import { countGeneration, prepareNext } from "./prepare.js";

/** A lost comparison is tried again this often; many writers of one object take turns. */
const maxAttempts = 200;

export interface Change<T extends KubeObject> {
  /** As admission hears of it. */
  readonly subresource: string;
  /** `trusted`: the server's own step (binding, finalize), which no admission plugin or rule stands against. */
  readonly part: "main" | "status" | "trusted";
  /** Makes the new object of the current one; called again when another writer was faster. Throws to refuse. */
  readonly next: (current: T) => T | Promise<T>;
  /** A resourceVersion must come with the object. */
  readonly versionRequired?: boolean;
  /** What holds between the old and the new object, instead of the kind's own rules: subresources that may more. */
  readonly rules?: (next: T, old: T | undefined) => readonly FieldError[];
}

/** The object after the change; `gone` when the change removed what had kept a deleted object. */
export interface Updated<T extends KubeObject> {
  readonly revision: ObjectRevision<T>;
  readonly gone: boolean;
}

/** What `attempt` needs to know of the write under way. */
interface Attempt<T extends KubeObject> {
  readonly core: RegistryCore;
  readonly definition: ResourceDefinition<T>;
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly change: Change<T>;
  readonly options: WriteOptions;
}

/** Changes a stored object by compare-and-swap, starting from the cache's idea of it. Undefined when there is none. */
export async function updateObject<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  change: Change<T>,
  options: WriteOptions,
): Promise<Updated<T> | undefined> {
  const key = objectKey(definition, namespace, name);
  const work: Attempt<T> = { core, definition, namespace, name, key, change, options };
  const cached = core.cache.resource(definition).getByKey(key);
  if (!cached) return updateFrom(work, await getObject(core, definition, namespace, name));
  const outcome = await attempt(work, cached).catch((error: unknown) => ({ type: "refused" as const, error }));
  if (outcome.type === "done") return outcome.updated;
  if (outcome.type === "lost") {
    const endTurn = await core.turns.take(key);
    return getObject(core, definition, namespace, name)
      .then((newest) => updateFrom(work, newest))
      .finally(endTurn);
  }
  // What speaks against a change, or makes it none, counts only when it was told from the newest state.
  const newest = await getObject(core, definition, namespace, name);
  if (newest?.revision !== cached.revision) return updateFrom(work, newest);
  if (outcome.type === "refused") throw outcome.error;
  return { revision: cached, gone: false };
}

/** Starts from the newest state, again and again while other writers are faster. */
async function updateFrom<T extends KubeObject>(
  work: Attempt<T>,
  newest: ObjectRevision<T> | undefined,
): Promise<Updated<T> | undefined> {
  let current = newest;
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    if (!current) return undefined;
    const outcome = await attempt(work, current);
    if (outcome.type === "done") return outcome.updated;
    if (outcome.type === "unchanged") return { revision: current, gone: false };
    current = outcome.current;
  }
  throw conflict(work.definition, work.name, "too many other writers changed the object at the same time");
}

type Outcome<T extends KubeObject> =
  | { readonly type: "done"; readonly updated: Updated<T> }
  | { readonly type: "unchanged" }
  | { readonly type: "lost"; readonly current: ObjectRevision<T> | undefined };

async function attempt<T extends KubeObject>(work: Attempt<T>, current: ObjectRevision<T>): Promise<Outcome<T>> {
  const { core, definition, key, change, options } = work;
  const old = current.object;
  const wanted = await change.next(old);
  checkVersions(work, wanted, old);
  const next = change.part === "trusted" ? wanted : await admitted(work, change.part, wanted, old);
  const strategy = core.strategyOf(definition);
  const dryRun = options.dryRun ?? false;
  const reservation =
    change.part === "main" ? await strategy.reserve?.({ object: next, old, dryRun, core }) : undefined;
  let stored: boolean | undefined = false;
  try {
    const final = (reservation?.object ?? next) as T;
    const counted = change.part === "trusted" ? final : countGeneration(definition, final, old);
    if (sameState(counted, old)) return { type: "unchanged" };
    if (isFinished(counted, strategy)) return await remove(work, counted, current);
    if (dryRun) return { type: "done", updated: { revision: dryRevision(work, counted, old), gone: false } };
    const { bytes } = encodeStored(definition, counted);
    checkSize(bytes);
    stored = undefined;
    const outcome = await core.storage.update(key, bytes, current.revision, ttlOf(definition));
    stored = outcome.ok;
    if (!outcome.ok) return { type: "lost", current: outcome.current && fromStored(core, definition, outcome.current) };
    const revision = revisionOf(definition, key, bytes, outcome.revision);
    return { type: "done", updated: { revision, gone: false } };
  } finally {
    // After a failure of the store nobody knows; what was reserved for nothing is found by the repair.
    if (stored !== undefined) await reservation?.settle(stored);
  }
}

/** The change after preparation and admission, found valid. */
async function admitted<T extends KubeObject>(
  { core, definition, namespace, name, change, options }: Attempt<T>,
  part: "main" | "status",
  wanted: T,
  old: T,
): Promise<T> {
  const { user, dryRun = false, warn = ignore } = options;
  const prepared = prepareNext(definition, part, wanted, old);
  const strategy = core.strategyOf(definition);
  const unowned = ((part === "main" ? strategy.prepare?.(prepared, old) : undefined) ?? prepared) as T;
  const given = wanted.metadata.managedFields;
  const managedFields = options.isApplied
    ? given
    : updatersFields(
        core,
        options.served ?? definition,
        { old, next: unowned, given, subresource: change.subresource, part },
        options,
      );
  const object = withManagedFields(unowned, managedFields);
  const request = { operation: "UPDATE" as const, definition, subresource: change.subresource, namespace, name };
  const rest = { oldObject: old, user, dryRun, warn };
  const next = ((await core.admission.mutate({ ...request, object, ...rest })) ?? object) as T;
  const found = [...validateObject(definition, next, old, change.rules), ...servedErrors(options.served, next, old)];
  const errors = found.filter((error) => part === "main" || concernsStatus(error));
  if (errors.length > 0) throw invalid(definition, name, errors);
  await core.admission.validate({ ...request, object: next, ...rest });
  return next;
}

// A status write must go through even where younger rules would refuse the spec that is stored.
const concernsStatus = ({ path }: FieldError): boolean => path.startsWith("status") || path.startsWith("metadata");

function checkVersions<T extends KubeObject>(
  { definition, name, change }: Attempt<T>,
  wanted: { readonly metadata: { readonly uid?: string; readonly resourceVersion?: string } },
  old: T,
): void {
  const { uid, resourceVersion } = wanted.metadata;
  if (uid && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
    throw conflict(definition, name, why);
  }
  // Not a conflict: whoever tries again after one would do so for ever.
  if (resourceVersion && !/^\d+$/.test(resourceVersion))
    throw unclassified(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  if (resourceVersion && resourceVersion !== "0") {
    if (resourceVersion !== old.metadata.resourceVersion) throw conflict(definition, name, objectModified);
  } else if (change.versionRequired) {
    const message = "must be specified for an update";
    // Kubernetes names the resource here, not the kind.
    const resource = { group: definition.group, kind: definition.plural };
    throw invalid(resource, name, [{ path: "metadata.resourceVersion", reason: "Invalid", value: 0, message }]);
  }
}

export const objectModified =
  "the object has been modified; please apply your changes to the latest version and try again";

/** The last thing that kept a deleted object is gone, so the object goes in place of the change. */
async function remove<T extends KubeObject>(
  { core, definition, key, options }: Attempt<T>,
  last: T,
  current: ObjectRevision<T>,
): Promise<Outcome<T>> {
  if (options.dryRun) {
    return { type: "done", updated: { revision: unstoredRevision(definition, key, last), gone: true } };
  }
  const outcome = await core.storage.delete(key, current.revision);
  if (!outcome.ok) return { type: "lost", current: outcome.current && fromStored(core, definition, outcome.current) };
  await core.strategyOf(definition).release?.(current.object, core);
  const resourceVersion = String(outcome.revision);
  return {
    type: "done",
    updated: { revision: unstoredRevision(definition, key, withMeta(last, { resourceVersion })), gone: true },
  };
}

function dryRevision<T extends KubeObject>({ definition, key }: Attempt<T>, next: T, old: T): ObjectRevision<T> {
  const { resourceVersion } = old.metadata;
  return unstoredRevision(definition, key, withMeta(next, { resourceVersion }));
}
