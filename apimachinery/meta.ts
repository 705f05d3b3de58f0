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
    /** Group and version of the owner. */
    apiVersion: string({ default: "" }),
    /** Kind of the owner. */
    kind: string({ default: "" }),
    /** Name of the owner. */
    name: string({ default: "" }),
    /** Uid of the owner. */
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
  /** Who. */
  manager: optional(string()),
  /** Apply or Update. */
  operation: optional(oneOf(["Apply", "Update"])),
  /** The version in which the fields are named. */
  apiVersion: optional(string()),
  /** When it last changed what it holds. */
  time: optional(time()),
  /** FieldsV1. */
  fieldsType: optional(string()),
  /** The fields. */
  fieldsV1: optional(any()),
  /** Through which subresource. */
  subresource: optional(string()),
});
export interface ManagedFieldsEntry extends Infer<typeof managedFieldsEntry> {}

/** What every stored object carries. */
export const objectMeta = object("ObjectMeta", {
  /** Unique in its namespace among its kind. */
  name: optional(string()),
  /** Prefix from which the server makes a name when none is given. */
  generateName: optional(string()),
  /** Within which the name is unique; never changes. */
  namespace: optional(string()),
  /** Of this object alone, also when another gets its name. */
  uid: optional(string()),
  /** Opaque version of this revision; the store's revision as a decimal string. */
  resourceVersion: optional(string()),
  /** Counts changes of the desired state. */
  generation: optional(int64()),
  /** When it was stored first. */
  creationTimestamp: optional(time()),
  /** Set once deletion was asked for; the object goes when finalizers and grace allow. */
  deletionTimestamp: optional(time()),
  /** How long it has from when it was deleted. */
  deletionGracePeriodSeconds: optional(int64()),
  /** What selectors find it by. */
  labels: optional(map(string())),
  /** What programs write down beside it. */
  annotations: optional(map(string())),
  /** Objects that it goes with. */
  ownerReferences: optional(
    list(
      ref<OwnerReference>(() => ownerReference),
      { mapKeys: ["uid"], mergeKey: "uid" },
    ),
  ),
  /** Who has to let go before it is gone. */
  finalizers: optional(list(string(), { listType: "set", mergeKey: "" })),
  /** Who set which field. */
  managedFields: optional(list(ref<ManagedFieldsEntry>(() => managedFieldsEntry))),
  /** Once the object's path; no longer filled in. */
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
