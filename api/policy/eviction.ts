import { type DeleteOptions, deleteOptions } from "../../apimachinery/delete-options.js";
import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { optional, ref } from "../../apimachinery/schema/schema.js";

/** Asks for a pod to go, as far as disruption budgets allow. */
export const evictions = defineResource({
  group: "policy",
  version: "v1",
  kind: "Eviction",
  plural: "evictions",
  scope: "Namespaced",
  fields: {
    /** How the pod is deleted: grace period, preconditions, dry run. */
    deleteOptions: optional(ref<DeleteOptions>(() => deleteOptions)),
  },
  virtual: true,
  alsoReadAs: ["policy/v1beta1"],
});
export interface Eviction extends ObjectOf<typeof evictions> {}
