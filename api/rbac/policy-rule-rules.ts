import { invalid, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import type { PolicyRule } from "./policy-rule.js";

/** A rule speaks of resources or, in a ClusterRole, of other paths; never of both. */
export function policyRuleErrors(rules: readonly PolicyRule[], namespaced: boolean): FieldError[] {
  return rules.flatMap((rule, index) => under(`rules[${index}]`, ruleErrors(rule, namespaced)));
}

function ruleErrors(rule: PolicyRule, namespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors = verbs.length === 0 ? [required("verbs", "verbs must contain at least one value")] : [];
  if (nonResourceURLs.length > 0) {
    if (namespaced)
      errors.push(invalid("nonResourceURLs", nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length + resources.length + resourceNames.length > 0)
      errors.push(
        invalid(
          "nonResourceURLs",
          nonResourceURLs,
          "rules cannot apply to both regular resources and non-resource URLs",
        ),
      );
    return errors;
  }
  if (apiGroups.length === 0) errors.push(required("apiGroups", "resource rules must supply at least one api group"));
  if (resources.length === 0) errors.push(required("resources", "resource rules must supply at least one resource"));
  return errors;
}
