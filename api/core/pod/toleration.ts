import { addRules, type Infer, int64, object, oneOf, optional, string } from "../../../apimachinery/schema/schema.js";
import { tolerationRules } from "./scheduling-rules.js";

/** A kind of taint that the pod puts up with. */
export const toleration = object("Toleration", {
  /** Absent, with `Exists`, means every taint. */
  key: optional(string()),
  /** Exists: any value; Equal: this value. */
  operator: optional(oneOf(["Exists", "Equal", "Lt", "Gt"])),
  /** The taint's value. */
  value: optional(string()),
  /** Absent means all effects. */
  effect: optional(oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"])),
  /** How long a NoExecute taint is put up with; absent means for ever. */
  tolerationSeconds: optional(int64()),
});
export interface Toleration extends Infer<typeof toleration> {}
addRules(toleration, { validate: tolerationRules });
