import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, oneOf, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { type MatchResources, matchResources, type ParamKind, paramKind, type Variable, variable } from "./policy.js";
import { paramKindText } from "./policy-rules.js";
import { type MatchCondition, matchCondition } from "./webhook.js";

/** Which writes are changed, and by which expressions. */
export const mutatingAdmissionPolicySpec = object("MutatingAdmissionPolicySpec", {
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  matchConstraints: optional(ref<MatchResources>(() => matchResources)),
  mutations: optional(list(ref<Mutation>(() => mutation))),
  paramKind: optional(ref<ParamKind>(() => paramKind)),
  reinvocationPolicy: optional(oneOf(["IfNeeded", "Never"])),
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
  applyConfiguration: optional(ref<ApplyConfiguration>(() => applyConfiguration)),
  jsonPatch: optional(ref<JSONPatch>(() => jsonPatch)),
  patchType: oneOf(["ApplyConfiguration", "JSONPatch"]),
});
export interface Mutation extends Infer<typeof mutation> {}

/** An expression for what is to be merged into an object. */
export const applyConfiguration = object("ApplyConfiguration", {
  expression: optional(string()),
});
export interface ApplyConfiguration extends Infer<typeof applyConfiguration> {}

/** An expression for a list of changes. */
export const jsonPatch = object("JSONPatch", {
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
