import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, type Infer, list, map, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import {
  type NonResourceAttributes,
  nonResourceAttributes,
  type ResourceAttributes,
  resourceAttributes,
} from "./access-attributes.js";
import { attributeErrors, subjectErrors } from "./review-rules.js";

/** Whose right to do what is in question. */
export const subjectAccessReviewSpec = object("SubjectAccessReviewSpec", {
  resourceAttributes: optional(ref<ResourceAttributes>(() => resourceAttributes)),
  nonResourceAttributes: optional(ref<NonResourceAttributes>(() => nonResourceAttributes)),
  user: optional(string()),
  groups: optional(list(string())),
  extra: optional(map(list(string()))),
  uid: optional(string()),
});
export interface SubjectAccessReviewSpec extends Infer<typeof subjectAccessReviewSpec> {}

/** Whether the action is allowed. */
export const subjectAccessReviewStatus = object("SubjectAccessReviewStatus", {
  allowed: boolean({ default: false }),
  /** Refused outright, whatever another authorizer would say. */
  denied: optional(boolean()),
  reason: optional(string()),
  evaluationError: optional(string()),
});
export interface SubjectAccessReviewStatus extends Infer<typeof subjectAccessReviewStatus> {}

/** Asks whether a user or group may do something. */
export const subjectAccessReviews = defineResource({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
  spec: subjectAccessReviewSpec,
  status: subjectAccessReviewStatus,
  virtual: true,
  validate: ({ spec }) => under("spec", [...attributeErrors(spec), ...subjectErrors(spec)]),
});
export interface SubjectAccessReview extends ObjectOf<typeof subjectAccessReviews> {}
