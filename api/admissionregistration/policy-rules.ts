import { invalid, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { ParamKind, ParamRef } from "./policy.js";
import type { ValidatingAdmissionPolicySpec } from "./validating-admission-policy.js";
import type { ValidatingAdmissionPolicyBindingSpec } from "./validating-admission-policy-binding.js";

/** Rules and columns of admission policies. Their expressions are kept as they are written. */

export function validatingPolicyRules({
  validations = [],
  auditAnnotations = [],
  matchConstraints,
}: ValidatingAdmissionPolicySpec): FieldError[] {
  const errors: FieldError[] = [];
  if (validations.length + auditAnnotations.length === 0)
    for (const field of ["validations", "auditAnnotations"])
      errors.push(required(field, "validations or auditAnnotations must contain at least one item"));
  if (!matchConstraints) errors.push(required("matchConstraints"));
  else if ((matchConstraints.resourceRules ?? []).length === 0) errors.push(required("matchConstraints.resourceRules"));
  return errors;
}

export function bindingActionRules({
  validationActions,
  paramRef,
}: ValidatingAdmissionPolicyBindingSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (validationActions.length === 0)
    errors.push(required("validationActions", "at least one validation action is required"));
  if (validationActions.includes("Deny") && validationActions.includes("Warn"))
    errors.push(
      invalid(
        "validationActions",
        validationActions,
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
      ),
    );
  if (paramRef && (paramRef.name === undefined) === (paramRef.selector === undefined))
    errors.push(required("paramRef.name", "one of name or selector must be specified"));
  return errors;
}

export const paramKindText = (kind: ParamKind | undefined): string =>
  kind ? `${kind.apiVersion ?? ""}/${kind.kind ?? ""}` : "<unset>";

export function paramRefText(paramRef: ParamRef | undefined): string {
  if (!paramRef) return "<unset>";
  const { namespace, name = "*" } = paramRef;
  return namespace === undefined ? name : `${namespace}/${name}`;
}
