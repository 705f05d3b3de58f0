import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, optional, ref } from "../../apimachinery/schema/schema.js";
import { type PolicyRule, policyRule } from "./policy-rule.js";

export const aggregationRule = object("AggregationRule", {
  clusterRoleSelectors: optional(list(ref<LabelSelector>(() => labelSelector))),
});
export interface AggregationRule extends Infer<typeof aggregationRule> {}

export const clusterRoles = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  fields: {
    rules: optional(list(ref<PolicyRule>(() => policyRule))),
    aggregationRule: optional(ref<AggregationRule>(() => aggregationRule)),
  },
  nameRule: "path-segment",
});
export interface ClusterRole extends ObjectOf<typeof clusterRoles> {}
