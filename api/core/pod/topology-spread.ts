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
import { topologySpreadRules } from "./scheduling-rules.js";

/** How evenly like pods are to be spread over zones, nodes or the like. */
export const topologySpreadConstraint = object("TopologySpreadConstraint", {
  /** By how much the fullest place may lead over the emptiest. */
  maxSkew: int32(),
  /** Node label; nodes with the same value are one place, those without the label are passed over. */
  topologyKey: string({ nonEmpty: true }),
  /** DoNotSchedule keeps the pod waiting; ScheduleAnyway only prefers nodes that lessen the lead. */
  whenUnsatisfiable: oneOf(["DoNotSchedule", "ScheduleAnyway"]),
  /** Pods that are counted in each place, by their labels; absent counts none. */
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** Labels whose values are taken from this pod and added to the selector, such as `pod-template-hash`. */
  matchLabelKeys: optional(list(string())),
  /** With fewer places than this, the emptiest counts as holding none. */
  minDomains: optional(int32()),
  /** Honor (the default) counts only nodes that the pod's node selector and affinity allow; Ignore counts all. */
  nodeAffinityPolicy: optional(oneOf(["Honor", "Ignore"])),
  /** Ignore (the default) counts tainted nodes too; Honor only those whose taints the pod tolerates. */
  nodeTaintsPolicy: optional(oneOf(["Honor", "Ignore"])),
});
export interface TopologySpreadConstraint extends Infer<typeof topologySpreadConstraint> {}
addRules(topologySpreadConstraint, { validate: topologySpreadRules });
