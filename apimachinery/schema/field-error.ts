import type { FieldError } from "./schema.js";

/** Field errors as rules write them; the path is relative to the object that the rule belongs to. */

export const invalid = (path: string, value: unknown, message: string): FieldError => ({
  path,
  reason: "Invalid",
  value,
  message,
});
export const required = (path: string, message = ""): FieldError => ({ path, reason: "Required", message });
export const forbidden = (path: string, message: string): FieldError => ({ path, reason: "Forbidden", message });
export const duplicate = (path: string, value: unknown): FieldError => ({
  path,
  reason: "Duplicate",
  value,
  message: "",
});
export const missing = (path: string, value: unknown): FieldError => ({ path, reason: "NotFound", value, message: "" });
export const tooLong = (path: string, maxBytes: number): FieldError => ({
  path,
  reason: "TooLong",
  message: `may not be more than ${maxBytes} bytes`,
});
export const notSupported = (path: string, value: unknown, supported: readonly string[]): FieldError => ({
  path,
  reason: "NotSupported",
  value,
  message: `supported values: ${[...supported]
    .sort()
    .map((each) => JSON.stringify(each))
    .join(", ")}`,
});

/** Messages of a name rule as errors of one field. */
export const invalidFor = (path: string, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map((message) => invalid(path, value, message));

export const notNegative = (path: string, value: number | bigint | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(path, value, "must be greater than or equal to 0")] : [];

/** A Duplicate error for every item whose key came up before it. */
export function duplicates<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
  pathOf: (index: number) => string,
): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    if (seen.has(key)) return [duplicate(pathOf(index), key)];
    seen.add(key);
    return [];
  });
}
