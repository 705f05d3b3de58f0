import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, list, object, oneOf, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { type MatchResources, matchResources, type ParamRef, paramRef } from "./policy.js";
import { bindingActionRules, paramRefText } from "./policy-rules.js";

/** Which policy holds where, with which parameters and consequences. */
export const validatingAdmissionPolicyBindingSpec = object("ValidatingAdmissionPolicyBindingSpec", {
  /** Narrows further what the policy is about; absent narrows nothing. */
  matchResources: optional(ref<MatchResources>(() => matchResources)),
  /** The parameters that the policy's expressions see as `params`. */
  paramRef: optional(ref<ParamRef>(() => paramRef)),
  /** Name of the policy that is put in force. */
  policyName: string({ nonEmpty: true }),
  /** What a failed check leads to: Deny, Warn, Audit; not Deny with Warn. */
  validationActions: list(oneOf(["Audit", "Deny", "Warn"]), { listType: "set", default: [] }),
});
export interface ValidatingAdmissionPolicyBindingSpec extends Infer<typeof validatingAdmissionPolicyBindingSpec> {}
addRules(validatingAdmissionPolicyBindingSpec, { validate: bindingActionRules });

/** Says where a validating policy holds, and what follows when it is broken. */
export const validatingAdmissionPolicyBindings = defineResource({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: validatingAdmissionPolicyBindingSpec,
  notBuilt: "effect",
  columns: [
    nameColumn,
    { name: "PolicyName", cell: ({ spec }) => spec.policyName },
    { name: "ParamRef", cell: ({ spec }) => paramRefText(spec.paramRef) },
    ageColumn,
  ],
});
export interface ValidatingAdmissionPolicyBinding extends ObjectOf<typeof validatingAdmissionPolicyBindings> {}
