import {
  addRules,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { exitCodeRules, failureRuleRules, successRuleRules } from "./job-rules.js";

/** What different ways of failing mean; the first rule that fits counts. */
export const podFailurePolicy = object("PodFailurePolicy", {
  rules: list(
    ref<PodFailurePolicyRule>(() => podFailurePolicyRule),
    { default: [] },
  ),
});
export interface PodFailurePolicy extends Infer<typeof podFailurePolicy> {}

/** One way in which a pod fails, and what follows from it. */
export const podFailurePolicyRule = object("PodFailurePolicyRule", {
  action: oneOf(["Count", "FailIndex", "FailJob", "Ignore"]),
  onExitCodes: optional(ref<PodFailurePolicyOnExitCodesRequirement>(() => podFailurePolicyOnExitCodesRequirement)),
  onPodConditions: optional(
    list(ref<PodFailurePolicyOnPodConditionsPattern>(() => podFailurePolicyOnPodConditionsPattern)),
  ),
});
export interface PodFailurePolicyRule extends Infer<typeof podFailurePolicyRule> {}
addRules(podFailurePolicyRule, { validate: failureRuleRules });

/** Fits failed pods by the exit codes of their containers. */
export const podFailurePolicyOnExitCodesRequirement = object("PodFailurePolicyOnExitCodesRequirement", {
  operator: oneOf(["In", "NotIn"]),
  containerName: optional(string()),
  values: list(int32(), { listType: "set", default: [] }),
});
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof podFailurePolicyOnExitCodesRequirement> {}
addRules(podFailurePolicyOnExitCodesRequirement, { validate: exitCodeRules });

/** Fits failed pods by one of their conditions. */
export const podFailurePolicyOnPodConditionsPattern = object("PodFailurePolicyOnPodConditionsPattern", {
  type: string({ nonEmpty: true }),
  status: oneOf(["False", "True", "Unknown"], { default: "True" }),
});
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof podFailurePolicyOnPodConditionsPattern> {}

/** When a job counts as done before all its indexes are. */
export const successPolicy = object("SuccessPolicy", {
  rules: list(
    ref<SuccessPolicyRule>(() => successPolicyRule),
    { listType: "atomic", default: [] },
  ),
});
export interface SuccessPolicy extends Infer<typeof successPolicy> {}

/** Which indexes, or how many of them, are enough. */
export const successPolicyRule = object("SuccessPolicyRule", {
  succeededCount: optional(int32()),
  succeededIndexes: optional(string({ keepEmpty: true })),
});
export interface SuccessPolicyRule extends Infer<typeof successPolicyRule> {}
addRules(successPolicyRule, { validate: successRuleRules });
