import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, object, optional, ref } from "../../apimachinery/schema/schema.js";
import { type UserInfo, userInfo } from "./token-review.js";

/** Who the server takes the asker for. */
export const selfSubjectReviewStatus = object("SelfSubjectReviewStatus", {
  /** As whom the server sees the client. */
  userInfo: optional(ref<UserInfo>(() => userInfo)),
});
export interface SelfSubjectReviewStatus extends Infer<typeof selfSubjectReviewStatus> {}

/** Asks who one is. */
export const selfSubjectReviews = defineResource({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  scope: "Cluster",
  status: selfSubjectReviewStatus,
  virtual: true,
});
export interface SelfSubjectReview extends ObjectOf<typeof selfSubjectReviews> {}
