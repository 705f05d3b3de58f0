import { type Condition, condition } from "../../apimachinery/condition.js";
import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  exactInt64,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  time,
} from "../../apimachinery/schema/schema.js";
import { budgetRules } from "./pod-disruption-budget-rules.js";

/** How many of which pods must stay up while others are evicted. */
export const podDisruptionBudgetSpec = object("PodDisruptionBudgetSpec", {
  /** Number or percentage of the pods that stay healthy through every eviction; not with `maxUnavailable`. */
  minAvailable: optional(intOrString()),
  /** Number or percentage of the pods that evictions may take away at a time; not with `minAvailable`. */
  maxUnavailable: optional(intOrString()),
  /** Pods of this namespace that are protected; an empty one means all, an absent one none. */
  selector: optional(ref<LabelSelector>(() => labelSelector)),
  /** When pods that are not ready may go: IfHealthyBudget (so if absent) or AlwaysAllow. */
  unhealthyPodEvictionPolicy: optional(oneOf(["AlwaysAllow", "IfHealthyBudget"])),
});
export interface PodDisruptionBudgetSpec extends Infer<typeof podDisruptionBudgetSpec> {}
addRules(podDisruptionBudgetSpec, { validate: budgetRules });

/** How many evictions the budget allows now. */
export const podDisruptionBudgetStatus = object("PodDisruptionBudgetStatus", {
  /** Whether any eviction is allowed: `DisruptionAllowed`. */
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Pods that are ready and not being deleted. */
  currentHealthy: int32({ default: 0 }),
  /** Pods that have to stay healthy. */
  desiredHealthy: int32({ default: 0 }),
  /** Pods whose eviction was granted and not seen yet: name to time. */
  disruptedPods: optional(map(time())),
  /** Evictions that would be granted at present. */
  disruptionsAllowed: int32({ default: 0 }),
  /** Pods that there should be, as their owners say. */
  expectedPods: int32({ default: 0 }),
  /** Generation of the spec from which these figures were made; evictions wait for the present one. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
});
export interface PodDisruptionBudgetStatus extends Infer<typeof podDisruptionBudgetStatus> {}

/** Bounds how many pods of an application may be evicted at the same time. */
export const podDisruptionBudgets = defineResource({
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  scope: "Namespaced",
  allowUnconditionalUpdate: false,
  spec: podDisruptionBudgetSpec,
  status: podDisruptionBudgetStatus,
  subresources: { status: true },
  notBuilt: "controller",
  prepare: (budget, old) => (old ? budget : { ...budget, status: noBudget }),
  columns: [
    nameColumn,
    { name: "Min Available", cell: ({ spec }) => String(spec.minAvailable ?? "N/A") },
    { name: "Max Unavailable", cell: ({ spec }) => String(spec.maxUnavailable ?? "N/A") },
    { name: "Allowed Disruptions", type: "integer", cell: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn,
  ],
});
export interface PodDisruptionBudget extends ObjectOf<typeof podDisruptionBudgets> {}

const noBudget: PodDisruptionBudgetStatus = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};
