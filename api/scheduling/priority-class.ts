import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, int32, oneOf, optional, string } from "../../apimachinery/schema/schema.js";

export const priorityClasses = defineResource({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  fields: {
    value: int32({ default: 0 }),
    globalDefault: optional(boolean()),
    description: optional(string()),
    preemptionPolicy: oneOf(["PreemptLowerPriority", "Never"], { default: "PreemptLowerPriority" }),
  },
});
export interface PriorityClass extends ObjectOf<typeof priorityClasses> {}
