import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, type Infer, list, map, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** The token in question. */
export const tokenReviewSpec = object("TokenReviewSpec", {
  token: string({ default: "" }),
  audiences: optional(list(string())),
});
export interface TokenReviewSpec extends Infer<typeof tokenReviewSpec> {}

/** Whether the token is good, and whose it is. */
export const tokenReviewStatus = object("TokenReviewStatus", {
  audiences: optional(list(string())),
  authenticated: optional(boolean()),
  error: optional(string()),
  user: optional(ref<UserInfo>(() => userInfo)),
});
export interface TokenReviewStatus extends Infer<typeof tokenReviewStatus> {}

/** A user as authentication found it. */
export const userInfo = object("UserInfo", {
  extra: optional(map(list(string()))),
  groups: optional(list(string())),
  uid: optional(string()),
  username: optional(string()),
});
export interface UserInfo extends Infer<typeof userInfo> {}

/** Asks whether a token is good. */
export const tokenReviews = defineResource({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  scope: "Cluster",
  spec: tokenReviewSpec,
  status: tokenReviewStatus,
  virtual: true,
});
export interface TokenReview extends ObjectOf<typeof tokenReviews> {}
