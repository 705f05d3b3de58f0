import { atMostWholeErrors, intOrPercentErrors } from "../../apimachinery/int-or-string.js";
import { invalid, invalidFor } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { PodDisruptionBudgetSpec } from "./pod-disruption-budget.js";

/** One of the two bounds, as a count or a share. */
export function budgetRules(spec: PodDisruptionBudgetSpec): FieldError[] {
  const { minAvailable, maxUnavailable } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(invalid("", spec, "minAvailable and maxUnavailable cannot be both set"));
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    const value = spec[field];
    if (value !== undefined)
      errors.push(...invalidFor(field, value, [...intOrPercentErrors(value), ...atMostWholeErrors(value)]));
  }
  return errors;
}
