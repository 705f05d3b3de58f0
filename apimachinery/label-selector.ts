import { labelValue, qualifiedName } from "./names.js";
import { forbidden, invalidFor, required } from "./schema/field-error.js";
import {
  addRules,
  type FieldError,
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "./schema/schema.js";
import { validateLabels } from "./validate-meta.js";

/** Which objects are meant, by their labels: everything stated here must hold. */
export const labelSelector = object(
  "LabelSelector",
  {
    /** Labels that must be there with these values. */
    matchLabels: optional(map(string())),
    /** Requirements that must all hold. */
    matchExpressions: optional(list(ref<LabelSelectorRequirement>(() => labelSelectorRequirement))),
  },
  { mapType: "atomic" },
);
export interface LabelSelector extends Infer<typeof labelSelector> {}
addRules(labelSelector, { validate: selectorRules });

/** One condition on a label: its key, and what its value may be. */
export const labelSelectorRequirement = object("LabelSelectorRequirement", {
  /** Label that the requirement is about. */
  key: string({ nonEmpty: true }),
  /** In, NotIn, Exists or DoesNotExist. */
  operator: oneOf(["In", "NotIn", "Exists", "DoesNotExist"], { refusal: "not a valid selector operator" }),
  /** One or more for In and NotIn, none for the others. */
  values: optional(list(string())),
});
export interface LabelSelectorRequirement extends Infer<typeof labelSelectorRequirement> {}
addRules(labelSelectorRequirement, { validate: requirementRules });

function requirementRules({ key, operator, values = [] }: LabelSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) errors.push(required("values", "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
    errors.push(forbidden("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  errors.push(...invalidFor("key", key, qualifiedName(key)));
  for (const [index, value] of values.entries())
    errors.push(...invalidFor(`values[${index}]`, value, labelValue(value)));
  return errors;
}

function selectorRules({ matchLabels }: LabelSelector): FieldError[] {
  return validateLabels(matchLabels, "matchLabels");
}
