import { addRules, type Infer, object, oneOf, optional, string, time } from "../../../apimachinery/schema/schema.js";
import { taintRules } from "./rules.js";

/** Keeps pods off a node unless they tolerate it. */
export const taint = object("Taint", {
  key: string({ nonEmpty: true }),
  value: optional(string()),
  effect: oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
  /** When a NoExecute taint was put on; tolerations in seconds count from here. */
  timeAdded: optional(time()),
});
export interface Taint extends Infer<typeof taint> {}
addRules(taint, { validate: taintRules });
