import { compareQuantity, isQuantity } from "../../apimachinery/quantity.js";
import { CliError } from "../errors.js";
import { evaluateJsonPath, relaxedJsonPath } from "./jsonpath.js";

/** Objects in the order of what a path leads to; absent comes first, quantities are compared by what they amount to. */
export function sortByPath<T>(items: readonly T[], path: string, objectOf: (item: T) => unknown): T[] {
  const template = relaxedJsonPath(path);
  const keyed = items.map((item) => ({ item, key: evaluateJsonPath(template, objectOf(item)).flat()[0] }));
  if (keyed.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new CliError(`couldn't find any field with path ${JSON.stringify(template)} in the list of objects`);
  }
  return keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ item }) => item);
}

export function compareKeys(a: unknown, b: unknown): number {
  if (a === undefined || a === null || b === undefined || b === null) {
    return Number(a !== undefined && a !== null) - Number(b !== undefined && b !== null);
  }
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  const left = String(a);
  const right = String(b);
  if (isQuantity(left) && isQuantity(right)) return compareQuantity(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}
