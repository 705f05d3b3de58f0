import type { KubeObject, OwnerReference } from "../../apimachinery/meta.js";
import type { ResourceRef } from "../../apimachinery/resource.js";
import { type Action, nothing, type Plan } from "../framework/plan.js";

/** What is known of an owner that an object names. */
export type OwnerState =
  /** There, with that uid. */
  | "solid"
  /** There, and waiting for its dependents to go first. */
  | "waiting"
  /** A live read said that it is not there, or that another object has its name. */
  | "absent"
  /** Nothing can be said; so nothing is done. */
  | "unknown";

export interface Dependent {
  readonly resource: ResourceRef;
  readonly object: KubeObject;
}

export interface Family {
  /** As in metadata.ownerReferences, in that order. */
  readonly owners: readonly OwnerState[];
  /** Objects that name this one as an owner. */
  readonly dependents: readonly Dependent[];
}

const orphanFinalizer = "orphan";
const foregroundFinalizer = "foregroundDeletion";

export const isWaiting = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(foregroundFinalizer);

export const isOrphaning = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(orphanFinalizer);

/**
 * What garbage collection does about one object: lets its dependents go or waits for them while it is being deleted;
 * else deletes it once every owner is gone, and drops references to owners that are while others remain.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function collect(resource: ResourceRef, object: KubeObject, { owners, dependents }: Family): Plan {
  const { uid, deletionTimestamp, finalizers = [] } = object.metadata;
  if (isOrphaning(object)) {
    const releases = dependents.map((each) => dropOwners(each.resource, each.object, (owner) => owner.uid === uid));
    return { actions: releases.length > 0 ? releases : [dropFinalizer(resource, object, orphanFinalizer)] };
  }
  if (isWaiting(object)) {
    const isBlocked = dependents.some(({ object: child }) => referenceTo(uid, child)?.blockOwnerDeletion === true);
    return isBlocked ? nothing : { actions: [dropFinalizer(resource, object, foregroundFinalizer)] };
  }
  const references = object.metadata.ownerReferences ?? [];
  if (deletionTimestamp !== undefined || references.length === 0 || owners.includes("unknown")) return nothing;
  const stateOf = (owner: OwnerReference): OwnerState => owners[references.indexOf(owner)] ?? "unknown";
  if (owners.includes("solid")) {
    const isOver = (owner: OwnerReference): boolean => stateOf(owner) !== "solid";
    return references.some(isOver) ? { actions: [dropOwners(resource, object, isOver)] } : nothing;
  }
  if (owners.includes("waiting") && dependents.length > 0) {
    const isCycle = dependents.some(({ object: child }) => isWaiting(child));
    const unblock = isCycle ? [unblockOwners(resource, object)] : [];
    return { actions: unblock.length > 0 && blocks(object) ? unblock : [erase(resource, object, "Foreground")] };
  }
  const policy = finalizers.includes(orphanFinalizer)
    ? "Orphan"
    : finalizers.includes(foregroundFinalizer)
      ? "Foreground"
      : "Background";
  return { actions: [erase(resource, object, policy)] };
}

const referenceTo = (uid: string, { metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find((owner) => owner.uid === uid);

const blocks = ({ metadata }: KubeObject): boolean =>
  (metadata.ownerReferences ?? []).some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);

/** Only the very revision that was judged: an owner may have been added since. */
const erase = (
  target: ResourceRef,
  object: KubeObject,
  propagationPolicy: "Background" | "Foreground" | "Orphan",
): Action => ({ type: "delete", target, object, exact: true, propagationPolicy });

const metadataPatch = (target: ResourceRef, object: KubeObject, metadata: object): Action => ({
  type: "patch",
  target,
  object,
  patchType: "merge",
  exact: true,
  body: { metadata },
});

const dropFinalizer = (target: ResourceRef, object: KubeObject, finalizer: string): Action =>
  metadataPatch(target, object, {
    finalizers: (object.metadata.finalizers ?? []).filter((each) => each !== finalizer),
  });

const dropOwners = (target: ResourceRef, object: KubeObject, isDropped: (owner: OwnerReference) => boolean): Action =>
  metadataPatch(target, object, {
    ownerReferences: (object.metadata.ownerReferences ?? []).filter((owner) => !isDropped(owner)),
  });

/** Owners that wait for each other in a circle would wait for ever. */
const unblockOwners = (target: ResourceRef, object: KubeObject): Action =>
  metadataPatch(target, object, {
    ownerReferences: (object.metadata.ownerReferences ?? []).map((owner) => ({ ...owner, blockOwnerDeletion: false })),
  });
