/** What an access review says of the selectors of the request that it asks about. Pure. */
import type { ResourceAttributes } from "../../api/authorization/access-attributes.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { parseFieldSelector } from "../../apimachinery/selector/field.js";
import { parseLabelSelector } from "../../apimachinery/selector/label.js";

export interface Narrowing {
  /** The fields that must have one value. */
  readonly fields: ReadonlyMap<string, string>;
  /** Why a part was left out: rights are then judged as if the request had not that part. */
  readonly problems: readonly string[];
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}
interface Selector {
  readonly rawSelector?: string | undefined;
  readonly requirements?: readonly Requirement[] | undefined;
}

export function selectorErrors({ fieldSelector, labelSelector }: ResourceAttributes): readonly FieldError[] {
  return [
    ...errorsOf(fieldSelector, "spec.resourceAttributes.fieldSelector"),
    ...errorsOf(labelSelector, "spec.resourceAttributes.labelSelector"),
  ];
}

export function narrowingOf({ fieldSelector, labelSelector }: ResourceAttributes): Narrowing {
  const fields = new Map<string, string>();
  const problems: string[] = [];
  const attempt = (name: string, parse: () => void): void => {
    try {
      parse();
    } catch {
      problems.push(`spec.resourceAttributes.${name} ignored due to parse error`);
    }
  };
  attempt("fieldSelector", () => {
    for (const { field, operator, value } of parseFieldSelector(fieldSelector?.rawSelector ?? "").requirements)
      if (operator === "=") fields.set(field, value);
  });
  attempt("labelSelector", () => parseLabelSelector(labelSelector?.rawSelector ?? ""));
  for (const { key, operator, values = [] } of fieldSelector?.requirements ?? [])
    if (operator === "In" && values.length === 1 && values[0] !== undefined) fields.set(key, values[0]);
  return { fields, problems };
}

function* errorsOf(selector: Selector | undefined, path: string): Iterable<FieldError> {
  if (!selector) return;
  const { rawSelector = "", requirements = [] } = selector;
  if (rawSelector !== "" && requirements.length > 0) {
    const message = "may not specified at the same time as requirements";
    yield { path: `${path}.rawSelector`, reason: "Invalid", value: rawSelector, message };
  }
  if (rawSelector === "" && requirements.length === 0) {
    const message = `when ${path} is specified, requirements or rawSelector is required`;
    yield { path: `${path}.requirements`, reason: "Required", message };
  }
  for (const [index, requirement] of requirements.entries())
    yield* requirementErrors(requirement, `${path}.requirements[${index}]`);
}

/** An operator that this server does not know is let pass: newer clients may ask with it, and it narrows nothing. */
function* requirementErrors({ key, operator, values = [] }: Requirement, path: string): Iterable<FieldError> {
  if (key === "") yield { path: `${path}.key`, reason: "Required", message: "must be specified" };
  if ((operator === "In" || operator === "NotIn") && values.length === 0) {
    const message = "must be specified when `operator` is 'In' or 'NotIn'";
    yield { path: `${path}.values`, reason: "Required", message };
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
    const message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    yield { path: `${path}.values`, reason: "Forbidden", message };
  }
}
