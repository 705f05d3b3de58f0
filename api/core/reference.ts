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
    kind: string({ default: "" }),
    name: string({ default: "" }),
    apiGroup: optional(string()),
  },
  { mapType: "atomic" },
);
export interface TypedLocalObjectReference extends Infer<typeof typedLocalObjectReference> {}

/** Names an object of a given kind, possibly in another namespace. */
export const typedObjectReference = object("TypedObjectReference", {
  kind: string({ default: "" }),
  name: string({ default: "" }),
  apiGroup: optional(string()),
  namespace: optional(string()),
});
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}
