import { qualifiedName } from "../../apimachinery/names.js";
import { compareQuantity, parseQuantity } from "../../apimachinery/quantity.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { ResourceQuotaSpec, ResourceQuotaStatus, ScopedResourceSelectorRequirement } from "./resource-quota.js";

const compute = ["cpu", "memory", "ephemeral-storage"];

/** Names without a domain that a quota can count. */
const standardNames: ReadonlySet<string> = new Set([
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  "requests.storage",
  "pods",
  "resourcequotas",
  "services",
  "services.nodeports",
  "services.loadbalancers",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
]);

const isHugePage = (name: string): boolean => /^(requests\.)?hugepages-/.test(name);

/** Names of whose kind there are whole ones only. */
const counted: ReadonlySet<string> = new Set([
  "pods",
  "resourcequotas",
  "services",
  "services.nodeports",
  "services.loadbalancers",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
]);

const scopes: ReadonlySet<string> = new Set([
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
  "VolumeAttributesClass",
]);

const opposites = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

export function quotaRules({ hard = {}, scopes: chosen = [], scopeSelector }: ResourceQuotaSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(hard)) {
    const path = `hard[${name}]`;
    errors.push(...invalidFor(path, name, qualifiedName(name)));
    if (!name.includes("/") && !standardNames.has(name) && !isHugePage(name))
      errors.push(invalid(path, name, "must be a standard resource for quota"));
    if (compareQuantity(amount, "0") < 0) errors.push(invalid(path, amount, "must be greater than or equal to 0"));
    else if (counted.has(name) && parseQuantity(amount).nanos % 1_000_000_000n !== 0n)
      errors.push(invalid(path, amount, "must be an integer"));
  }
  return [
    ...errors,
    ...scopeErrors("scopes", chosen, Object.keys(hard)),
    ...scopeErrors(
      "scopeSelector.matchExpressions.scopeName",
      (scopeSelector?.matchExpressions ?? []).map(({ scopeName }) => scopeName),
      Object.keys(hard),
    ),
  ];
}

function scopeErrors(path: string, chosen: readonly string[], resources: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const scope of chosen) {
    if (!scopes.has(scope)) errors.push(invalid(path, chosen, "unsupported scope"));
    for (const resource of resources)
      if (!applies(scope, resource)) errors.push(invalid(path, chosen, "unsupported scope applied to resource"));
  }
  for (const [one, other] of opposites)
    if (chosen.includes(one) && chosen.includes(other)) errors.push(invalid(path, chosen, "conflicting scopes"));
  return errors;
}

/** Scopes choose among pods, so they say nothing of other kinds. */
function applies(scope: string, resource: string): boolean {
  if (scope === "BestEffort" || scope === "CrossNamespacePodAffinity") return resource === "pods";
  if (!counted.has(resource) || resource === "pods") return true;
  return scope === "VolumeAttributesClass" && resource === "persistentvolumeclaims";
}

export function scopeRequirementRules({
  scopeName,
  operator,
  values = [],
}: ScopedResourceSelectorRequirement): FieldError[] {
  if ((operator === "In" || operator === "NotIn") && values.length === 0)
    return [required("values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")];
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0)
    return [
      invalid("values", values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
    ];
  return scopeName !== "PriorityClass" && scopeName !== "VolumeAttributesClass" && operator !== "Exists"
    ? [
        invalid(
          "operator",
          operator,
          "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
        ),
      ]
    : [];
}

export const quotaColumns: readonly Column<ObjectWith<ResourceQuotaSpec, ResourceQuotaStatus>>[] = [
  nameColumn,
  { name: "Request", cell: ({ status }) => usage(status, (name) => !name.startsWith("limits.")) },
  { name: "Limit", cell: ({ status }) => usage(status, (name) => name.startsWith("limits.")) },
  ageColumn,
];

/** `cpu: 1/4, pods: 3/10` */
function usage({ hard = {}, used = {} }: ResourceQuotaStatus = {}, shown: (name: string) => boolean): string {
  return Object.keys(hard)
    .filter(shown)
    .sort()
    .map((name) => `${name}: ${used[name] ?? "0"}/${hard[name]}`)
    .join(", ");
}
