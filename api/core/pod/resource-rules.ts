import { qualifiedName } from "../../../apimachinery/names.js";
import { compareQuantity, parseQuantity } from "../../../apimachinery/quantity.js";
import { duplicates, invalid, invalidFor, required } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import type { ResourceRequirements } from "./resources.js";

/** Names and amounts of resources that containers ask for. */

const standard: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

const isHugePage = (name: string): boolean => name.startsWith("hugepages-");
const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
/** Counted in whole units and never shared: devices and the like. */
export const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith("requests.");

export function resourceRequirementRules(resources: ResourceRequirements): FieldError[] {
  const { limits = {}, requests = {}, claims = [] } = resources;
  const errors = [...amountErrors("limits", limits), ...amountErrors("requests", requests)];
  for (const [name, amount] of Object.entries(requests)) {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (limit === undefined) {
      if (isExtended(name) || isHugePage(name))
        errors.push(required("limits", "Limit must be set for non overcommitable resources"));
    } else if (isExtended(name) || isHugePage(name)) {
      if (compareQuantity(amount, limit) !== 0)
        errors.push(invalid("requests", amount, `must be equal to ${name} limit of ${limit}`));
    } else if (amount !== limit && compareQuantity(amount, limit) > 0) {
      errors.push(invalid("requests", amount, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  return [...errors, ...duplicates(claims, claimKey, (index) => `claims[${index}]`)];
}

const claimKey = ({ name, request = "" }: { readonly name: string; readonly request?: string }): string =>
  request === "" ? name : `${name}/${request}`;

function amountErrors(field: string, amounts: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const path = `${field}[${name}]`;
    return [...resourceNameErrors(path, name), ...quantityErrors(path, name, amount)];
  });
}

function resourceNameErrors(path: string, name: string): FieldError[] {
  const shape = invalidFor(path, name, qualifiedName(name));
  if (shape.length > 0 || standard.has(name) || isHugePage(name) || name.includes("/")) return shape;
  return [
    invalid(path, name, "must be a standard resource type or fully qualified"),
    invalid(path, name, "must be a standard resource for containers"),
  ];
}

export function quantityErrors(path: string, name: string, amount: string): FieldError[] {
  // Canonical text: what is negative starts with a sign.
  if (amount.startsWith("-")) return [invalid(path, amount, "must be greater than or equal to 0")];
  if (!isExtended(name)) return [];
  const whole = parseQuantity(amount).nanos % 1_000_000_000n === 0n;
  return whole ? [] : [invalid(path, amount, "must be an integer")];
}
