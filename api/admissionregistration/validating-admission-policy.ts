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
  /** What goes into the audit log; these or `validations` must be given. */
  auditAnnotations: optional(list(ref<AuditAnnotation>(() => auditAnnotation))),
  /** Whether a request is refused (Fail, the default) or let through (Ignore) when the policy itself breaks. */
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  /** Expressions that must all be true for the policy to look at a request. */
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Needed, with at least one of `resourceRules`; bindings can narrow it. */
  matchConstraints: optional(ref<MatchResources>(() => matchResources)),
  /** Bindings may give such objects as `params`; absent means that they give none. */
  paramKind: optional(ref<ParamKind>(() => paramKind)),
  /** Checks, all of which must hold. */
  validations: optional(list(ref<Validation>(() => validation))),
  /** Values that later expressions may use as `variables.NAME`; each sees those before it. */
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
  /** A CEL expression that is true of a good request; sees `object`, `oldObject`, `request`, `params` and more. */
  expression: string({ nonEmpty: true }),
  /** What the client is told of a failure. */
  message: optional(string()),
  /** A CEL expression that makes the message; goes before `message` if it yields one. */
  messageExpression: optional(string()),
  /** Reason in the answer: Unauthorized, Forbidden, Invalid or RequestEntityTooLarge; Invalid if absent. */
  reason: optional(string()),
});
export interface Validation extends Infer<typeof validation> {}

/** Something worth noting in the audit log. */
export const auditAnnotation = object("AuditAnnotation", {
  /** Key in the audit log, after the policy's name and a slash. */
  key: string({ nonEmpty: true }),
  /** A CEL expression for the text; null leaves the entry out. */
  valueExpression: string({ nonEmpty: true }),
});
export interface AuditAnnotation extends Infer<typeof auditAnnotation> {}

/** What was found of the policy's expressions. */
export const validatingAdmissionPolicyStatus = object("ValidatingAdmissionPolicyStatus", {
  /** What else there is to say of its state. */
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"] },
    ),
  ),
  /** Generation of the spec from which this was made. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** What a check of the expressions' types found; absent before it was made. */
  typeChecking: optional(ref<TypeChecking>(() => typeChecking)),
});
export interface ValidatingAdmissionPolicyStatus extends Infer<typeof validatingAdmissionPolicyStatus> {}

/** What was found when the expressions were checked against the kinds. */
export const typeChecking = object("TypeChecking", {
  /** Expressions that do not fit the types of what the policy is about. */
  expressionWarnings: optional(list(ref<ExpressionWarning>(() => expressionWarning))),
});
export interface TypeChecking extends Infer<typeof typeChecking> {}

/** Something odd about one expression. */
export const expressionWarning = object("ExpressionWarning", {
  /** Path of the expression: `spec.validations[0].expression`. */
  fieldRef: string({ nonEmpty: true }),
  /** What is wrong with it. */
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
