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
  /** Tried in this order; the first that fits decides. A failure that none fits counts. */
  rules: list(
    ref<PodFailurePolicyRule>(() => podFailurePolicyRule),
    { default: [] },
  ),
});
export interface PodFailurePolicy extends Infer<typeof podFailurePolicy> {}

/** One way in which a pod fails, and what follows from it. */
export const podFailurePolicyRule = object("PodFailurePolicyRule", {
  /** FailJob ends the job, FailIndex the pod's index; Ignore leaves the failure out of the count, Count counts it. */
  action: oneOf(["Count", "FailIndex", "FailJob", "Ignore"]),
  /** Fits by how the containers ended. A rule has this or `onPodConditions`. */
  onExitCodes: optional(ref<PodFailurePolicyOnExitCodesRequirement>(() => podFailurePolicyOnExitCodesRequirement)),
  /** Fits if the pod has one of these conditions. A rule has this or `onExitCodes`. */
  onPodConditions: optional(
    list(ref<PodFailurePolicyOnPodConditionsPattern>(() => podFailurePolicyOnPodConditionsPattern)),
  ),
});
export interface PodFailurePolicyRule extends Infer<typeof podFailurePolicyRule> {}
addRules(podFailurePolicyRule, { validate: failureRuleRules });

/** Fits failed pods by the exit codes of their containers. */
export const podFailurePolicyOnExitCodesRequirement = object("PodFailurePolicyOnExitCodesRequirement", {
  /** In: a container ended with one of `values`; NotIn: a container ended with a code other than these. */
  operator: oneOf(["In", "NotIn"]),
  /** Only this container or init container is looked at; absent means all. */
  containerName: optional(string()),
  /** Exit codes in ascending order, each once, at least one; no 0 with operator In. */
  values: list(int32(), { listType: "set", default: [] }),
});
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof podFailurePolicyOnExitCodesRequirement> {}
addRules(podFailurePolicyOnExitCodesRequirement, { validate: exitCodeRules });

/** Fits failed pods by one of their conditions. */
export const podFailurePolicyOnPodConditionsPattern = object("PodFailurePolicyOnPodConditionsPattern", {
  /** Type of the condition: `DisruptionTarget`. */
  type: string({ nonEmpty: true }),
  /** What the condition must say; True unless given. */
  status: oneOf(["False", "True", "Unknown"], { default: "True" }),
});
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof podFailurePolicyOnPodConditionsPattern> {}

/** When a job counts as done before all its indexes are. */
export const successPolicy = object("SuccessPolicy", {
  /** The job ends well as soon as one of these is met; at least one. */
  rules: list(
    ref<SuccessPolicyRule>(() => successPolicyRule),
    { listType: "atomic", default: [] },
  ),
});
export interface SuccessPolicy extends Infer<typeof successPolicy> {}

/** Which indexes, or how many of them, are enough. */
export const successPolicyRule = object("SuccessPolicyRule", {
  /** How many indexes must have ended well, out of `succeededIndexes` where given. */
  succeededCount: optional(int32()),
  /** Indexes that must have ended well, as ranges: `0,2-4`; all of them if there is no count. */
  succeededIndexes: optional(string({ keepEmpty: true })),
});
export interface SuccessPolicyRule extends Infer<typeof successPolicyRule> {}
addRules(successPolicyRule, { validate: successRuleRules });
