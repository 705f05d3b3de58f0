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
  /** Rules on labels of nodes, required or only wished for. */
  nodeAffinity: optional(ref<NodeAffinity>(() => nodeAffinity)),
  /** Pods beside which this one must or should run. */
  podAffinity: optional(ref<PodAffinity>(() => podAffinity)),
  /** Pods beside which this one must not or should not run. */
  podAntiAffinity: optional(ref<PodAntiAffinity>(() => podAntiAffinity)),
});
export interface Affinity extends Infer<typeof affinity> {}

/** Which nodes a pod wants. */
export const nodeAffinity = object("NodeAffinity", {
  /** Nodes outside this set never get the pod; one that leaves the set later keeps it. */
  requiredDuringSchedulingIgnoredDuringExecution: optional(ref<NodeSelector>(() => nodeSelector)),
  /** Wishes that raise a node's score by their weight where they hold. */
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<PreferredSchedulingTerm>(() => preferredSchedulingTerm)),
  ),
});
export interface NodeAffinity extends Infer<typeof nodeAffinity> {}

/** A set of nodes: those that match any of the terms. */
export const nodeSelector = object(
  "NodeSelector",
  {
    /** At least one; a node belongs when any of them matches it. */
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
    /** Requirements on the node's labels, all of which must hold. */
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
  /** Label of the node, or the field's name. */
  key: string({ nonEmpty: true }),
  /** In, NotIn, Exists, DoesNotExist, Gt or Lt; the last two compare whole numbers. */
  operator: oneOf(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], { refusal: "not a valid selector operator" }),
  /** One or more for In and NotIn, one number for Gt and Lt, none for the others. */
  values: optional(list(string())),
});
export interface NodeSelectorRequirement extends Infer<typeof nodeSelectorRequirement> {}
addRules(nodeSelectorRequirement, { validate: nodeRequirementRules });

/** A set of nodes, and how much it is liked. */
export const preferredSchedulingTerm = object("PreferredSchedulingTerm", {
  /** Nodes that are liked. */
  preference: ref<NodeSelectorTerm>(() => nodeSelectorTerm),
  /** Points for a node that matches, 1 to 100. */
  weight: int32({ min: 1, max: 100 }),
});
export interface PreferredSchedulingTerm extends Infer<typeof preferredSchedulingTerm> {}

/** Pods that this one wants to be near to. */
export const podAffinity = object("PodAffinity", {
  /**
   * Every term needs a matching pod in the same place, or the pod is not scheduled there. Later changes move no pod.
   */
  requiredDuringSchedulingIgnoredDuringExecution: optional(list(ref<PodAffinityTerm>(() => podAffinityTerm))),
  /** Wishes that raise a node's score by their weight for each matching pod in its place. */
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<WeightedPodAffinityTerm>(() => weightedPodAffinityTerm)),
  ),
});
export interface PodAffinity extends Infer<typeof podAffinity> {}

/** Pods that this one wants to be away from. */
export const podAntiAffinity = object("PodAntiAffinity", {
  /** A matching pod of any term rules out its whole place. Later changes move no pod. */
  requiredDuringSchedulingIgnoredDuringExecution: optional(list(ref<PodAffinityTerm>(() => podAffinityTerm))),
  /** Wishes that lower a node's score by their weight for each matching pod in its place. */
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    list(ref<WeightedPodAffinityTerm>(() => weightedPodAffinityTerm)),
  ),
});
export interface PodAntiAffinity extends Infer<typeof podAntiAffinity> {}

/** A set of pods, and what counts as the same place. */
export const podAffinityTerm = object("PodAffinityTerm", {
  /** Node label whose value tells one place from another. */
  topologyKey: string({ nonEmpty: true }),
  /** Pods that count, by their labels; absent matches none. */
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** Labels of this pod that the others must share. */
  matchLabelKeys: optional(list(string())),
  /** Labels of this pod that the others must not share. */
  mismatchLabelKeys: optional(list(string())),
  /** Namespaces whose pods count, beside those of `namespaces`; an empty selector takes all of them. */
  namespaceSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** Absent, without a namespace selector, means the pod's own. */
  namespaces: optional(list(string())),
});
export interface PodAffinityTerm extends Infer<typeof podAffinityTerm> {}
addRules(podAffinityTerm, { validate: podAffinityTermRules });

/** A set of pods, and how much nearness to them weighs. */
export const weightedPodAffinityTerm = object("WeightedPodAffinityTerm", {
  /** Pods and places that the weight is for. */
  podAffinityTerm: ref<PodAffinityTerm>(() => podAffinityTerm),
  /** Points for a node in such a place, 1 to 100. */
  weight: int32({ min: 1, max: 100 }),
});
export interface WeightedPodAffinityTerm extends Infer<typeof weightedPodAffinityTerm> {}
