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

export const topologySpreadConstraint = object("TopologySpreadConstraint", {
  maxSkew: int32(),
  topologyKey: string({ nonEmpty: true }),
  whenUnsatisfiable: oneOf(["DoNotSchedule", "ScheduleAnyway"]),
  labelSelector: optional(ref<LabelSelector>(() => labelSelector)),
  matchLabelKeys: optional(list(string())),
  minDomains: optional(int32()),
  nodeAffinityPolicy: optional(oneOf(["Honor", "Ignore"])),
  nodeTaintsPolicy: optional(oneOf(["Honor", "Ignore"])),
});
export interface TopologySpreadConstraint extends Infer<typeof topologySpreadConstraint> {}
addRules(topologySpreadConstraint, { validate: topologySpreadRules });
