import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { invalid } from "../../apimachinery/schema/field-error.js";
import {
  addRules,
  type FieldError,
  type Infer,
  int64,
  list,
  object,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";

/** What the token is to be good for. */
export const tokenRequestSpec = object("TokenRequestSpec", {
  /** For whom the token is made; empty means the API server. */
  audiences: list(string(), { default: [] }),
  /** A pod, secret or node whose deletion makes the token worthless; absent binds it to the account alone. */
  boundObjectRef: optional(ref<BoundObjectReference>(() => boundObjectReference)),
  /** Wanted validity in seconds, 600 at least; 3600 by default. */
  expirationSeconds: int64({ default: 3600 }),
});
export interface TokenRequestSpec extends Infer<typeof tokenRequestSpec> {}
addRules(tokenRequestSpec, { validate: tokenRequestRules });

/** The object with which the token ends. */
export const boundObjectReference = object("BoundObjectReference", {
  /** Group and version of the kind: `v1`. */
  apiVersion: optional(string()),
  /** Pod, Secret or Node. */
  kind: optional(string()),
  /** Name of the object. */
  name: optional(string()),
  /** Unique id that the object must have; absent takes the present one. */
  uid: optional(string()),
});
export interface BoundObjectReference extends Infer<typeof boundObjectReference> {}

/** The token, and until when it is good. */
export const tokenRequestStatus = object("TokenRequestStatus", {
  /** When the token ends. */
  expirationTimestamp: time(),
  /** The token; shown this once. */
  token: string({ default: "" }),
});
export interface TokenRequestStatus extends Infer<typeof tokenRequestStatus> {}

/** Asks for a token of a service account. */
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

const minExpirationSeconds = 600;
const maxExpirationSeconds = 2 ** 32;

function tokenRequestRules({ expirationSeconds: seconds }: TokenRequestSpec): FieldError[] {
  if (seconds < minExpirationSeconds)
    return [invalid("expirationSeconds", seconds, "may not specify a duration less than 10 minutes")];
  if (seconds > maxExpirationSeconds)
    return [invalid("expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}
