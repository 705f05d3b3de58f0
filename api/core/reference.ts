import { type Infer, object, optional, string } from "../../apimachinery/schema/schema.js";

export const objectReference = object(
  "ObjectReference",
  {
    kind: optional(string()),
    namespace: optional(string()),
    name: optional(string()),
    uid: optional(string()),
    apiVersion: optional(string()),
    resourceVersion: optional(string()),
    fieldPath: optional(string()),
  },
  { mapType: "atomic" },
);
export interface ObjectReference extends Infer<typeof objectReference> {}

export const localObjectReference = object(
  "LocalObjectReference",
  {
    name: optional(string()),
  },
  { mapType: "atomic" },
);
export interface LocalObjectReference extends Infer<typeof localObjectReference> {}

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

export const typedObjectReference = object("TypedObjectReference", {
  kind: string({ default: "" }),
  name: string({ default: "" }),
  apiGroup: optional(string()),
  namespace: optional(string()),
});
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}
