import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, int64, list, object, optional, ref, string, time } from "../../apimachinery/schema/schema.js";

export const tokenRequestSpec = object("TokenRequestSpec", {
  audiences: list(string(), { default: [] }),
  boundObjectRef: optional(ref<BoundObjectReference>(() => boundObjectReference)),
  expirationSeconds: int64({ default: 3600 }),
});
export interface TokenRequestSpec extends Infer<typeof tokenRequestSpec> {}

export const boundObjectReference = object("BoundObjectReference", {
  apiVersion: optional(string()),
  kind: optional(string()),
  name: optional(string()),
  uid: optional(string()),
});
export interface BoundObjectReference extends Infer<typeof boundObjectReference> {}

export const tokenRequestStatus = object("TokenRequestStatus", {
  expirationTimestamp: time(),
  token: string({ default: "" }),
});
export interface TokenRequestStatus extends Infer<typeof tokenRequestStatus> {}

export const tokenRequests = defineResource({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  plural: "tokenrequests",
  scope: "Namespaced",
  spec: tokenRequestSpec,
  status: tokenRequestStatus,
  virtual: true,
});
export interface TokenRequest extends ObjectOf<typeof tokenRequests> {}
