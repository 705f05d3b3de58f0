import { type ClusterRole, clusterRoles } from "../api/rbac/cluster-role.js";
import type { PolicyRule } from "../api/rbac/policy-rule.js";
import { matcherOf } from "../apimachinery/selector/label.js";
import { equal } from "../base/equal.js";
import { defineController, watch } from "./framework/controller.js";
import { nothing, type Plan, update } from "./framework/plan.js";

/** Keeps the rules of a ClusterRole that aggregates equal to those of all roles that it selects. */
export const clusterRoleAggregation = defineController({
  name: "clusterrole-aggregation",
  reconciles: clusterRoles,
  watches: [
    // Whether a role is selected, or was before, only those that select can say.
    watch(clusterRoles, (_role, cache) =>
      cache
        .list(clusterRoles)
        .filter(({ aggregationRule }) => aggregationRule !== undefined)
        .map(({ metadata }) => metadata.name),
    ),
  ],
  observe: ({ aggregationRule }, cache) => (aggregationRule ? cache.list(clusterRoles) : []),
  reconcile: reconcileAggregation,
});

export function reconcileAggregation(role: ClusterRole, all: readonly ClusterRole[]): Plan {
  if (!role.aggregationRule || role.metadata.deletionTimestamp !== undefined) return nothing;
  const rules = aggregatedRules(role, all);
  if (equal(role.rules ?? [], rules)) return nothing;
  return { actions: [update(clusterRoles, { ...role, rules })] };
}

/** In order of the roles' names, each rule once. */
function aggregatedRules({ metadata, aggregationRule }: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const selectors = (aggregationRule?.clusterRoleSelectors ?? []).map((selector) => matcherOf(selector));
  const selected = all
    .filter(({ metadata: { name, labels } }) => name !== metadata.name && selectors.some((one) => one.matches(labels)))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const { rules: theirs = [] } of selected)
    for (const rule of theirs) if (!rules.some((known) => equal(known, rule))) rules.push(rule);
  return rules;
}
