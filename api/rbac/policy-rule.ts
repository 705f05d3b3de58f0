import { type Infer, list, object, optional, string } from "../../apimachinery/schema/schema.js";

/** What may be done, to which resources or paths. */
export const policyRule = object("PolicyRule", {
  /** What may be done: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` and others; `*`: everything. */
  verbs: list(string(), { default: [] }),
  /** Groups of the resources; an empty string is the core group, `*` all. */
  apiGroups: optional(list(string())),
  /** Resources and subresources: `pods`, `pods/log`; `*` means all. */
  resources: optional(list(string())),
  /** Only objects of these names; absent means all. */
  resourceNames: optional(list(string())),
  /** Paths that are no resources: `/healthz`, `/metrics*`; only in cluster roles. */
  nonResourceURLs: optional(list(string())),
});
export interface PolicyRule extends Infer<typeof policyRule> {}
