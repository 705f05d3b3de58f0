import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, oneOf, optional, ref, string, time } from "../../apimachinery/schema/schema.js";

export const namespaceSpec = object("NamespaceSpec", {
  finalizers: optional(list(string())),
});
export interface NamespaceSpec extends Infer<typeof namespaceSpec> {}

export const namespaceStatus = object("NamespaceStatus", {
  conditions: optional(
    list(
      ref<NamespaceCondition>(() => namespaceCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  phase: optional(oneOf(["Active", "Terminating"])),
});
export interface NamespaceStatus extends Infer<typeof namespaceStatus> {}

export const namespaceCondition = object("NamespaceCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  reason: optional(string()),
  message: optional(string()),
  lastTransitionTime: optional(time()),
});
export interface NamespaceCondition extends Infer<typeof namespaceCondition> {}

export const namespaces = defineResource({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  spec: namespaceSpec,
  status: namespaceStatus,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: { status: true, others: { finalize: ["update"] } },
});
export interface Namespace extends ObjectOf<typeof namespaces> {}
