/** Which fields of a Service follow from its type, and what an update keeps of them. Pure. */
import type { Service, ServicePort, ServiceSpec } from "../../../api/core/service.js";
import { equal } from "../../../base/equal.js";
import { withoutAbsent } from "../object-parts.js";

export const needsClusterIP = ({ type }: ServiceSpec): boolean => type !== "ExternalName";
export const isHeadless = (spec: ServiceSpec): boolean => needsClusterIP(spec) && spec.clusterIP === "None";
export const needsNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
export const needsHealthCheckPort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === "LoadBalancer" && externalTrafficPolicy === "Local";
const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === "NodePort" || type === "LoadBalancer";

/** The spec as it goes into admission: what the server gave out before is kept, what the type no longer has is dropped. */
export function settleFields({ spec }: Service, old: Service | undefined): ServiceSpec {
  const kept = old ? keepGiven(spec, old.spec) : spec;
  const dropped = withoutUnusedAffinity(old ? dropStale(kept, old.spec) : kept);
  return needsClusterIP(dropped) ? withFamilies(dropped) : dropped;
}

/** Without affinity it has no settings, whatever was written. */
function withoutUnusedAffinity(spec: ServiceSpec): ServiceSpec {
  const { sessionAffinityConfig, ...rest } = spec;
  return spec.sessionAffinity === "None" && sessionAffinityConfig ? rest : spec;
}

/** An update that leaves out what the server chose means to keep it. */
function keepGiven(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let next = spec;
  if (needsClusterIP(spec) && needsClusterIP(old)) {
    if (next.clusterIP && next.clusterIP !== old.clusterIP && equal(next.clusterIPs, old.clusterIPs))
      next = { ...next, clusterIPs: [next.clusterIP] };
    if (!next.clusterIP) next = withoutAbsent({ ...next, clusterIP: old.clusterIP }) as ServiceSpec;
    if (!next.clusterIPs?.length && next.clusterIP === old.clusterIP)
      next = withoutAbsent({ ...next, clusterIPs: old.clusterIPs }) as ServiceSpec;
    if (!next.ipFamilies?.length) next = withoutAbsent({ ...next, ipFamilies: old.ipFamilies }) as ServiceSpec;
    if (!next.ipFamilyPolicy) next = withoutAbsent({ ...next, ipFamilyPolicy: old.ipFamilyPolicy }) as ServiceSpec;
  }
  if (needsNodePorts(spec) && needsNodePorts(old) && next.ports) {
    const used = new Set(next.ports.map(({ nodePort }) => nodePort));
    next = { ...next, ports: next.ports.map((port) => keepNodePort(port, old.ports ?? [], used)) };
  }
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && !next.healthCheckNodePort && old.healthCheckNodePort)
    next = { ...next, healthCheckNodePort: old.healthCheckNodePort };
  return next;
}

function keepNodePort(port: ServicePort, old: readonly ServicePort[], used: Set<number | undefined>): ServicePort {
  if (port.nodePort) return port;
  const before = old.find((candidate) => candidate.port === port.port && candidate.protocol === port.protocol);
  return before?.nodePort && !used.has(before.nodePort) ? { ...port, nodePort: before.nodePort } : port;
}

/** Fields that came with the old type go with it, unless the client says something new about them. */
function dropStale(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let next = spec;
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    const same = equal(spec.clusterIP ?? old.clusterIP, old.clusterIP);
    const { clusterIP: _ip, clusterIPs: _ips, ipFamilies: _families, ipFamilyPolicy: _policy, ...rest } = next;
    if (same) next = rest;
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && next.ports) {
    const before = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
    next = { ...next, ports: next.ports.map((port) => (before.has(port.nodePort) ? withoutNodePort(port) : port)) };
    const { externalTrafficPolicy, ...rest } = next;
    if (externalTrafficPolicy === old.externalTrafficPolicy) next = rest;
  }
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    const { allocateLoadBalancerNodePorts: allocate, loadBalancerClass, healthCheckNodePort, ...rest } = next;
    const same = allocate === old.allocateLoadBalancerNodePorts && loadBalancerClass === old.loadBalancerClass;
    if (same && (healthCheckNodePort ?? 0) === (old.healthCheckNodePort ?? 0)) next = rest;
  }
  return next;
}

function withoutNodePort({ nodePort: _, ...port }: ServicePort): ServicePort {
  return port;
}

/** One family is all that there is. */
function withFamilies(spec: ServiceSpec): ServiceSpec {
  const { clusterIP } = spec;
  const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : clusterIP ? [clusterIP] : undefined;
  return {
    ...spec,
    ...(clusterIPs ? { clusterIPs } : {}),
    ipFamilies: spec.ipFamilies?.length ? spec.ipFamilies : ["IPv4"],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack",
  };
}
