import { type Condition, condition } from "../../apimachinery/condition.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { serviceCidrRules } from "./address-rules.js";

/** Ranges that services get their addresses from. */
export const serviceCIDRSpec = object("ServiceCIDRSpec", {
  /** One range, or one of IPv4 and one of IPv6, from which services get their addresses; never changes. */
  cidrs: optional(list(string(), { listType: "atomic" })),
});
export interface ServiceCIDRSpec extends Infer<typeof serviceCIDRSpec> {}
addRules(serviceCIDRSpec, { validate: serviceCidrRules });

/** Whether the ranges are in use. */
export const serviceCIDRStatus = object("ServiceCIDRStatus", {
  /** Whether addresses are given out of it: `Ready`. */
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
});
export interface ServiceCIDRStatus extends Infer<typeof serviceCIDRStatus> {}

/** A range that services get their addresses from. */
export const serviceCIDRs = defineResource({
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  spec: serviceCIDRSpec,
  status: serviceCIDRStatus,
  subresources: { status: true },
  notBuilt: "effect",
  immutable: ["spec.cidrs"],
  columns: [nameColumn, { name: "CIDRs", cell: ({ spec }) => (spec.cidrs ?? []).join(",") }, ageColumn],
});
export interface ServiceCIDR extends ObjectOf<typeof serviceCIDRs> {}
