import { addRules, type Infer, object, oneOf, optional, string, time } from "../../../apimachinery/schema/schema.js";
import { taintRules } from "./rules.js";

export const taint = object("Taint", {
  key: string({ nonEmpty: true }),
  value: optional(string()),
  effect: oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
  timeAdded: optional(time()),
});
export interface Taint extends Infer<typeof taint> {}
addRules(taint, { validate: taintRules });
