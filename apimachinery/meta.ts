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
    /** Name of the owner, in the same namespace or of the whole cluster. */
    name: string({ default: "" }),
    /** Uid of the owner; a namesake made later does not count. */
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
  /** Name of the client, as it gave it or as its user agent says. */
  manager: optional(string()),
  /** Apply or Update. */
  operation: optional(oneOf(["Apply", "Update"])),
  /** Group and version in which the fields are named. */
  apiVersion: optional(string()),
  /** When the client last added, changed or gave up a field. */
  time: optional(time()),
  /** How `fieldsV1` is written; always `FieldsV1`. */
  fieldsType: optional(string()),
  /**
   * Fields that it owns, as a tree: `f:` for a field, `k:` for a list's entry by its keys, `v:` for one by its value.
   */
  fieldsV1: optional(any()),
  /** Subresource through which it wrote; empty for the object itself. */
  subresource: optional(string()),
});
export interface ManagedFieldsEntry extends Infer<typeof managedFieldsEntry> {}

/** What every stored object carries. */
export const objectMeta = object("ObjectMeta", {
  /** Tells the object from others of its kind and namespace; fixed once it is created. */
  name: optional(string()),
  /** Prefix to which the server adds five random characters when no `name` is given. */
  generateName: optional(string()),
  /** Namespace that the object lies in, fixed for its life; absent for kinds of the whole cluster. */
  namespace: optional(string()),
  /** Given by the server at creation; never used again, not even for a later object of the same name. */
  uid: optional(string()),
  /** Opaque mark of this revision. An update that carries an old one is refused with a conflict. */
  resourceVersion: optional(string()),
  /** Number that rises with each change of the desired state; controllers report the one that they have seen. */
  generation: optional(int64()),
  /** When the server stored the object first. */
  creationTimestamp: optional(time()),
  /** Set by the server when deletion is asked for; the object goes once its grace is over and no finalizer is left. */
  deletionTimestamp: optional(time()),
  /** Seconds from the request to delete until the object goes; may only be shortened. */
  deletionGracePeriodSeconds: optional(int64()),
  /** Short keys and values by which selectors choose objects; a value has at most 63 characters. */
  labels: optional(map(string())),
  /** Keys and values for programs and people that nothing selects by; at most 256 KiB in all. */
  annotations: optional(map(string())),
  /** Owners of this object; once all of them are gone, the garbage collector deletes it. */
  ownerReferences: optional(
    list(
      ref<OwnerReference>(() => ownerReference),
      { mapKeys: ["uid"], mergeKey: "uid" },
    ),
  ),
  /** Names of work still to be done before a deleted object may go; whoever does it removes its name. */
  finalizers: optional(list(string(), { listType: "set", mergeKey: "" })),
  /** Which client set which fields, kept by the server for server-side apply. */
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
