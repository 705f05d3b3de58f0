import { dnsLabel, labelValue, qualifiedName } from "../../../apimachinery/names.js";
import { forbidden, invalid, invalidFor, required } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import type { NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm } from "./affinity.js";
import type { Toleration } from "./toleration.js";
import type { TopologySpreadConstraint } from "./topology-spread.js";

/** Where a pod may run: affinity, tolerations, spreading. */

const integer = /^[+-]?\d{1,19}$/;

export function nodeRequirementRules({ key, operator, values = [] }: NodeSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) errors.push(required("values", "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        errors.push(forbidden("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1)
        errors.push(required("values", "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      else if (!integer.test(values[0] ?? ""))
        errors.push(invalid("values", values[0], "must be an integer when `operator` is 'Lt' or 'Gt'"));
      break;
  }
  return errors.concat(key.startsWith("metadata.name") ? [] : invalidFor("key", key, qualifiedName(key)));
}

export function nodeTermRules({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): FieldError[] {
  const labels = matchExpressions.flatMap(({ values = [] }, index) =>
    values.flatMap((value, at) => invalidFor(`matchExpressions[${index}].values[${at}]`, value, labelValue(value))),
  );
  const fields = matchFields.flatMap(({ key, operator, values = [] }, index) => {
    const path = `matchFields[${index}]`;
    const errors: FieldError[] = [];
    if (key !== "metadata.name") errors.push(invalid(`${path}.key`, key, "not a valid field selector key"));
    if (operator !== "In" && operator !== "NotIn")
      errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
    else if (values.length !== 1)
      errors.push(
        required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
      );
    return errors;
  });
  return [...labels, ...fields];
}

export const podAffinityTermRules = ({ topologyKey, namespaces = [] }: PodAffinityTerm): FieldError[] => [
  ...namespaces.flatMap((namespace, index) => invalidFor(`namespaces[${index}]`, namespace, dnsLabel(namespace))),
  ...invalidFor("topologyKey", topologyKey, qualifiedName(topologyKey)),
];

export function tolerationRules(toleration: Toleration): FieldError[] {
  const { key = "", operator = "Equal", value = "", effect, tolerationSeconds } = toleration;
  const errors = key === "" ? [] : invalidFor("key", key, qualifiedName(key));
  if (key === "" && operator !== "Exists")
    errors.push(
      invalid(
        "operator",
        toleration.operator ?? "",
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (tolerationSeconds !== undefined && effect !== "NoExecute")
    errors.push(invalid("effect", effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  if (operator === "Exists") {
    if (value !== "") errors.push(invalid("operator", toleration, "value must be empty when `operator` is 'Exists'"));
  } else if (operator === "Equal") {
    errors.push(...invalidFor("operator", value, labelValue(value)));
  } else if (!integer.test(value)) {
    errors.push(invalid("value", value, `value must be a valid integer when operator is ${operator}`));
  }
  return errors;
}

export function topologySpreadRules(constraint: TopologySpreadConstraint): FieldError[] {
  const { maxSkew, minDomains, topologyKey, whenUnsatisfiable, matchLabelKeys = [], labelSelector } = constraint;
  const errors: FieldError[] = [];
  if (maxSkew <= 0) errors.push(invalid("maxSkew", maxSkew, "must be greater than zero"));
  errors.push(...invalidFor("topologyKey", topologyKey, qualifiedName(topologyKey)));
  if (minDomains !== undefined) {
    if (minDomains <= 0) errors.push(invalid("minDomains", minDomains, "must be greater than zero"));
    if (whenUnsatisfiable !== "DoNotSchedule")
      errors.push(
        invalid(
          "minDomains",
          minDomains,
          `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
        ),
      );
  }
  if (matchLabelKeys.length > 0 && !labelSelector)
    errors.push(forbidden("matchLabelKeys", "must not be specified when labelSelector is not set"));
  return errors;
}
