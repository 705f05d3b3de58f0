import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { ref } from "../../apimachinery/schema/schema.js";
import { type ObjectReference, objectReference } from "./reference.js";

/** Puts a pod on a node. */
export const bindings = defineResource({
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  scope: "Namespaced",
  fields: {
    /** Node that the pod is put on: kind `Node` and its name. */
    target: ref<ObjectReference>(() => objectReference),
  },
  virtual: true,
});
export interface Binding extends ObjectOf<typeof bindings> {}
