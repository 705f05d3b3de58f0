import { configMapKey, dnsSubdomain, environmentVariableName, qualifiedName } from "../../../apimachinery/names.js";
import { invalid, invalidFor, notSupported, required } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { under } from "../../../apimachinery/schema/validate.js";
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector } from "./env.js";

/** Where the value of an environment variable, or of a file of the downward API, may come from. */

export const environmentFieldPaths: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
export const volumeFieldPaths: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];
const knownFieldPaths: ReadonlySet<string> = new Set([
  ...environmentFieldPaths,
  ...volumeFieldPaths,
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
]);
const resources: readonly string[] = ["cpu", "ephemeral-storage", "memory"].flatMap((name) => [
  `limits.${name}`,
  `requests.${name}`,
]);

const oneAtATime = "may not have more than one field specified at a time";

export function envVarRules({ name, value = "", valueFrom }: EnvVar): FieldError[] {
  const errors = invalidFor("name", name, environmentVariableName(name));
  if (!valueFrom) return errors;
  const sources = Object.values(valueFrom).filter((source) => source !== undefined);
  if (sources.length === 0) {
    const message =
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalid("valueFrom", "", message));
  } else if (value !== "") {
    errors.push(invalid("valueFrom", "", "may not be specified when `value` is not empty"));
  } else if (sources.length > 1) {
    errors.push(invalid("valueFrom", "", oneAtATime));
  }
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) errors.push(...under("valueFrom.fieldRef", fieldPathErrors(fieldRef, environmentFieldPaths)));
  if (resourceFieldRef)
    errors.push(...under("valueFrom.resourceFieldRef", resourceFieldErrors(resourceFieldRef, false)));
  if (configMapKeyRef) errors.push(...under("valueFrom.configMapKeyRef", keySelectorErrors(configMapKeyRef)));
  if (secretKeyRef) errors.push(...under("valueFrom.secretKeyRef", keySelectorErrors(secretKeyRef)));
  return errors;
}

const keySelectorErrors = ({ name = "", key }: ConfigMapKeySelector): FieldError[] => [
  ...invalidFor("name", name, dnsSubdomain(name)),
  ...invalidFor("key", key, configMapKey(key)),
];

export function envFromRules({ configMapRef, secretRef }: EnvFromSource): FieldError[] {
  const errors: FieldError[] = [];
  if (configMapRef)
    errors.push(...invalidFor("configMapRef.name", configMapRef.name ?? "", dnsSubdomain(configMapRef.name ?? "")));
  if (secretRef) errors.push(...invalidFor("secretRef.name", secretRef.name ?? "", dnsSubdomain(secretRef.name ?? "")));
  if (configMapRef && secretRef) errors.push(invalid("", "", oneAtATime));
  if (!configMapRef && !secretRef) errors.push(invalid("", "", "must specify one of: `configMapRef` or `secretRef`"));
  return errors;
}

export function fieldPathErrors(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
): FieldError[] {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/s.exec(fieldPath);
  if (subscript) {
    const [, field, key = ""] = subscript;
    return invalidFor("fieldPath", key, qualifiedName(field === "metadata.annotations" ? key.toLowerCase() : key));
  }
  if (apiVersion !== "v1" || !knownFieldPaths.has(fieldPath)) {
    const what = apiVersion === "v1" ? "field label not supported" : `unsupported pod version`;
    const shown = apiVersion === "v1" ? fieldPath : apiVersion;
    return [invalid("fieldPath", fieldPath, `error converting fieldPath: ${what}: ${shown}`)];
  }
  return allowed.includes(fieldPath) ? [] : [notSupported("fieldPath", fieldPath, allowed)];
}

export function resourceFieldErrors(
  { resource, containerName = "", divisor }: ResourceFieldSelector,
  inVolume: boolean,
): FieldError[] {
  if (inVolume && containerName === "") return [required("containerName")];
  const isHugePage = /^(limits|requests)\.hugepages-/.test(resource);
  if (!resources.includes(resource) && !isHugePage) return [notSupported("resource", resource, resources)];
  return divisorErrors(resource, divisor);
}

const divisors: Readonly<Record<string, readonly string[]>> = {
  cpu: ["1m", "1"],
  memory: ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
};

function divisorErrors(resource: string, divisor: string): FieldError[] {
  if (divisor === "0") return [];
  const allowed = resource.endsWith(".cpu") ? divisors.cpu : divisors.memory;
  const kind = resource.endsWith(".cpu") ? "1m and 1" : (allowed ?? []).join(", ");
  return allowed?.includes(divisor)
    ? []
    : [
        invalid(
          "divisor",
          resource,
          `only divisor's values ${kind} are supported with the ${resource.split(".")[1]} resource`,
        ),
      ];
}
