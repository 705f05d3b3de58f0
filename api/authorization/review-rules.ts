import { invalid } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { NonResourceAttributes, ResourceAttributes } from "./access-attributes.js";

interface Question {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

/** A review asks about a resource or about another path: one of the two. Paths are relative to its spec. */
export function attributeErrors({ resourceAttributes, nonResourceAttributes }: Question): FieldError[] {
  if (resourceAttributes && nonResourceAttributes)
    return [
      invalid(
        "nonResourceAttributes",
        nonResourceAttributes,
        "cannot be specified in combination with resourceAttributes",
      ),
    ];
  if (resourceAttributes || nonResourceAttributes) return [];
  const message = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return [invalid("resourceAttributes", null, message)];
}

export function subjectErrors({
  user = "",
  groups = [],
}: {
  readonly user?: string;
  readonly groups?: readonly string[];
}): FieldError[] {
  return user === "" && groups.length === 0
    ? [invalid("user", "", "at least one of user or group must be specified")]
    : [];
}
