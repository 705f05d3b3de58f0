import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import type { IngressRule, IngressSpec, IngressStatus } from "./ingress.js";

/** What `kubectl get ingresses` shows. */
export const ingressColumns: readonly Column<ObjectWith<IngressSpec, IngressStatus>>[] = [
  nameColumn,
  { name: "Class", cell: ({ spec }) => spec.ingressClassName },
  { name: "Hosts", cell: ({ spec }) => hostsText(spec.rules) },
  {
    name: "Address",
    cell: ({ status }) =>
      (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []).join(","),
  },
  { name: "Ports", cell: ({ spec }) => ((spec.tls ?? []).length > 0 ? "80, 443" : "80") },
  ageColumn,
];

const shownHosts = 3;

function hostsText(rules: readonly IngressRule[] = []): string {
  const hosts = rules.flatMap(({ host }) => host ?? []);
  if (hosts.length === 0) return "*";
  const shown = hosts.slice(0, shownHosts).join(",");
  return hosts.length > shownHosts ? `${shown} + ${hosts.length - shownHosts} more...` : shown;
}
