import { dnsLabel, dnsSubdomain, inRange, portName, portNumber, qualifiedName } from "../../apimachinery/names.js";
import {
  duplicate,
  duplicates,
  forbidden,
  invalid,
  invalidFor,
  notSupported,
  required,
} from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { validateLabels } from "../../apimachinery/validate-meta.js";
import { equal } from "../../base/equal.js";
import { cidrErrors, ipErrors, specialAddressErrors } from "./ip-address.js";
import type { ServicePort, ServiceSpec } from "./service.js";

/** Defaults and rules of a Service, apart from the addresses and node ports that the registry gives out. */

const isExternal = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs.length > 0);

export function serviceDefaults(spec: ServiceSpec): Partial<ServiceSpec> {
  const { type, sessionAffinity, sessionAffinityConfig } = spec;
  const timeoutSeconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return {
    ...(sessionAffinity === "ClientIP" && timeoutSeconds === undefined
      ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: defaultAffinitySeconds } } }
      : {}),
    ...(isExternal(spec) && spec.externalTrafficPolicy === undefined ? { externalTrafficPolicy: "Cluster" } : {}),
    ...(type !== "ExternalName" && spec.internalTrafficPolicy === undefined
      ? { internalTrafficPolicy: "Cluster" }
      : {}),
    ...(type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts === undefined
      ? { allocateLoadBalancerNodePorts: true }
      : {}),
  };
}

export const portDefaults = ({ port, targetPort }: ServicePort): { readonly targetPort?: number } =>
  targetPort === undefined ? { targetPort: port } : {};

export const defaultAffinitySeconds = 10_800;
const maxAffinitySeconds = 86_400;

export function serviceRules(spec: ServiceSpec): FieldError[] {
  return [
    ...portListErrors(spec),
    ...addressErrors(spec),
    ...affinityErrors(spec),
    ...policyErrors(spec),
    ...loadBalancerErrors(spec),
    ...validateLabels(spec.selector, "selector"),
  ];
}

const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === "None";

function portListErrors(spec: ServiceSpec): FieldError[] {
  const { ports = [], type } = spec;
  if (ports.length === 0) return isHeadless(spec) || type === "ExternalName" ? [] : [required("ports")];
  const errors = ports.flatMap((port, index) => portErrors(port, `ports[${index}]`, ports.length > 1));
  errors.push(
    ...duplicates(
      ports,
      ({ name }) => name,
      (index) => `ports[${index}].name`,
    ),
  );
  const taken = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, { port, protocol, nodePort }] of ports.entries()) {
    if (taken.has(`${protocol}/${port}`)) errors.push(duplicate(`ports[${index}]`, { protocol, port }));
    taken.add(`${protocol}/${port}`);
    if (nodePort === undefined) continue;
    const path = `ports[${index}].nodePort`;
    if (type === "ClusterIP" || type === "ExternalName")
      errors.push(forbidden(path, `may not be used when \`type\` is '${type}'`));
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(path, nodePort));
    nodePorts.add(`${protocol}/${nodePort}`);
  }
  return errors;
}

function portErrors({ name, targetPort = 0, appProtocol }: ServicePort, path: string, named: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (name !== undefined) errors.push(...invalidFor(`${path}.name`, name, dnsLabel(name)));
  else if (named) errors.push(required(`${path}.name`));
  errors.push(
    ...invalidFor(
      `${path}.targetPort`,
      targetPort,
      typeof targetPort === "number" ? portNumber(targetPort) : portName(targetPort),
    ),
  );
  if (appProtocol !== undefined)
    errors.push(...invalidFor(`${path}.appProtocol`, appProtocol, qualifiedName(appProtocol)));
  return errors;
}

