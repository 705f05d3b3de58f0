import { type LabelSelector, labelSelector } from "../../../apimachinery/label-selector.js";
import {
  addRules,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { nodeRequirementRules, nodeTermRules, podAffinityTermRules } from "./scheduling-rules.js";

/** Which nodes and which neighbours a pod wants. */
export const affinity = object("Affinity", {
  nodeAffinity: optional(ref<NodeAffinity>(() => nodeAffinity)),
  podAffinity: optional(ref<PodAffinity>(() => podAffinity)),
  podAntiAffinity: optional(ref<PodAntiAffinity>(() => podAntiAffinity)),
});
export interface Affinity extends Infer<typeof affinity> {}

/** Which nodes a pod wants. */
export const nodeAffinity = object("NodeAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(ref<NodeSelector>(() => nodeSelector)),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<PreferredSchedulingTerm>(() => preferredSchedulingTerm)),
  ),
});
export interface NodeAffinity extends Infer<typeof nodeAffinity> {}

/** A set of nodes: those that match any of the terms. */
export const nodeSelector = object(
  "NodeSelector",
  {
    nodeSelectorTerms: list(
      ref<NodeSelectorTerm>(() => nodeSelectorTerm),
      { nonEmpty: true },
    ),
  },
  { mapType: "atomic" },
);
export interface NodeSelector extends Infer<typeof nodeSelector> {}

/** A set of nodes: those for which every requirement holds. */
export const nodeSelectorTerm = object(
  "NodeSelectorTerm",
  {
    matchExpressions: optional(list(ref<NodeSelectorRequirement>(() => nodeSelectorRequirement))),
    /** `metadata.name` is the only field there is. */
    matchFields: optional(list(ref<NodeSelectorRequirement>(() => nodeSelectorRequirement))),
  },
  { mapType: "atomic" },
);
export interface NodeSelectorTerm extends Infer<typeof nodeSelectorTerm> {}
addRules(nodeSelectorTerm, { validate: nodeTermRules });

/** One condition on a label or field of a node. */
export const nodeSelectorRequirement = object("NodeSelectorRequirement", {
  key: string({ nonEmpty: true }),
  operator: oneOf(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
  values: optional(list(string())),
});
export interface NodeSelectorRequirement extends Infer<typeof nodeSelectorRequirement> {}
addRules(nodeSelectorRequirement, { validate: nodeRequirementRules });

/** A set of nodes, and how much it is liked. */
export const preferredSchedulingTerm = object("PreferredSchedulingTerm", {
  preference: ref<NodeSelectorTerm>(() => nodeSelectorTerm),
  weight: int32({ min: 1, max: 100 }),
});
export interface PreferredSchedulingTerm extends Infer<typeof preferredSchedulingTerm> {}

/** Pods that this one wants to be near to. */
export const podAffinity = object("PodAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(list(ref<PodAffinityTerm>(() => podAffinityTerm))),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<WeightedPodAffinityTerm>(() => weightedPodAffinityTerm)),
  ),
});
export interface PodAffinity extends Infer<typeof podAffinity> {}

/** Pods that this one wants to be away from. */
export const podAntiAffinity = object("PodAntiAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(list(ref<PodAffinityTerm>(() => podAffinityTerm))),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<WeightedPodAffinityTerm>(() => weightedPodAffinityTerm)),
  ),
});
export interface PodAntiAffinity extends Infer<typeof podAntiAffinity> {}

/** A set of pods, and what counts as the same place. */
export const podAffinityTerm = object("PodAffinityTerm", {
  /** Node label whose value tells one place from another. */
  topologyKey: string({ nonEmpty: true }),
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** Labels of this pod that the others must share. */
  matchLabelKeys: optional(list(string())),
  /** Labels of this pod that the others must not share. */
  mismatchLabelKeys: optional(list(string())),
  namespaceSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** Absent, without a namespace selector, means the pod's own. */
  namespaces: optional(list(string())),
});
export interface PodAffinityTerm extends Infer<typeof podAffinityTerm> {}
addRules(podAffinityTerm, { validate: podAffinityTermRules });

/** A set of pods, and how much nearness to them weighs. */
export const weightedPodAffinityTerm = object("WeightedPodAffinityTerm", {
  podAffinityTerm: ref<PodAffinityTerm>(() => podAffinityTerm),
  weight: int32({ min: 1, max: 100 }),
});
export interface WeightedPodAffinityTerm extends Infer<typeof weightedPodAffinityTerm> {}
