/** What the server itself writes into an object, and what it does not let a client write. Pure. */
import type { KubeObject, ObjectMeta } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { desiresDiffer, statusOf, withMeta, withoutAbsent, withStatus } from "./object-parts.js";

/** Which part of an object a write is about. */
export type Part = "main" | "status";

/** A new object as it enters admission. The name may still be missing where there is a generateName. */
export function prepareNew<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: T,
  given: { readonly namespace: string; readonly uid: string; readonly creationTimestamp: string },
): T {
  const { name, generateName, labels, annotations, ownerReferences, finalizers, namespace } = object.metadata;
  const metadata = withoutAbsent({
    name,
    generateName,
    // A namespace on a cluster-scoped object is kept, for validation to refuse.
    namespace: definition.scope === "Namespaced" ? given.namespace : namespace,
    uid: given.uid,
    generation: definition.countsGeneration ? 1 : undefined,
    creationTimestamp: given.creationTimestamp,
    labels,
    annotations,
    ownerReferences,
    finalizers,
  });
  const fresh = { ...object, metadata };
  const reported = (definition.keepsStatusOnCreate && statusOf(fresh)) || {};
  // An empty status, not none: clients read fields of it without looking whether it is there.
  const cleared = definition.subresources.status
    ? applyDefaults(definition.schema, withStatus(fresh, reported) as T)
    : fresh;
  return definition.prepare?.(cleared as T, undefined) ?? (cleared as T);
}

/** The object that a write makes of the stored one, as it enters admission. */
export function prepareNext<T extends KubeObject>(definition: ResourceDefinition<T>, part: Part, next: T, old: T): T {
  if (part === "status") {
    const { labels, annotations } = next.metadata;
    const { resourceVersion: _, ...unversioned } = old.metadata;
    const metadata = withoutAbsent({ ...unversioned, labels, annotations });
    return withStatus({ ...old, metadata } as KubeObject as T, statusOf(next));
  }
  const fixed = { ...next, metadata: nextMeta(next.metadata, old.metadata) } as KubeObject as T;
  const kept = definition.subresources.status ? withStatus(fixed, statusOf(old)) : fixed;
  return definition.prepare?.(kept, old) ?? kept;
}

/** Counts a change of what is desired. Called after admission. */
export function countGeneration<T extends KubeObject>(definition: ResourceDefinition<T>, next: T, old: T): T {
  const before = old.metadata.generation;
  if (!definition.countsGeneration) return next;
  const generation = desiresDiffer(next, old) ? (before ?? 0) + 1 : before;
  return generation === next.metadata.generation ? next : withMeta(next, withoutAbsent({ generation }) as ObjectMeta);
}

function nextMeta(next: ObjectMeta, old: ObjectMeta): ObjectMeta {
  return withoutAbsent({
    name: next.name ?? old.name,
    generateName: next.generateName ?? old.generateName,
    namespace: old.namespace,
    uid: next.uid ?? old.uid,
    generation: old.generation,
    creationTimestamp: next.creationTimestamp ?? old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
    labels: next.labels,
    annotations: next.annotations,
    ownerReferences: next.ownerReferences,
    finalizers: next.finalizers,
  }) as ObjectMeta;
}
