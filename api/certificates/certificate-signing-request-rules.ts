import { humanDuration } from "../../apimachinery/duration.js";
import { dnsSubdomain } from "../../apimachinery/names.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import {
  duplicates,
  forbidden,
  invalid,
  invalidFor,
  notSupported,
  required,
} from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { CertificateSigningRequestSpec, CertificateSigningRequestStatus } from "./certificate-signing-request.js";

/** Rules and columns of requests for certificates. */

const minExpirationSeconds = 600;

export function signingRules(spec: CertificateSigningRequestSpec): FieldError[] {
  const { request, signerName, usages = [], expirationSeconds } = spec;
  const errors: FieldError[] = [];
  const text = Buffer.from(request, "base64").toString("latin1");
  if (
    !/^-----BEGIN CERTIFICATE REQUEST-----\n[\s\S]+-----END CERTIFICATE REQUEST-----\s*$/.test(text.replace(/\r/g, ""))
  )
    errors.push(invalid("request", request, "PEM block type must be CERTIFICATE REQUEST"));
  if (usages.length === 0) errors.push(required("usages"));
  errors.push(...invalidFor("signerName", signerName, signerErrors(signerName)));
  if (expirationSeconds !== undefined && expirationSeconds < minExpirationSeconds)
    errors.push(
      invalid("expirationSeconds", expirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)"),
    );
  return errors;
}

function signerErrors(name: string): readonly string[] {
  const [domain = "", path = "", ...more] = name.split("/");
  if (domain === "" || path === "" || more.length > 0)
    return ["must be a fully qualified domain and path of the form 'example.com/signer-name'"];
  return domain.includes(".")
    ? dnsSubdomain(domain)
    : ["should be a domain with at least two segments separated by dots"];
}

const decisions = ["Approved", "Denied"];

/** A request is approved or denied, never both, and what was decided stays. */
export function decisionErrors(
  { conditions = [] }: CertificateSigningRequestStatus = {},
  old: CertificateSigningRequestStatus | undefined,
): FieldError[] {
  const types = new Set(conditions.map(({ type }) => type));
  const errors = duplicates(
    conditions,
    ({ type }) => type,
    (index) => `status.conditions[${index}].type`,
  );
  if (decisions.every((type) => types.has(type)))
    errors.push(invalid("status.conditions", conditions, "Approved and Denied conditions are mutually exclusive"));
  for (const [index, { type, status }] of conditions.entries())
    if (decisions.includes(type) && status !== "True")
      errors.push(notSupported(`status.conditions[${index}].status`, status, ["True"]));
  for (const { type } of old?.conditions ?? [])
    if ((decisions.includes(type) || type === "Failed") && !types.has(type))
      errors.push(forbidden("status.conditions", `updates may not remove a condition of type ${JSON.stringify(type)}`));
  return errors;
}

type SigningRequest = ObjectWith<CertificateSigningRequestSpec, CertificateSigningRequestStatus>;

export const signingColumns: readonly Column<SigningRequest>[] = [
  nameColumn,
  ageColumn,
  { name: "SignerName", cell: ({ spec }) => spec.signerName },
  { name: "Requestor", cell: ({ spec }) => spec.username ?? "" },
  {
    name: "RequestedDuration",
    cell: ({ spec }) =>
      spec.expirationSeconds === undefined ? undefined : humanDuration(spec.expirationSeconds * 1000),
  },
  { name: "Condition", cell: ({ status }) => conditionText(status) },
];

function conditionText({ conditions = [], certificate }: CertificateSigningRequestStatus = {}): string {
  const types = ["Approved", "Denied", "Failed"].filter((type) => conditions.some((each) => each.type === type));
  if (types.length === 0) types.push("Pending");
  return certificate === undefined ? types.join(",") : [...types, "Issued"].join(",");
}
