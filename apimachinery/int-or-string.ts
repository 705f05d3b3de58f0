import { percent } from "./names.js";
import type { IntOrString } from "./schema/schema.js";

/**
 * The count that a number or a percentage of `total` stands for; percentages are rounded up (maxSurge) or down
 * (maxUnavailable). Undefined: a string that is no percentage.
 */
export function resolveIntOrPercent(value: IntOrString, total: number, round: "up" | "down"): number | undefined {
  if (typeof value === "number") return value;
  const share = percentOf(value);
  if (share === undefined) return undefined;
  const exact = (share * total) / 100;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}

/** 25 for `25%`; undefined for numbers and for any other string. */
export function percentOf(value: IntOrString): number | undefined {
  return typeof value === "string" && percent(value).length === 0 ? Number(value.slice(0, -1)) : undefined;
}

/** What is wrong with a value that must be a count of at least zero or a percentage. */
export function intOrPercentErrors(value: IntOrString): readonly string[] {
  if (typeof value === "string") return percent(value);
  return value >= 0 ? [] : ["must be greater than or equal to 0"];
}

/** What is wrong with a percentage that must not go beyond the whole. */
export function atMostWholeErrors(value: IntOrString): readonly string[] {
  return (percentOf(value) ?? 0) > 100 ? ["must not be greater than 100%"] : [];
}
