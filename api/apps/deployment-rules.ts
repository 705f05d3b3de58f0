import { atMostWholeErrors, intOrPercentErrors, percentOf } from "../../apimachinery/int-or-string.js";
import { forbidden, invalid, invalidFor } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment } from "./deployment.js";
import { templateErrors } from "./template-rules.js";

// A rolling update without numbers of its own takes the usual ones.
export function strategyDefaults({ type, rollingUpdate }: DeploymentStrategy): {
  readonly rollingUpdate?: Record<string, never>;
} {
  return type === "RollingUpdate" && rollingUpdate === undefined ? { rollingUpdate: {} } : {};
}

export const strategyRules = ({ type, rollingUpdate }: DeploymentStrategy): FieldError[] =>
  type === "Recreate" && rollingUpdate
    ? [forbidden("rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")]
    : [];

export function rollingUpdateRules({ maxUnavailable, maxSurge }: RollingUpdateDeployment): FieldError[] {
  const errors = [
    ...invalidFor("maxUnavailable", maxUnavailable, intOrPercentErrors(maxUnavailable)),
    ...invalidFor("maxSurge", maxSurge, intOrPercentErrors(maxSurge)),
  ];
  const isZero = (value: number | string): boolean => value === 0 || percentOf(value) === 0;
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(invalid("maxUnavailable", maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  return [...errors, ...invalidFor("maxUnavailable", maxUnavailable, atMostWholeErrors(maxUnavailable))];
}

export function deploymentSpecRules(spec: DeploymentSpec): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  const errors = templateErrors("deployment", spec);
  if (deadline < 0) errors.push(invalid("progressDeadlineSeconds", deadline, "must be greater than or equal to 0"));
  if (deadline <= minReadySeconds)
    errors.push(invalid("progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  return errors;
}
