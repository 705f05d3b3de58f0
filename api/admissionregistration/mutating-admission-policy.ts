import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, oneOf, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { type MatchResources, matchResources, type ParamKind, paramKind, type Variable, variable } from "./policy.js";
import { paramKindText } from "./policy-rules.js";
import { type MatchCondition, matchCondition } from "./webhook.js";

/** Which writes are changed, and by which expressions. */
export const mutatingAdmissionPolicySpec = object("MutatingAdmissionPolicySpec", {
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
  /** What is changed, in this order. */
  mutations: optional(list(ref<Mutation>(() => mutation))),
  /** Bindings may give such objects as `params`; absent means that they give none. */
  paramKind: optional(ref<ParamKind>(() => paramKind)),
  /** Whether it is run again after others have changed the object: Never or IfNeeded. */
  reinvocationPolicy: optional(oneOf(["IfNeeded", "Never"])),
  /** Values that later expressions may use as `variables.NAME`; each sees those before it. */
  variables: optional(
    list(
      ref<Variable>(() => variable),
      { listType: "atomic" },
    ),
  ),
});
export interface MutatingAdmissionPolicySpec extends Infer<typeof mutatingAdmissionPolicySpec> {}

/** One change of an object. */
export const mutation = object("Mutation", {
  /** A change that is merged in; for patch type ApplyConfiguration. */
  applyConfiguration: optional(ref<ApplyConfiguration>(() => applyConfiguration)),
  /** A change by steps; for patch type JSONPatch. */
  jsonPatch: optional(ref<JSONPatch>(() => jsonPatch)),
  /** Which field is filled: ApplyConfiguration or JSONPatch. */
  patchType: oneOf(["ApplyConfiguration", "JSONPatch"]),
});
export interface Mutation extends Infer<typeof mutation> {}

/** An expression for what is to be merged into an object. */
export const applyConfiguration = object("ApplyConfiguration", {
  /** A CEL expression whose value, of type `Object`, is merged in as server-side apply does it. */
  expression: optional(string()),
});
export interface ApplyConfiguration extends Infer<typeof applyConfiguration> {}

/** An expression for a list of changes. */
export const jsonPatch = object("JSONPatch", {
  /** A CEL expression whose value is a list of `JSONPatch` operations. */
  expression: optional(string()),
});
export interface JSONPatch extends Infer<typeof jsonPatch> {}

/** Expressions that change writes, wherever a binding says so. */
export const mutatingAdmissionPolicies = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicy",
  plural: "mutatingadmissionpolicies",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: mutatingAdmissionPolicySpec,
  notBuilt: "effect",
  columns: [
    nameColumn,
    { name: "Mutations", type: "integer", cell: ({ spec }) => (spec.mutations ?? []).length },
    { name: "ParamKind", cell: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
});
export interface MutatingAdmissionPolicy extends ObjectOf<typeof mutatingAdmissionPolicies> {}
