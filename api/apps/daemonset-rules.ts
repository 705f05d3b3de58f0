import { atMostWholeErrors, intOrPercentErrors, percentOf } from "../../apimachinery/int-or-string.js";
import { invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { DaemonSetStatus, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from "./daemonset.js";

// A rolling update without numbers of its own takes the usual ones.
export function daemonStrategyDefaults({ type, rollingUpdate }: DaemonSetUpdateStrategy): {
  readonly rollingUpdate?: Record<string, never>;
} {
  return type === "RollingUpdate" && rollingUpdate === undefined ? { rollingUpdate: {} } : {};
}

export function rollingDaemonRules({ maxUnavailable, maxSurge }: RollingUpdateDaemonSet): FieldError[] {
  const errors = [
    ...invalidFor("maxUnavailable", maxUnavailable, [
      ...intOrPercentErrors(maxUnavailable),
      ...atMostWholeErrors(maxUnavailable),
    ]),
    ...invalidFor("maxSurge", maxSurge, [...intOrPercentErrors(maxSurge), ...atMostWholeErrors(maxSurge)]),
  ];
  const isZero = (value: number | string): boolean => value === 0 || percentOf(value) === 0;
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(required("maxUnavailable", "cannot be 0 when maxSurge is 0"));
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    errors.push(invalid("maxSurge", maxSurge, "may not be set when maxUnavailable is non-zero"));
  return errors;
}

/** The state of a daemon set that nothing has looked at yet. */
export const noDaemons: DaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};
