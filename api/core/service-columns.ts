import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { labelText } from "./label-text.js";
import type { ServiceSpec, ServiceStatus } from "./service.js";

/** What `kubectl get services` shows. */

type Service = ObjectWith<ServiceSpec, ServiceStatus>;

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  { name: "Type", cell: ({ spec }) => spec.type },
  { name: "Cluster-IP", cell: ({ spec }) => spec.clusterIPs?.[0] ?? spec.clusterIP },
  { name: "External-IP", cell: externalAddress },
  { name: "Port(s)", cell: portList },
  ageColumn,
  { name: "Selector", priority: 1, cell: ({ spec }) => labelText(spec.selector) },
];

function externalAddress({ spec, status }: Service): string | undefined {
  const { type, externalIPs = [], externalName } = spec;
  if (type === "ExternalName") return externalName;
  const ingress = type === "LoadBalancer" ? (status?.loadBalancer?.ingress ?? []) : [];
  const balanced = ingress.flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
  const addresses = [...balanced, ...externalIPs];
  if (addresses.length > 0) return addresses.join(",");
  return type === "LoadBalancer" ? "<pending>" : undefined;
}

function portList({ spec: { ports = [] } }: Service): string | undefined {
  if (ports.length === 0) return undefined;
  return ports
    .map(({ port, nodePort, protocol }) => `${port}${nodePort === undefined ? "" : `:${nodePort}`}/${protocol}`)
    .join(",");
}
