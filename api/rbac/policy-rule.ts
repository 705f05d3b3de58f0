import { type Infer, list, object, optional, string } from "../../apimachinery/schema/schema.js";

export const policyRule = object("PolicyRule", {
  verbs: list(string(), { default: [] }),
  apiGroups: optional(list(string())),
  resources: optional(list(string())),
  resourceNames: optional(list(string())),
  nonResourceURLs: optional(list(string())),
});
export interface PolicyRule extends Infer<typeof policyRule> {}
