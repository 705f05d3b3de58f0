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
  /** A request for a resource; instead of `nonResourceAttributes`. */
  resourceAttributes: optional(ref<ResourceAttributes>(() => resourceAttributes)),
  /** A request for a path; instead of `resourceAttributes`. */
  nonResourceAttributes: optional(ref<NonResourceAttributes>(() => nonResourceAttributes)),
  /** Name of the user who is asked about; this or `groups` must be given. */
  user: optional(string()),
  /** Groups of the user. */
  groups: optional(list(string())),
  /** More that is known of the user, by key. */
  extra: optional(map(list(string()))),
  /** Unique id of the user. */
  uid: optional(string()),
});
export interface SubjectAccessReviewSpec extends Infer<typeof subjectAccessReviewSpec> {}

/** Whether the action is allowed. */
export const subjectAccessReviewStatus = object("SubjectAccessReviewStatus", {
  /** Whether the request would be let through. */
  allowed: boolean({ default: false }),
  /** Refused outright, whatever another authorizer would say. */
  denied: optional(boolean()),
  /** What speaks for it or against it, in words for people. */
  reason: optional(string()),
  /** What went wrong on the way; `allowed` holds nevertheless. */
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
