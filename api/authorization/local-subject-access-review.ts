import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { under } from "../../apimachinery/schema/validate.js";
import { attributeErrors, subjectErrors } from "./review-rules.js";
import { subjectAccessReviewSpec, subjectAccessReviewStatus } from "./subject-access-review.js";

/** Asks whether a user or group may do something in one namespace. */
export const localSubjectAccessReviews = defineResource({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  scope: "Namespaced",
  spec: subjectAccessReviewSpec,
  status: subjectAccessReviewStatus,
  virtual: true,
  validate: ({ spec }) => under("spec", [...attributeErrors(spec), ...subjectErrors(spec)]),
});
export interface LocalSubjectAccessReview extends ObjectOf<typeof localSubjectAccessReviews> {}
