import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

export const selfSubjectRulesReviewSpec = object("SelfSubjectRulesReviewSpec", {
  namespace: optional(string()),
});
export interface SelfSubjectRulesReviewSpec extends Infer<typeof selfSubjectRulesReviewSpec> {}

export const subjectRulesReviewStatus = object("SubjectRulesReviewStatus", {
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

export const resourceRule = object("ResourceRule", {
  verbs: list(string()),
  apiGroups: optional(list(string())),
  resourceNames: optional(list(string())),
  resources: optional(list(string())),
});
export interface ResourceRule extends Infer<typeof resourceRule> {}

export const nonResourceRule = object("NonResourceRule", {
  verbs: list(string()),
  nonResourceURLs: optional(list(string())),
});
export interface NonResourceRule extends Infer<typeof nonResourceRule> {}

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
