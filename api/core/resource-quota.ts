import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { quotaColumns, quotaRules, scopeRequirementRules } from "./resource-quota-rules.js";

/** How much a namespace may use, and which of its objects count. */
export const resourceQuotaSpec = object("ResourceQuotaSpec", {
  /** Most that the namespace may use, by resource or count, such as `requests.cpu` or `count/pods`. */
  hard: optional(map(quantity())),
  /** Further choice of the objects that count, where a scope takes values. */
  scopeSelector: optional(ref<ScopeSelector>(() => scopeSelector)),
  /**
   * Only objects within all of these count: Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass,
   * CrossNamespacePodAffinity, VolumeAttributesClass.
   */
  scopes: optional(list(string())),
});
export interface ResourceQuotaSpec extends Infer<typeof resourceQuotaSpec> {}
addRules(resourceQuotaSpec, { validate: quotaRules });

/** Which objects count, by their scope. */
export const scopeSelector = object(
  "ScopeSelector",
  {
    /** Requirements on the object's scope, all of which must hold. */
    matchExpressions: optional(list(ref<ScopedResourceSelectorRequirement>(() => scopedResourceSelectorRequirement))),
  },
  { mapType: "atomic" },
);
export interface ScopeSelector extends Infer<typeof scopeSelector> {}

/** One condition on the scope of an object. */
export const scopedResourceSelectorRequirement = object("ScopedResourceSelectorRequirement", {
  /** In, NotIn, Exists or DoesNotExist. */
  operator: oneOf(["In", "NotIn", "Exists", "DoesNotExist"]),
  /** The scope, such as PriorityClass. */
  scopeName: string({ nonEmpty: true }),
  /** One or more for In and NotIn, none for the others. */
  values: optional(list(string())),
});
export interface ScopedResourceSelectorRequirement extends Infer<typeof scopedResourceSelectorRequirement> {}
addRules(scopedResourceSelectorRequirement, { validate: scopeRequirementRules });

/** What the quota allows and what is used. */
export const resourceQuotaStatus = object("ResourceQuotaStatus", {
  /** Bounds in force, copied from the spec. */
  hard: optional(map(quantity())),
  /** What the namespace uses of each at present. */
  used: optional(map(quantity())),
});
export interface ResourceQuotaStatus extends Infer<typeof resourceQuotaStatus> {}

/** Bounds what all objects of a namespace use together. */
export const resourceQuotas = defineResource({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  scope: "Namespaced",
  spec: resourceQuotaSpec,
  status: resourceQuotaStatus,
  subresources: { status: true },
  notBuilt: "effect",
  countsGeneration: false,
  immutable: ["spec.scopes"],
  prepare: (quota, old) => (old ? quota : { ...quota, status: {} }),
  columns: quotaColumns,
});
export interface ResourceQuota extends ObjectOf<typeof resourceQuotas> {}
