import type { Service } from "../../api/core/service.js";
import type { EndpointSlice } from "../../api/discovery/endpoint-slice.js";

/**
 * What a hosts file can say of Services to a pod in a namespace: names with every ending that its search path would
 * supply, and for headless ones the addresses of what is behind them. It cannot say aliases (ExternalName), records of
 * ports, or names of addresses. https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export function serviceNames(
  services: readonly Service[],
  slicesOf: (service: Service) => readonly EndpointSlice[],
  namespace: string,
): readonly string[] {
  const own = services.filter(({ metadata }) => metadata.namespace === namespace);
  const others = services.filter(({ metadata }) => metadata.namespace !== namespace);
  return [...own, ...others].flatMap((service) => linesOf(service, slicesOf, namespace)).slice(0, linesMax);
}

/** A resolver reads the whole file for each name: a hosts file is no place for more. The pod's namespace comes first. */
const linesMax = 4_000;
const domain = "svc.cluster.local";

function linesOf(
  service: Service,
  slicesOf: (service: Service) => readonly EndpointSlice[],
  namespace: string,
): readonly string[] {
  const { spec, metadata } = service;
  if (spec.type === "ExternalName" || spec.clusterIP === undefined || spec.clusterIP === "") return [];
  const suffix = metadata.namespace ?? "";
  const line = (address: string, name: string): string =>
    [address, ...endings(name, suffix, suffix === namespace)].join("\t");
  if (spec.clusterIP !== "None") return [line(spec.clusterIP, metadata.name)];
  const found = new Set<string>();
  for (const { addressType, endpoints = [] } of slicesOf(service)) {
    if (addressType === "FQDN") continue;
    for (const { addresses, conditions, hostname } of endpoints) {
      const [address] = addresses;
      if (address === undefined || conditions.ready === false) continue;
      found.add(line(address, metadata.name));
      if (hostname) found.add(line(address, `${hostname}.${metadata.name}`));
    }
  }
  return [...found];
}

function endings(name: string, namespace: string, isOwn: boolean): readonly string[] {
  const full = `${name}.${namespace}.${domain}`;
  const short = [full, `${name}.${namespace}.svc`, `${name}.${namespace}`];
  return isOwn && name !== "localhost" ? [...short, name] : short;
}
