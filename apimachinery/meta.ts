import {
  any,
  boolean,
  type Infer,
  int64,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "./schema/schema.js";

/** Names the object that this one belongs to; when it goes, this one goes. */
export const ownerReference = object(
  "OwnerReference",
  {
    apiVersion: string({ default: "" }),
    kind: string({ default: "" }),
    name: string({ default: "" }),
    uid: string({ default: "" }),
    /** True for the one owner that manages this object. */
    controller: optional(boolean()),
    /** A foreground deletion of the owner waits until this object is gone. */
    blockOwnerDeletion: optional(boolean()),
  },
  { mapType: "atomic" },
);
export interface OwnerReference extends Infer<typeof ownerReference> {}

/** The fields that one manager set, and how. */
export const managedFieldsEntry = object("ManagedFieldsEntry", {
  manager: optional(string()),
  operation: optional(oneOf(["Apply", "Update"])),
  apiVersion: optional(string()),
  time: optional(time()),
  fieldsType: optional(string()),
  fieldsV1: optional(any()),
  subresource: optional(string()),
});
export interface ManagedFieldsEntry extends Infer<typeof managedFieldsEntry> {}

/** What every stored object carries. */
export const objectMeta = object("ObjectMeta", {
  /** Unique in its namespace among its kind. */
  name: optional(string()),
  /** Prefix from which the server makes a name when none is given. */
  generateName: optional(string()),
  namespace: optional(string()),
  uid: optional(string()),
  /** Opaque version of this revision; the store's revision as a decimal string. */
  resourceVersion: optional(string()),
  /** Counts changes of the desired state. */
  generation: optional(int64()),
  creationTimestamp: optional(time()),
  /** Set once deletion was asked for; the object goes when finalizers and grace allow. */
  deletionTimestamp: optional(time()),
  deletionGracePeriodSeconds: optional(int64()),
  labels: optional(map(string())),
  annotations: optional(map(string())),
  ownerReferences: optional(
    list(
      ref<OwnerReference>(() => ownerReference),
      { mapKeys: ["uid"], mergeKey: "uid" },
    ),
  ),
  finalizers: optional(list(string(), { listType: "set", mergeKey: "" })),
  managedFields: optional(list(ref<ManagedFieldsEntry>(() => managedFieldsEntry))),
  selfLink: optional(string()),
});
export interface ObjectMeta extends Infer<typeof objectMeta> {}

/** Metadata of an object that the server has accepted. */
export interface StoredMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

/** Any object that the API serves, as far as the machinery knows it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMeta;
}

/** Metadata of a list answer. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface KubeList<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}
