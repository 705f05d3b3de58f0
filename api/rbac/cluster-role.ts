import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { required } from "../../apimachinery/schema/field-error.js";
import { type Infer, list, object, optional, ref } from "../../apimachinery/schema/schema.js";
import { createdColumn } from "../created-column.js";
import { type PolicyRule, policyRule } from "./policy-rule.js";
import { policyRuleErrors } from "./policy-rule-rules.js";

/** Which other roles' rules make up this role's. */
export const aggregationRule = object("AggregationRule", {
  /** The rules of every cluster role that fits any of these are taken over. */
  clusterRoleSelectors: optional(list(ref<LabelSelector>(() => labelSelector))),
});
export interface AggregationRule extends Infer<typeof aggregationRule> {}

/** Rights in the whole cluster, or in any namespace where they are bound. */
export const clusterRoles = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  fields: {
    /** What may be done; written by the server where there is an `aggregationRule`. */
    rules: optional(list(ref<PolicyRule>(() => policyRule))),
    /** Gathers the rules of other cluster roles; what stands in `rules` is then replaced. */
    aggregationRule: optional(ref<AggregationRule>(() => aggregationRule)),
  },
  nameRule: "path-segment",
  allowCreateOnUpdate: true,
  validate: ({ rules = [], aggregationRule }) => [
    ...policyRuleErrors(rules, false),
    ...(aggregationRule && (aggregationRule.clusterRoleSelectors ?? []).length === 0
      ? [
          required(
            "aggregationRule.clusterRoleSelectors",
            "at least one clusterRoleSelector required if aggregationRule is non-nil",
          ),
        ]
      : []),
  ],
  columns: [nameColumn, createdColumn],
});
export interface ClusterRole extends ObjectOf<typeof clusterRoles> {}
