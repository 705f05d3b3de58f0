import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { type MatchResources, matchResources, type ParamRef, paramRef } from "./policy.js";
import { paramRefText } from "./policy-rules.js";

/** Which policy holds where, with which parameters. */
export const mutatingAdmissionPolicyBindingSpec = object("MutatingAdmissionPolicyBindingSpec", {
  /** Narrows further what the policy is about; absent narrows nothing. */
  matchResources: optional(ref<MatchResources>(() => matchResources)),
  /** The parameters that the policy's expressions see as `params`. */
  paramRef: optional(ref<ParamRef>(() => paramRef)),
  /** Name of the policy that is put in force. */
  policyName: optional(string()),
});
export interface MutatingAdmissionPolicyBindingSpec extends Infer<typeof mutatingAdmissionPolicyBindingSpec> {}

/** Says where a mutating policy holds. */
export const mutatingAdmissionPolicyBindings = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicyBinding",
  plural: "mutatingadmissionpolicybindings",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: mutatingAdmissionPolicyBindingSpec,
  notBuilt: "effect",
  columns: [
    nameColumn,
    { name: "PolicyName", cell: ({ spec }) => spec.policyName },
    { name: "ParamRef", cell: ({ spec }) => paramRefText(spec.paramRef) },
    ageColumn,
  ],
});
export interface MutatingAdmissionPolicyBinding extends ObjectOf<typeof mutatingAdmissionPolicyBindings> {}
