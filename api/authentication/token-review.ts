import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, type Infer, list, map, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** The token in question. */
export const tokenReviewSpec = object("TokenReviewSpec", {
  /** The bearer token that is looked at. */
  token: string({ default: "" }),
  /** Who wants to accept the token; empty means the API server. */
  audiences: optional(list(string())),
});
export interface TokenReviewSpec extends Infer<typeof tokenReviewSpec> {}

/** Whether the token is good, and whose it is. */
export const tokenReviewStatus = object("TokenReviewStatus", {
  /** Those of `spec.audiences` for which the token is good. */
  audiences: optional(list(string())),
  /** Whether the token is good. */
  authenticated: optional(boolean()),
  /** Why the token could not be looked at. */
  error: optional(string()),
  /** Whom the token stands for. */
  user: optional(ref<UserInfo>(() => userInfo)),
});
export interface TokenReviewStatus extends Infer<typeof tokenReviewStatus> {}

/** A user as authentication found it. */
export const userInfo = object("UserInfo", {
  /** More that is known of the user, by key. */
  extra: optional(map(list(string()))),
  /** Groups that the user is in. */
  groups: optional(list(string())),
  /** Unique id of the user; tells apart users of one name at different times. */
  uid: optional(string()),
  /** Name of the user. */
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
