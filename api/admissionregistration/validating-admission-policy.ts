import { type Condition, condition } from "../../apimachinery/condition.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  exactInt64,
  type Infer,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { type MatchResources, matchResources, type ParamKind, paramKind, type Variable, variable } from "./policy.js";
import { paramKindText, validatingPolicyRules } from "./policy-rules.js";
import { type MatchCondition, matchCondition } from "./webhook.js";

/** Which writes are checked, and by which expressions. */
export const validatingAdmissionPolicySpec = object("ValidatingAdmissionPolicySpec", {
  auditAnnotations: optional(list(ref<AuditAnnotation>(() => auditAnnotation))),
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  matchConstraints: optional(ref<MatchResources>(() => matchResources)),
  paramKind: optional(ref<ParamKind>(() => paramKind)),
  validations: optional(list(ref<Validation>(() => validation))),
  variables: optional(
    list(
      ref<Variable>(() => variable),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
});
export interface ValidatingAdmissionPolicySpec extends Infer<typeof validatingAdmissionPolicySpec> {}
addRules(validatingAdmissionPolicySpec, { validate: validatingPolicyRules });

/** An expression that must be true, and what to say when it is not. */
export const validation = object("Validation", {
  expression: string({ nonEmpty: true }),
  message: optional(string()),
  messageExpression: optional(string()),
  reason: optional(string()),
});
export interface Validation extends Infer<typeof validation> {}

/** Something worth noting in the audit log. */
export const auditAnnotation = object("AuditAnnotation", {
  key: string({ nonEmpty: true }),
  valueExpression: string({ nonEmpty: true }),
});
export interface AuditAnnotation extends Infer<typeof auditAnnotation> {}

/** What was found of the policy's expressions. */
export const validatingAdmissionPolicyStatus = object("ValidatingAdmissionPolicyStatus", {
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"] },
    ),
  ),
  observedGeneration: optional(exactInt64({ omitZero: true })),
  typeChecking: optional(ref<TypeChecking>(() => typeChecking)),
});
export interface ValidatingAdmissionPolicyStatus extends Infer<typeof validatingAdmissionPolicyStatus> {}

/** What was found when the expressions were checked against the kinds. */
export const typeChecking = object("TypeChecking", {
  expressionWarnings: optional(list(ref<ExpressionWarning>(() => expressionWarning))),
});
export interface TypeChecking extends Infer<typeof typeChecking> {}

/** Something odd about one expression. */
export const expressionWarning = object("ExpressionWarning", {
  fieldRef: string({ nonEmpty: true }),
  warning: string({ nonEmpty: true }),
});
export interface ExpressionWarning extends Infer<typeof expressionWarning> {}

/** Expressions that writes are checked by, wherever a binding says so. */
export const validatingAdmissionPolicies = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: validatingAdmissionPolicySpec,
  status: validatingAdmissionPolicyStatus,
  subresources: { status: true },
  notBuilt: "effect",
  columns: [
    nameColumn,
    { name: "Validations", type: "integer", cell: ({ spec }) => (spec.validations ?? []).length },
    { name: "ParamKind", cell: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
});
export interface ValidatingAdmissionPolicy extends ObjectOf<typeof validatingAdmissionPolicies> {}
