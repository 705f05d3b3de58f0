import { addRules, type Infer, int64, object, oneOf, optional, string } from "../../../apimachinery/schema/schema.js";
import { tolerationRules } from "./scheduling-rules.js";

export const toleration = object("Toleration", {
  key: optional(string()),
  operator: optional(oneOf(["Exists", "Equal", "Lt", "Gt"])),
  value: optional(string()),
  effect: optional(oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"])),
  tolerationSeconds: optional(int64()),
});
export interface Toleration extends Infer<typeof toleration> {}
addRules(toleration, { validate: tolerationRules });
