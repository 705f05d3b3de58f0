import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** The namespace whose rules are asked for. */
export const selfSubjectRulesReviewSpec = object("SelfSubjectRulesReviewSpec", {
  /** The namespace that is asked about. */
  namespace: optional(string()),
});
export interface SelfSubjectRulesReviewSpec extends Infer<typeof selfSubjectRulesReviewSpec> {}

/** What the asker may do in the namespace. */
export const subjectRulesReviewStatus = object("SubjectRulesReviewStatus", {
  /** There may be more that could not be listed. */
  incomplete: boolean({ default: false }),
  /** What the client may do on paths that are no resources. */
  nonResourceRules: list(
    ref<NonResourceRule>(() => nonResourceRule),
    { default: [] },
  ),
  /** What the client may do with resources. */
  resourceRules: list(
    ref<ResourceRule>(() => resourceRule),
    { default: [] },
  ),
  /** What went wrong on the way; the lists may lack something then. */
  evaluationError: optional(string()),
});
export interface SubjectRulesReviewStatus extends Infer<typeof subjectRulesReviewStatus> {}

/** Actions allowed on resources. */
export const resourceRule = object("ResourceRule", {
  /** What may be done; `*` means everything. */
  verbs: list(string()),
  /** Groups of the resources; an empty string is the core group, `*` all. */
  apiGroups: optional(list(string())),
  /** Only objects of these names; absent means all. */
  resourceNames: optional(list(string())),
  /** Resources and subresources: `pods`, `pods/log`; `*` means all. */
  resources: optional(list(string())),
});
export interface ResourceRule extends Infer<typeof resourceRule> {}

/** Actions allowed on paths that are no resources. */
export const nonResourceRule = object("NonResourceRule", {
  /** Methods in lower case; `*` means all. */
  verbs: list(string()),
  /** Paths: `/healthz`, `/metrics/*`; `*` means all. */
  nonResourceURLs: optional(list(string())),
});
export interface NonResourceRule extends Infer<typeof nonResourceRule> {}

/** Asks what one may do in a namespace. */
export const selfSubjectRulesReviews = defineResource({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  scope: "Cluster",
  spec: selfSubjectRulesReviewSpec,
  status: subjectRulesReviewStatus,
  virtual: true,
});
export interface SelfSubjectRulesReview extends ObjectOf<typeof selfSubjectRulesReviews> {}
