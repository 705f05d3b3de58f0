import { type Infer, object, optional, string } from "../../apimachinery/schema/schema.js";

/** Points at an object of any kind, or at a part of it. */
export const objectReference = object(
  "ObjectReference",
  {
    /** Kind of the object. */
    kind: optional(string()),
    /** Its namespace. */
    namespace: optional(string()),
    /** Its name. */
    name: optional(string()),
    /** Its uid. */
    uid: optional(string()),
    /** Group and version of its kind. */
    apiVersion: optional(string()),
    /** Which revision is meant. */
    resourceVersion: optional(string()),
    /** Which part of it is meant. */
    fieldPath: optional(string()),
  },
  { mapType: "atomic" },
);
export interface ObjectReference extends Infer<typeof objectReference> {}

/** Names an object in the same namespace. */
export const localObjectReference = object(
  "LocalObjectReference",
  {
    /** Name of an object in the same namespace. */
    name: optional(string()),
  },
  { mapType: "atomic" },
);
export interface LocalObjectReference extends Infer<typeof localObjectReference> {}

/** Names an object of a given kind in the same namespace. */
export const typedLocalObjectReference = object(
  "TypedLocalObjectReference",
  {
    /** Kind of the object referred to. */
    kind: string({ default: "" }),
    /** Name of the object referred to. */
    name: string({ default: "" }),
    /** API group of the kind, without a version; absent or empty means the core group. */
    apiGroup: optional(string()),
  },
  { mapType: "atomic" },
);
export interface TypedLocalObjectReference extends Infer<typeof typedLocalObjectReference> {}

/** Names an object of a given kind, possibly in another namespace. */
export const typedObjectReference = object("TypedObjectReference", {
  /** Kind of the object referred to. */
  kind: string({ default: "" }),
  /** Name of the object referred to. */
  name: string({ default: "" }),
  /** API group of the kind, without a version; absent or empty means the core group. */
  apiGroup: optional(string()),
  /** Namespace of the object; the referrer's own where absent. Another one needs a grant from there. */
  namespace: optional(string()),
});
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}
