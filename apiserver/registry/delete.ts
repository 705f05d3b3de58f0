import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { conflict, notFound, StatusError } from "../../apimachinery/status.js";
import { type ObjectRevision, revisionOf, unstoredRevision } from "../encoding/object-revision.js";
import { encodeStored } from "../encoding/stored-object.js";
import { objectKey } from "../storage/keys.js";
import type { RegistryCore, WriteOptions } from "./core.js";
import { ignore, ttlOf } from "./create.js";
import { type DeleteRequest, planDeletion } from "./deletion.js";
import { fromStored, getObject } from "./get.js";
import { type Listed, type ListRequest, listObjects } from "./list.js";
import type { Updated } from "./update.js";

const maxAttempts = 200;
/** Objects of a collection that are deleted side by side. */
const deletesAtOnce = 16;
/** So many failures are no matter of single objects: the rest is not tried. */
const deleteFailuresMax = 100;

/** Deletes an object or begins to; `gone` tells which. Throws NotFound. */
export async function deleteObject<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  request: DeleteRequest,
  options: WriteOptions,
): Promise<Updated<T>> {
  const key = objectKey(definition, namespace, name);
  let current = await getObject(core, definition, namespace, name);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (!current) throw notFound(definition, name);
    checkPreconditions(definition, name, current.object, request);
    await admit(core, definition, namespace, current.object, options);
    const plan = planDeletion(definition, core.strategyOf(definition), current.object, request, core.clock.now());
    if (plan.type === "unchanged") return { revision: current, gone: false };
    if (options.dryRun) {
      const object = plan.type === "mark" ? plan.object : current.object;
      return { revision: unstoredRevision(definition, key, object), gone: plan.type === "remove" };
    }
    const result = plan.type === "mark" ? await mark(core, current, plan.object) : await remove(core, current);
    if ("revision" in result) return result;
    current = result.lostTo;
  }
  throw conflict(definition, name, "too many other writers changed the object at the same time");
}

/**
 * Deletes what a list request selects, as it was at the start; what goes meanwhile is none of its business. What cannot
 * be deleted keeps none of the others; the first such failure is thrown once all have had their turn. Answers the list.
 */
export async function deleteCollection<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  list: ListRequest,
  request: DeleteRequest,
  options: WriteOptions,
): Promise<Listed<T>> {
  const listed = await listObjects(core, definition, list);
  const { items } = listed;
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const { object } of queue) {
      if (options.signal?.aborted) return;
      const { name, namespace = "" } = object.metadata;
      try {
        await deleteObject(core, definition, { namespace, name }, request, options);
      } catch (error) {
        if (!isNotFound(error)) failures.push(error);
        if (failures.length >= deleteFailuresMax) return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(deletesAtOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return listed;
}

type Step<T extends KubeObject> = Updated<T> | { readonly lostTo: ObjectRevision<T> | undefined };

async function mark<T extends KubeObject>(
  core: RegistryCore,
  { definition, key, revision }: ObjectRevision<T>,
  object: T,
): Promise<Step<T>> {
  const { bytes } = encodeStored(definition, object);
  const outcome = await core.storage.update(key, bytes, revision, ttlOf(definition));
  return outcome.ok
    ? { revision: revisionOf(definition, key, bytes, outcome.revision), gone: false }
    : { lostTo: outcome.current && fromStored(core, definition, outcome.current) };
}

async function remove<T extends KubeObject>(core: RegistryCore, current: ObjectRevision<T>): Promise<Step<T>> {
  const { definition, key, revision, object } = current;
  const outcome = await core.storage.delete(key, revision);
  if (!outcome.ok) return { lostTo: outcome.current && fromStored(core, definition, outcome.current) };
  await core.strategyOf(definition).release?.(object, core);
  return { revision: current.at(outcome.revision), gone: true };
}

async function admit(
  core: RegistryCore,
  definition: ResourceDefinition,
  namespace: string,
  oldObject: KubeObject,
  { user, dryRun = false, warn = ignore }: WriteOptions,
): Promise<void> {
  const { name } = oldObject.metadata;
  const write = { operation: "DELETE" as const, definition, subresource: "", namespace, name };
  const request = { ...write, object: undefined, oldObject, user, dryRun, warn };
  await core.admission.mutate(request);
  await core.admission.validate(request);
}

function checkPreconditions(
  definition: ResourceDefinition,
  name: string,
  { metadata }: KubeObject,
  { preconditions: { uid, resourceVersion } = {} }: DeleteRequest,
): void {
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(definition, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(definition, name, why);
  }
}

const isNotFound = (error: unknown): boolean => error instanceof StatusError && error.reason === "NotFound";
