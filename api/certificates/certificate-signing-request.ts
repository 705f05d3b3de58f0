import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  bytes,
  type Infer,
  int32,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { decisionErrors, signingColumns, signingRules } from "./certificate-signing-request-rules.js";

/** The certificate that is asked for, and by whom. */
export const certificateSigningRequestSpec = object("CertificateSigningRequestSpec", {
  expirationSeconds: optional(int32()),
  extra: optional(map(list(string()))),
  groups: optional(list(string())),
  request: bytes(),
  signerName: string({ default: "", nonEmpty: true }),
  uid: optional(string()),
  usages: optional(list(string())),
  /** Who asks; the server fills it in, as it does for uid, groups and extra. */
  username: optional(string()),
});
export interface CertificateSigningRequestSpec extends Infer<typeof certificateSigningRequestSpec> {}
addRules(certificateSigningRequestSpec, { validate: signingRules });

/** Whether the request was granted, and the certificate. */
export const certificateSigningRequestStatus = object("CertificateSigningRequestStatus", {
  certificate: optional(bytes()),
  conditions: optional(
    list(
      ref<CertificateSigningRequestCondition>(() => certificateSigningRequestCondition),
      { mapKeys: ["type"] },
    ),
  ),
});
export interface CertificateSigningRequestStatus extends Infer<typeof certificateSigningRequestStatus> {}

/** A decision about a request. */
export const certificateSigningRequestCondition = object("CertificateSigningRequestCondition", {
  type: string({ nonEmpty: true }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  lastUpdateTime: optional(time()),
  message: optional(string()),
  reason: optional(string()),
});
export interface CertificateSigningRequestCondition extends Infer<typeof certificateSigningRequestCondition> {}

/** Asks a signer for a certificate. */
export const certificateSigningRequests = defineResource({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  shortNames: ["csr"],
  scope: "Cluster",
  spec: certificateSigningRequestSpec,
  status: certificateSigningRequestStatus,
  subresources: { status: true, others: { approval: ["get", "patch", "update"] } },
  notBuilt: "controller",
  countsGeneration: false,
  immutable: ["spec"],
  prepare: (request, old) => (old ? request : { ...request, status: {} }),
  validate: ({ status }, old) => decisionErrors(status, old?.status),
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  columns: signingColumns,
});
export interface CertificateSigningRequest extends ObjectOf<typeof certificateSigningRequests> {}
