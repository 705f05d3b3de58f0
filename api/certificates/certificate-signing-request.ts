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
  /** Wanted validity in seconds, 600 at least; the signer may give less. */
  expirationSeconds: optional(int32()),
  /** More that is known of the requester; set by the server. */
  extra: optional(map(list(string()))),
  /** Groups of the requester; set by the server. */
  groups: optional(list(string())),
  /** The request: PKCS #10 in PEM, encoded in base64. */
  request: bytes(),
  /** Who is to sign: `kubernetes.io/kube-apiserver-client` or another name with a domain. */
  signerName: string({ default: "", nonEmpty: true }),
  /** Unique id of the requester; set by the server. */
  uid: optional(string()),
  /** What the key is for: `client auth`, `server auth`, `digital signature` and others. */
  usages: optional(list(string())),
  /** Who asks; the server fills it in, as it does for uid, groups and extra. */
  username: optional(string()),
});
export interface CertificateSigningRequestSpec extends Infer<typeof certificateSigningRequestSpec> {}
addRules(certificateSigningRequestSpec, { validate: signingRules });

/** Whether the request was granted, and the certificate. */
export const certificateSigningRequestStatus = object("CertificateSigningRequestStatus", {
  /** The signed certificate and those that lead to its issuer, in PEM, encoded in base64. */
  certificate: optional(bytes()),
  /** Whether it is approved, denied, or failed. */
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
  /** Approved, Denied, Failed, or a name of the signer's own. */
  type: string({ nonEmpty: true }),
  /** True, False or Unknown; the first three are always True. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** When the condition was last written. */
  lastUpdateTime: optional(time()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** The cause, as one word for programs. */
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