function addressErrors({
  type,
  clusterIP,
  clusterIPs = [],
  externalName,
  externalIPs = [],
}: ServiceSpec): FieldError[] {
  const errors = externalIPs.flatMap((ip, index) =>
    invalidFor(`externalIPs[${index}]`, ip, [...ipErrors(ip), ...specialAddressErrors(ip)]),
  );
  if (type === "ExternalName") {
    if (clusterIP !== undefined || clusterIPs.length > 0)
      errors.push(forbidden("clusterIPs", "may not be set for ExternalName services"));
    const target = externalName?.replace(/\.$/, "") ?? "";
    return target === ""
      ? [...errors, required("externalName")]
      : [...errors, ...invalidFor("externalName", externalName, dnsSubdomain(target))];
  }
  if (clusterIP === "None" && type !== "ClusterIP")
    errors.push(invalid("clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`));
  for (const [index, ip] of (clusterIPs.length > 0 ? clusterIPs : clusterIP === undefined ? [] : [clusterIP]).entries())
    if (ip !== "None") errors.push(...invalidFor(`clusterIPs[${index}]`, ip, ipErrors(ip)));
  if (clusterIPs.length > 0 && clusterIP !== undefined && clusterIPs[0] !== clusterIP)
    errors.push(invalid("clusterIPs", clusterIPs, "first value must match `clusterIP`"));
  return errors;
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  if (sessionAffinity === "None")
    return sessionAffinityConfig
      ? [forbidden("sessionAffinityConfig", "must not be set when session affinity is None")]
      : [];
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined || (seconds > 0 && seconds <= maxAffinitySeconds)) return [];
  const path = "sessionAffinityConfig.clientIP.timeoutSeconds";
  return [invalid(path, seconds, `must be greater than 0 and less than ${maxAffinitySeconds}`)];
}

const distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];

function policyErrors(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, healthCheckNodePort, trafficDistribution, type } = spec;
  const errors: FieldError[] = [];
  if (externalTrafficPolicy !== undefined && !isExternal(spec))
    errors.push(
      invalid("externalTrafficPolicy", externalTrafficPolicy, "may only be set for externally-accessible services"),
    );
  if (healthCheckNodePort !== undefined && !(type === "LoadBalancer" && externalTrafficPolicy === "Local"))
    errors.push(
      invalid(
        "healthCheckNodePort",
        healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (healthCheckNodePort !== undefined)
    errors.push(...invalidFor("healthCheckNodePort", healthCheckNodePort, inRange(healthCheckNodePort, 1, 65_535)));
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution))
    errors.push(notSupported("trafficDistribution", trafficDistribution, distributions));
  return errors;
}

function loadBalancerErrors(spec: ServiceSpec): FieldError[] {
  const { type, loadBalancerSourceRanges = [], loadBalancerClass, allocateLoadBalancerNodePorts } = spec;
  const errors = loadBalancerSourceRanges.flatMap((range, index) =>
    invalidFor(`loadBalancerSourceRanges[${index}]`, range, cidrErrors(range.trim())),
  );
  if (loadBalancerClass !== undefined)
    errors.push(...invalidFor("loadBalancerClass", loadBalancerClass, qualifiedName(loadBalancerClass)));
  if (type === "LoadBalancer") return errors;
  const only = "may only be used when `type` is 'LoadBalancer'";
  if (loadBalancerSourceRanges.length > 0) errors.push(forbidden("loadBalancerSourceRanges", only));
  if (loadBalancerClass !== undefined) errors.push(forbidden("loadBalancerClass", only));
  if (allocateLoadBalancerNodePorts !== undefined) errors.push(forbidden("allocateLoadBalancerNodePorts", only));
  return errors;
}

/** What a Service keeps once it has it, for as long as its type stays one that has it. */
export function serviceUpdateErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const bothHaveAddresses = spec.type !== "ExternalName" && old.type !== "ExternalName";
  if (bothHaveAddresses && (old.clusterIPs ?? []).length > 0 && spec.clusterIPs?.[0] !== old.clusterIPs?.[0])
    errors.push(invalid("spec.clusterIPs[0]", spec.clusterIPs ?? [], "may not change once set"));
  const bothBalance = spec.type === "LoadBalancer" && old.type === "LoadBalancer";
  if (bothBalance && !equal(spec.loadBalancerClass, old.loadBalancerClass))
    errors.push(invalid("spec.loadBalancerClass", spec.loadBalancerClass ?? null, "may not change once set"));
  return errors;
}
