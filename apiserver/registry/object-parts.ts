/** The parts of an object that the generic registry tells apart without knowing the kind. */
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from "../../apimachinery/meta.js";
import { equal } from "../../base/equal.js";

interface Parts extends KubeObject {
  readonly status?: unknown;
}

export const statusOf = (object: KubeObject): unknown => (object as Parts).status;

export function withStatus<T extends KubeObject>(object: T, status: unknown): T {
  const { status: _, ...rest } = object as T & Parts;
  return (status === undefined ? rest : { ...rest, status }) as T;
}

export const withMeta = <T extends KubeObject>(object: T, change: ObjectMeta): T => ({
  ...object,
  metadata: withoutAbsent({ ...object.metadata, ...change }),
});

/** Whether anything but metadata and status differs: what metadata.generation counts. */
export function desiresDiffer(one: KubeObject, other: KubeObject): boolean {
  return !equal(desired(one), desired(other));
}

/** The same object apart from its resourceVersion, and from when its managers say that they wrote it. */
export function sameState(one: KubeObject, other: KubeObject): boolean {
  const [left, right] = [one.metadata.managedFields, other.metadata.managedFields];
  const sameManagers = left === right || equal(left?.map(untimed), right?.map(untimed));
  return sameManagers && equal(comparable(one), comparable(other));
}

const untimed = ({ time: _, ...entry }: ManagedFieldsEntry): object => entry;

const comparable = (object: KubeObject): object => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: undefined, managedFields: undefined },
});

function desired(object: KubeObject): object {
  const { metadata: _metadata, status: _status, kind: _kind, apiVersion: _apiVersion, ...rest } = object as Parts;
  return rest;
}

/** Drops members that are undefined. */
export function withoutAbsent<T extends object>(value: T): T {
  const entries = Object.entries(value);
  return entries.every(([, member]) => member !== undefined)
    ? value
    : (Object.fromEntries(entries.filter(([, member]) => member !== undefined)) as T);
}
