import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { list, optional, ref } from "../../apimachinery/schema/schema.js";
import { type PolicyRule, policyRule } from "./policy-rule.js";

export const roles = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  fields: {
    rules: optional(list(ref<PolicyRule>(() => policyRule))),
  },
  nameRule: "path-segment",
});
export interface Role extends ObjectOf<typeof roles> {}
