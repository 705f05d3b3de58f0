import { addRules, type Infer, int64, object, oneOf, optional, string } from "../../../apimachinery/schema/schema.js";
import { tolerationRules } from "./scheduling-rules.js";

/** A kind of taint that the pod puts up with. */
export const toleration = object("Toleration", {
  /** Key of the taint; empty, with `Exists`, is for every taint. */
  key: optional(string()),
  /** Exists takes any value; Equal (the default) needs the same; Lt and Gt compare numbers. */
  operator: optional(oneOf(["Exists", "Equal", "Lt", "Gt"])),
  /** Value of the taint; empty with Exists. */
  value: optional(string()),
  /** Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute; all of them where absent. */
  effect: optional(oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"])),
  /** Seconds that the pod stays under a NoExecute taint; for ever where absent, not at all for 0. */
  tolerationSeconds: optional(int64()),
});
export interface Toleration extends Infer<typeof toleration> {}
addRules(toleration, { validate: tolerationRules });
