import { type Infer, list, object, optional, string } from "../../apimachinery/schema/schema.js";

/** What may be done, to which resources or paths. */
export const policyRule = object("PolicyRule", {
  /** What may be done. */
  verbs: list(string(), { default: [] }),
  /** Groups of the resources. */
  apiGroups: optional(list(string())),
  /** `pods`, `pods/log`, `*`. */
  resources: optional(list(string())),
  /** Only objects of these names; absent means all. */
  resourceNames: optional(list(string())),
  /** Paths beside the resources. */
  nonResourceURLs: optional(list(string())),
});
export interface PolicyRule extends Infer<typeof policyRule> {}
