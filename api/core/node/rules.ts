import { labelValue, qualifiedName } from "../../../apimachinery/names.js";
import type { ObjectWith } from "../../../apimachinery/resource.js";
import { duplicates, forbidden, invalid, invalidFor } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { equal } from "../../../base/equal.js";
import { cidrErrors } from "../ip-address.js";
import { quantityErrors } from "../pod/resource-rules.js";
import type { NodeSpec } from "./node.js";
import type { NodeStatus } from "./status.js";
import type { Taint } from "./taint.js";

// podCIDR is the first of podCIDRs, whichever was written; where both say something, podCIDR wins.
export function podCidrDefaults({ podCIDR, podCIDRs = [] }: NodeSpec): Pick<NodeSpec, "podCIDR" | "podCIDRs"> {
  const [first] = podCIDRs;
  if (podCIDR !== undefined) return podCIDR === first ? {} : { podCIDRs: [podCIDR] };
  return first === undefined ? {} : { podCIDR: first };
}

// A node that keeps nothing back for itself has all of its capacity to give.
export const allocatableDefault = ({ capacity, allocatable }: NodeStatus): Pick<NodeStatus, "allocatable"> =>
  capacity && !allocatable ? { allocatable: capacity } : {};

export const taintRules = ({ key, value = "" }: Taint): FieldError[] => [
  ...invalidFor("key", key, qualifiedName(key)),
  ...invalidFor("value", value, labelValue(value)),
];

export const nodeSpecRules = ({ taints = [], podCIDRs = [] }: NodeSpec): FieldError[] => [
  ...duplicates(
    taints,
    ({ key, effect }) => `${key}:${effect}`,
    (index) => `taints[${index}]`,
  ),
  ...podCIDRs.flatMap((range, index) => invalidFor(`podCIDRs[${index}]`, range, cidrErrors(range))),
];

export const nodeStatusRules = ({ capacity = {}, allocatable = {} }: NodeStatus): FieldError[] => [
  ...Object.entries(capacity).flatMap(([name, amount]) => quantityErrors(`capacity[${name}]`, name, amount)),
  ...Object.entries(allocatable).flatMap(([name, amount]) => quantityErrors(`allocatable[${name}]`, name, amount)),
];

export function nodeUpdateErrors({ spec }: ObjectWith<NodeSpec>, { spec: old }: ObjectWith<NodeSpec>): FieldError[] {
  const errors: FieldError[] = [];
  if ((old.podCIDRs ?? []).length > 0 && !equal(spec.podCIDRs, old.podCIDRs))
    errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  if (old.providerID !== undefined && spec.providerID !== old.providerID)
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  if (spec.configSource && !equal(spec.configSource, old.configSource))
    errors.push(invalid("spec.configSource", spec.configSource, "configSource is no longer supported"));
  return errors;
}
