import { qualifiedName } from "../../apimachinery/names.js";
import { compareQuantity } from "../../apimachinery/quantity.js";
import { duplicates, forbidden, invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { Draft, FieldError } from "../../apimachinery/schema/schema.js";
import { equal } from "../../base/equal.js";
import type { LimitRangeItem, LimitRangeSpec } from "./limit-range.js";

type Amounts = Readonly<Record<string, string>>;

// What a container may at most have is also what it gets where it says nothing; a request follows its limit.
export function limitDefaults({ type, ...item }: LimitRangeItem): Draft<LimitRangeItem> {
  if (type !== "Container") return {};
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  return {
    ...(Object.keys(limits).length === 0 || equal(limits, item.default) ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 || equal(requests, item.defaultRequest) ? {} : { defaultRequest: requests }),
  };
}

export const limitRangeRules = ({ limits }: LimitRangeSpec): FieldError[] =>
  duplicates(
    limits,
    ({ type }) => type,
    (index) => `limits[${index}].type`,
  );

const amountFields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

export function limitRules(item: LimitRangeItem): FieldError[] {
  const { type, min = {}, max = {} } = item;
  const errors = invalidFor("type", type, qualifiedName(type));
  for (const field of amountFields)
    for (const name of Object.keys(item[field] ?? {}))
      errors.push(...invalidFor(`${field}[${name}]`, name, qualifiedName(name)));
  if (type === "Pod")
    for (const field of ["default", "defaultRequest"] as const)
      if (item[field] !== undefined) errors.push(forbidden(field, "may not be specified when `type` is 'Pod'"));
  if (type === "PersistentVolumeClaim" && min.storage === undefined && max.storage === undefined)
    errors.push(required("limits", "either minimum or maximum storage value is required, but neither was provided"));
  const names = new Set(amountFields.flatMap((field) => Object.keys(item[field] ?? {})));
  return [...errors, ...[...names].flatMap((name) => orderErrors(item, name))];
}

/** Smallest, usual request, usual limit, largest: each at most the next. */
function orderErrors(item: LimitRangeItem, name: string): FieldError[] {
  const at = (amounts: Amounts | undefined): string | undefined =>
    amounts && Object.hasOwn(amounts, name) ? amounts[name] : undefined;
  const [min, request, limit, max] = [at(item.min), at(item.defaultRequest), at(item.default), at(item.max)];
  const ratio = at(item.maxLimitRequestRatio);
  const errors: FieldError[] = [];
  const atMost = (
    path: string,
    low: string | undefined,
    lowName: string,
    high: string | undefined,
    highName: string,
  ): void => {
    if (low !== undefined && high !== undefined && compareQuantity(low, high) > 0)
      errors.push(
        invalid(`${path}[${name}]`, low, `${lowName} value ${low} is greater than ${highName} value ${high}`),
      );
  };
  atMost("min", min, "min", max, "max");
  atMost("defaultRequest", min, "min", request, "default request");
  atMost("defaultRequest", request, "default request", max, "max");
  atMost("defaultRequest", request, "default request", limit, "default limit");
  atMost("default", min, "min", limit, "default");
  atMost("default", limit, "default", max, "max");
  if (ratio !== undefined && compareQuantity(ratio, "1") < 0)
    errors.push(invalid(`maxLimitRequestRatio[${name}]`, ratio, `ratio ${ratio} is less than 1`));
  return errors;
}
