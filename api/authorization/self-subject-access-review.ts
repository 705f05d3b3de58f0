import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, object, optional, ref } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import {
  type NonResourceAttributes,
  nonResourceAttributes,
  type ResourceAttributes,
  resourceAttributes,
} from "./access-attributes.js";
import { attributeErrors } from "./review-rules.js";
import { subjectAccessReviewStatus } from "./subject-access-review.js";

/** Which right of one's own is in question. */
export const selfSubjectAccessReviewSpec = object("SelfSubjectAccessReviewSpec", {
  /** A request for a path; instead of `resourceAttributes`. */
  nonResourceAttributes: optional(ref<NonResourceAttributes>(() => nonResourceAttributes)),
  /** A request for a resource; instead of `nonResourceAttributes`. */
  resourceAttributes: optional(ref<ResourceAttributes>(() => resourceAttributes)),
});
export interface SelfSubjectAccessReviewSpec extends Infer<typeof selfSubjectAccessReviewSpec> {}

/** Asks whether one may do something oneself. */
export const selfSubjectAccessReviews = defineResource({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  scope: "Cluster",
  spec: selfSubjectAccessReviewSpec,
  status: subjectAccessReviewStatus,
  virtual: true,
  validate: ({ spec }) => under("spec", attributeErrors(spec)),
});
export interface SelfSubjectAccessReview extends ObjectOf<typeof selfSubjectAccessReviews> {}
