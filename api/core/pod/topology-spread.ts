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
  topologyKey: string({ nonEmpty: true }),
  whenUnsatisfiable: oneOf(["DoNotSchedule", "ScheduleAnyway"]),
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  matchLabelKeys: optional(list(string())),
  /** With fewer places than this, the emptiest counts as holding none. */
  minDomains: optional(int32()),
  nodeAffinityPolicy: optional(oneOf(["Honor", "Ignore"])),
  nodeTaintsPolicy: optional(oneOf(["Honor", "Ignore"])),
});
export interface TopologySpreadConstraint extends Infer<typeof topologySpreadConstraint> {}
addRules(topologySpreadConstraint, { validate: topologySpreadRules });
