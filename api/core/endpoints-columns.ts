import type { KubeObject } from "../../apimachinery/meta.js";
import { ageColumn, type Column, nameColumn } from "../../apimachinery/resource.js";
import type { EndpointSubset } from "./endpoints.js";

interface EndpointsLike extends KubeObject {
  readonly subsets?: readonly EndpointSubset[];
}

/** What `kubectl get endpoints` shows: the first three addresses. */
export const endpointsColumns: readonly Column<EndpointsLike>[] = [
  nameColumn,
  { name: "Endpoints", cell: ({ subsets = [] }) => firstOf(subsets.flatMap(subsetAddresses), "<none>") },
  ageColumn,
];

function subsetAddresses({ addresses = [], ports = [] }: EndpointSubset): readonly string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`));
}

const shownAtMost = 3;

/** `a,b,c + 2 more...` */
export function firstOf(texts: readonly string[], empty: string): string {
  if (texts.length === 0) return empty;
  const shown = texts.slice(0, shownAtMost).join(",");
  return texts.length > shownAtMost ? `${shown} + ${texts.length - shownAtMost} more...` : shown;
}
