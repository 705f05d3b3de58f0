import { dns1035Label, dnsSubdomain } from "../../apimachinery/names.js";
import { forbidden, invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { APIServiceSpec, APIServiceStatus } from "./api-service.js";

const groupPriorityMax = 20_000;
const versionPriorityMax = 1_000;
export function serviceRules(name: string, spec: APIServiceSpec): readonly FieldError[] {
  const { group = "", version = "", groupPriorityMinimum, versionPriority, service, caBundle } = spec;
  const errors: FieldError[] = [];
  const expected = `${version}.${group}`;
  if (name !== expected)
    errors.push(invalid("metadata.name", name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`));
  if (group !== "") errors.push(...invalidFor("spec.group", group, dnsSubdomain(group)));
  errors.push(...invalidFor("spec.version", version, dns1035Label(version)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > groupPriorityMax)
    errors.push(invalid("spec.groupPriorityMinimum", groupPriorityMinimum, "must be positive and less than 20000"));
  if (versionPriority <= 0 || versionPriority > versionPriorityMax)
    errors.push(invalid("spec.versionPriority", versionPriority, "must be positive and less than 1000"));
  if (!service) return [...errors, ...localErrors(spec)];
  if (!service.namespace) errors.push(required("spec.service.namespace", ""));
  if (!service.name) errors.push(required("spec.service.name", ""));
  if (spec.insecureSkipTLSVerify && caBundle)
    errors.push(invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  return errors;
}

function localErrors({ caBundle, insecureSkipTLSVerify }: APIServiceSpec): readonly FieldError[] {
  return [
    ...(caBundle ? [forbidden("spec.caBundle", "local APIServices may not have a caBundle")] : []),
    ...(insecureSkipTLSVerify
      ? [forbidden("spec.insecureSkipTLSVerify", "local APIServices may not have insecureSkipTLSVerify")]
      : []),
  ];
}

export const serviceText = ({ service }: APIServiceSpec): string =>
  service ? `${service.namespace ?? ""}/${service.name ?? ""}` : "Local";

export function availability({ conditions = [] }: APIServiceStatus = {}): string {
  const available = conditions.find(({ type }) => type === "Available");
  if (!available) return "Unknown";
  return available.status === "True" ? "True" : `${available.status} (${available.reason ?? ""})`;
}
