import { addRules, type Infer, object, oneOf, optional, string, time } from "../../../apimachinery/schema/schema.js";
import { taintRules } from "./rules.js";

/** Keeps pods off a node unless they tolerate it. */
export const taint = object("Taint", {
  /** Name of the taint, a qualified name such as `example.com/reserved`. */
  key: string({ nonEmpty: true }),
  /** Compared with the value of tolerations. */
  value: optional(string()),
  /** NoSchedule keeps new pods away, PreferNoSchedule only where others fit, NoExecute also evicts those that run. */
  effect: oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
  /** When a NoExecute taint was put on; tolerations in seconds count from here. */
  timeAdded: optional(time()),
});
export interface Taint extends Infer<typeof taint> {}
addRules(taint, { validate: taintRules });
