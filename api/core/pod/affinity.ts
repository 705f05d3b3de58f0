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

export const affinity = object("Affinity", {
  nodeAffinity: optional(ref<NodeAffinity>(() => nodeAffinity)),
  podAffinity: optional(ref<PodAffinity>(() => podAffinity)),
  podAntiAffinity: optional(ref<PodAntiAffinity>(() => podAntiAffinity)),
});
export interface Affinity extends Infer<typeof affinity> {}

export const nodeAffinity = object("NodeAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(ref<NodeSelector>(() => nodeSelector)),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<PreferredSchedulingTerm>(() => preferredSchedulingTerm)),
  ),
});
export interface NodeAffinity extends Infer<typeof nodeAffinity> {}

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

export const nodeSelectorTerm = object(
  "NodeSelectorTerm",
  {
    matchExpressions: optional(list(ref<NodeSelectorRequirement>(() => nodeSelectorRequirement))),
    matchFields: optional(list(ref<NodeSelectorRequirement>(() => nodeSelectorRequirement))),
  },
  { mapType: "atomic" },
);
export interface NodeSelectorTerm extends Infer<typeof nodeSelectorTerm> {}
addRules(nodeSelectorTerm, { validate: nodeTermRules });

export const nodeSelectorRequirement = object("NodeSelectorRequirement", {
  key: string({ nonEmpty: true }),
  operator: oneOf(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
  values: optional(list(string())),
});
export interface NodeSelectorRequirement extends Infer<typeof nodeSelectorRequirement> {}
addRules(nodeSelectorRequirement, { validate: nodeRequirementRules });

export const preferredSchedulingTerm = object("PreferredSchedulingTerm", {
  preference: ref<NodeSelectorTerm>(() => nodeSelectorTerm),
  weight: int32({ min: 1, max: 100 }),
});
export interface PreferredSchedulingTerm extends Infer<typeof preferredSchedulingTerm> {}

export const podAffinity = object("PodAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(list(ref<PodAffinityTerm>(() => podAffinityTerm))),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<WeightedPodAffinityTerm>(() => weightedPodAffinityTerm)),
  ),
});
export interface PodAffinity extends Infer<typeof podAffinity> {}

export const podAntiAffinity = object("PodAntiAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(list(ref<PodAffinityTerm>(() => podAffinityTerm))),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<WeightedPodAffinityTerm>(() => weightedPodAffinityTerm)),
  ),
});
export interface PodAntiAffinity extends Infer<typeof podAntiAffinity> {}

export const podAffinityTerm = object("PodAffinityTerm", {
  topologyKey: string({ nonEmpty: true }),
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  matchLabelKeys: optional(list(string())),
  mismatchLabelKeys: optional(list(string())),
  namespaceSelector: optional(ref<LabelSelector>(() => labelSelector)),
  namespaces: optional(list(string())),
});
export interface PodAffinityTerm extends Infer<typeof podAffinityTerm> {}
addRules(podAffinityTerm, { validate: podAffinityTermRules });

export const weightedPodAffinityTerm = object("WeightedPodAffinityTerm", {
  podAffinityTerm: ref<PodAffinityTerm>(() => podAffinityTerm),
  weight: int32({ min: 1, max: 100 }),
});
export interface WeightedPodAffinityTerm extends Infer<typeof weightedPodAffinityTerm> {}
