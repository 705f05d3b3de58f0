import { isIP } from "node:net";
import { dns1035Label, dnsSubdomain, portName, portNumber, wildcardSubdomain } from "../../apimachinery/names.js";
import { invalid, invalidFor, notSupported, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type {
  HTTPIngressPath,
  HTTPIngressRuleValue,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from "./ingress.js";

export function ingressRules({ rules = [], defaultBackend, ingressClassName }: IngressSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend)
    errors.push(invalid("", rules, "either `defaultBackend` or `rules` must be specified"));
  if (ingressClassName !== undefined)
    errors.push(...invalidFor("ingressClassName", ingressClassName, dnsSubdomain(ingressClassName)));
  return errors;
}

const classAnnotation = "kubernetes.io/ingress.class";

/** The field has taken the annotation's place; a new object has one of them. */
export function classErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  className: string | undefined,
): FieldError[] {
  const given = annotations?.[classAnnotation];
  return given === undefined || className === undefined
    ? []
    : [invalid(`annotations.${classAnnotation}`, given, "can not be set when the class field is also set")];
}

export function hostRules({ host }: IngressRule): FieldError[] {
  if (host === undefined) return [];
  if (isIP(host) !== 0) return [invalid("host", host, "must be a DNS name, not an IP address")];
  return invalidFor("host", host, hostNameErrors(host));
}

const hostNameErrors = (host: string): readonly string[] =>
  host.includes("*") ? wildcardSubdomain(host) : dnsSubdomain(host);

export const tlsRules = ({ hosts = [], secretName }: IngressTLS): FieldError[] => [
  ...hosts.flatMap((host, index) => invalidFor(`hosts[${index}]`, host, hostNameErrors(host))),
  ...(secretName === undefined ? [] : invalidFor("secretName", secretName, dnsSubdomain(secretName))),
];

export const pathListRules = ({ paths }: HTTPIngressRuleValue): FieldError[] =>
  paths.length === 0 ? [required("paths")] : [];

const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
const notInPaths = ["//", "/./", "/../", "%2f", "%2F"];
const notAtEnd = ["/..", "/."];

export function pathRules({ path = "", pathType }: HTTPIngressPath): FieldError[] {
  if (pathType === "") return [required("pathType", "pathType must be specified")];
  if (!pathTypes.includes(pathType)) return [notSupported("pathType", pathType, pathTypes)];
  if (pathType === "ImplementationSpecific")
    return path === "" || path.startsWith("/") ? [] : [invalid("path", path, "must be an absolute path")];
  const errors = path.startsWith("/") ? [] : [invalid("path", path, "must be an absolute path")];
  for (const part of notInPaths)
    if (path.includes(part)) errors.push(invalid("path", path, `must not contain '${part}'`));
  for (const end of notAtEnd) if (path.endsWith(end)) errors.push(invalid("path", path, `cannot end with '${end}'`));
  return errors;
}

export function backendRules({ service, resource }: IngressBackend): FieldError[] {
  if (service && resource) return [invalid("", "", "cannot set both resource and service backends")];
  if (service) return [];
  if (!resource) return [invalid("", "", "resource or service backend is required")];
  return (["kind", "name"] as const).flatMap((field) =>
    resource[field] === "" ? [required(`resource.${field}`)] : [],
  );
}

export function serviceBackendRules({ name, port }: IngressServiceBackend): FieldError[] {
  const errors = name === "" ? [required("name")] : invalidFor("name", name, dns1035Label(name));
  const { name: portText, number } = port ?? {};
  if (portText !== undefined && number !== undefined)
    return [...errors, invalid("", name, "cannot set both port name & port number")];
  if (portText !== undefined) return [...errors, ...invalidFor("port.name", portText, portName(portText))];
  if (number !== undefined) return [...errors, ...invalidFor("port.number", number, portNumber(number))];
  return [...errors, required("port", "port name or number is required")];
}
