import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import {
  addRules,
  bytes,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { clientConfigRules, operationRules, webhookRules } from "./webhook-rules.js";

/** A web service that is asked whether a write may happen. */
export const validatingWebhook = object("ValidatingWebhook", {
  name: string({ nonEmpty: true }),
  admissionReviewVersions: list(string(), { default: [] }),
  clientConfig: ref<WebhookClientConfig>(() => webhookClientConfig, { default: {} }),
  /** What a webhook that does not answer means. */
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  matchPolicy: oneOf(["Equivalent", "Exact"], { default: "Equivalent" }),
  namespaceSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  objectSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  rules: optional(list(ref<RuleWithOperations>(() => ruleWithOperations))),
  sideEffects: oneOf(["None", "NoneOnDryRun"]),
  timeoutSeconds: int32({ default: 10 }),
});
export interface ValidatingWebhook extends Infer<typeof validatingWebhook> {}
addRules(validatingWebhook, { validate: webhookRules });

/** A web service that is asked to change a write before it happens. */
export const mutatingWebhook = object("MutatingWebhook", {
  name: string({ nonEmpty: true }),
  admissionReviewVersions: list(string(), { default: [] }),
  clientConfig: ref<WebhookClientConfig>(() => webhookClientConfig, { default: {} }),
  /** What a webhook that does not answer means. */
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  matchPolicy: oneOf(["Equivalent", "Exact"], { default: "Equivalent" }),
  namespaceSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  objectSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  reinvocationPolicy: oneOf(["IfNeeded", "Never"], { default: "Never" }),
  rules: optional(list(ref<RuleWithOperations>(() => ruleWithOperations))),
  sideEffects: oneOf(["None", "NoneOnDryRun"]),
  timeoutSeconds: int32({ default: 10 }),
});
export interface MutatingWebhook extends Infer<typeof mutatingWebhook> {}
addRules(mutatingWebhook, { validate: webhookRules });

/** Where a webhook is reached, and whose certificates it has. */
export const webhookClientConfig = object("WebhookClientConfig", {
  caBundle: optional(bytes()),
  service: optional(ref<ServiceReference>(() => serviceReference)),
  url: optional(string()),
});
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}
addRules(webhookClientConfig, { validate: clientConfigRules });

/** A port and path of a service of the cluster. */
export const serviceReference = object("ServiceReference", {
  name: string({ nonEmpty: true }),
  namespace: string({ nonEmpty: true }),
  path: optional(string()),
  port: int32({ default: 443, min: 1, max: 65535 }),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

/** Writes that are meant: what is done to which resources. */
export const ruleWithOperations = object("RuleWithOperations", {
  apiGroups: optional(list(string())),
  apiVersions: optional(list(string())),
  operations: optional(list(string())),
  resources: optional(list(string())),
  scope: oneOf(["*", "Cluster", "Namespaced"], { default: "*" }),
});
export interface RuleWithOperations extends Infer<typeof ruleWithOperations> {}
addRules(ruleWithOperations, { validate: operationRules });

/** An expression that must be true for the write to count. */
export const matchCondition = object("MatchCondition", {
  name: string({ default: "" }),
  expression: string({ default: "" }),
});
export interface MatchCondition extends Infer<typeof matchCondition> {}
