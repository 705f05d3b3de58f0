import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** The namespace whose rules are asked for. */
export const selfSubjectRulesReviewSpec = object("SelfSubjectRulesReviewSpec", {
  namespace: optional(string()),
});
export interface SelfSubjectRulesReviewSpec extends Infer<typeof selfSubjectRulesReviewSpec> {}

/** What the asker may do in the namespace. */
export const subjectRulesReviewStatus = object("SubjectRulesReviewStatus", {
  /** There may be more that could not be listed. */
  incomplete: boolean({ default: false }),
  nonResourceRules: list(
    ref<NonResourceRule>(() => nonResourceRule),
    { default: [] },
  ),
  resourceRules: list(
    ref<ResourceRule>(() => resourceRule),
    { default: [] },
  ),
  evaluationError: optional(string()),
});
export interface SubjectRulesReviewStatus extends Infer<typeof subjectRulesReviewStatus> {}

/** Actions allowed on resources. */
export const resourceRule = object("ResourceRule", {
  verbs: list(string()),
  apiGroups: optional(list(string())),
  resourceNames: optional(list(string())),
  resources: optional(list(string())),
});
export interface ResourceRule extends Infer<typeof resourceRule> {}

/** Actions allowed on paths that are no resources. */
export const nonResourceRule = object("NonResourceRule", {
  verbs: list(string()),
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
