import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { list, optional, ref } from "../../apimachinery/schema/schema.js";
import { createdColumn } from "../created-column.js";
import { type PolicyRule, policyRule } from "./policy-rule.js";
import { policyRuleErrors } from "./policy-rule-rules.js";

/** Rights within a namespace. */
export const roles = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  fields: {
    /** What may be done in this namespace. */
    rules: optional(list(ref<PolicyRule>(() => policyRule))),
  },
  nameRule: "path-segment",
  allowCreateOnUpdate: true,
  validate: ({ rules = [] }) => policyRuleErrors(rules, true),
  columns: [nameColumn, createdColumn],
});
export interface Role extends ObjectOf<typeof roles> {}
