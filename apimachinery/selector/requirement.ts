import { labelValue, qualifiedName } from "../names.js";

export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, without repeats; one for `=`, `==`, `!=`, `gt` and `lt`, none for `exists` and `!`. */
  readonly values: readonly string[];
}

/** What is wrong with a requirement (path relative to the selector's text), in Kubernetes' words. */
export function requirementErrors({ key, operator, values }: LabelRequirement): readonly string[] {
  const errors: string[] = [];
  const keyErrors = qualifiedName(key);
  if (keyErrors.length > 0) errors.push(`key: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join("; ")}`);
  if ((operator === "in" || operator === "notin") && values.length === 0)
    errors.push(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`);
  if (operator === "gt" || operator === "lt")
    for (const [index, value] of values.entries())
      if (integerOf(value) === undefined)
        errors.push(
          `values[${index}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
  for (const [index, value] of values.entries()) {
    const wrong = labelValue(value);
    if (wrong.length > 0)
      errors.push(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join("; ")}`);
  }
  return errors;
}

/** One message of several, as Kubernetes aggregates them. */
export const aggregate = (messages: readonly string[]): string =>
  messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(", ")}]`;

const maxInteger = 2n ** 63n - 1n;

/** A signed 64-bit decimal integer. */
export function integerOf(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,63}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value <= maxInteger && value >= -maxInteger - 1n ? value : undefined;
}
