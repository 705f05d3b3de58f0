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
  /** Name with a domain, unlike the others' of its configuration: `pods.example.com`. */
  name: string({ nonEmpty: true }),
  /** Versions of AdmissionReview that it reads; the first that the server knows is sent. */
  admissionReviewVersions: list(string(), { default: [] }),
  /** The server calls it there over TLS; either `url` or `service` is given. */
  clientConfig: ref<WebhookClientConfig>(() => webhookClientConfig, { default: {} }),
  /** What a webhook that does not answer means. */
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  /** Expressions that must all be true for it to be called. */
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Whether the same object in another version counts too (Equivalent, the default) or not (Exact). */
  matchPolicy: oneOf(["Equivalent", "Exact"], { default: "Equivalent" }),
  /** Only objects whose namespace has these labels; empty means all. Cluster-wide objects always fit. */
  namespaceSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  /** Only objects with these labels, before or after the change; empty means all. */
  objectSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  /** Requests for which it is called: those that fit any of these. */
  rules: optional(list(ref<RuleWithOperations>(() => ruleWithOperations))),
  /** None, or NoneOnDryRun if it changes anything elsewhere unless the request is a dry run. */
  sideEffects: oneOf(["None", "NoneOnDryRun"]),
  /** Seconds that it has to answer, 1 to 30; 10 by default. */
  timeoutSeconds: int32({ default: 10 }),
});
export interface ValidatingWebhook extends Infer<typeof validatingWebhook> {}
addRules(validatingWebhook, { validate: webhookRules });

/** A web service that is asked to change a write before it happens. */
export const mutatingWebhook = object("MutatingWebhook", {
  /** Name with a domain, unlike the others' of its configuration: `pods.example.com`. */
  name: string({ nonEmpty: true }),
  /** Versions of AdmissionReview that it reads; the first that the server knows is sent. */
  admissionReviewVersions: list(string(), { default: [] }),
  /** The server calls it there over TLS; either `url` or `service` is given. */
  clientConfig: ref<WebhookClientConfig>(() => webhookClientConfig, { default: {} }),
  /** What a webhook that does not answer means. */
  failurePolicy: oneOf(["Fail", "Ignore"], { default: "Fail" }),
  /** Expressions that must all be true for it to be called. */
  matchConditions: optional(
    list(
      ref<MatchCondition>(() => matchCondition),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Whether the same object in another version counts too (Equivalent, the default) or not (Exact). */
  matchPolicy: oneOf(["Equivalent", "Exact"], { default: "Equivalent" }),
  /** Only objects whose namespace has these labels; empty means all. Cluster-wide objects always fit. */
  namespaceSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  /** Only objects with these labels, before or after the change; empty means all. */
  objectSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  /** Whether it is called again after others have changed the object: Never (the default) or IfNeeded. */
  reinvocationPolicy: oneOf(["IfNeeded", "Never"], { default: "Never" }),
  /** Requests for which it is called: those that fit any of these. */
  rules: optional(list(ref<RuleWithOperations>(() => ruleWithOperations))),
  /** None, or NoneOnDryRun if it changes anything elsewhere unless the request is a dry run. */
  sideEffects: oneOf(["None", "NoneOnDryRun"]),
  /** Seconds that it has to answer, 1 to 30; 10 by default. */
  timeoutSeconds: int32({ default: 10 }),
});
export interface MutatingWebhook extends Infer<typeof mutatingWebhook> {}
addRules(mutatingWebhook, { validate: webhookRules });

/** Where a webhook is reached, and whose certificates it has. */
export const webhookClientConfig = object("WebhookClientConfig", {
  /** Certificates, in PEM and base64, that the webhook's own must lead to; absent: those the server trusts. */
  caBundle: optional(bytes()),
  /** Instead of `url`, for webhooks that run in the cluster. */
  service: optional(ref<ServiceReference>(() => serviceReference)),
  /** An `https` address without user, query and fragment; instead of `service`. */
  url: optional(string()),
});
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}
addRules(webhookClientConfig, { validate: clientConfigRules });

/** A port and path of a service of the cluster. */
export const serviceReference = object("ServiceReference", {
  /** Name of the service. */
  name: string({ nonEmpty: true }),
  /** Namespace of the service. */
  namespace: string({ nonEmpty: true }),
  /** Path of the requests, from its first slash. */
  path: optional(string()),
  /** Port of the service; 443 by default. */
  port: int32({ default: 443, min: 1, max: 65535 }),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

/** Writes that are meant: what is done to which resources. */
export const ruleWithOperations = object("RuleWithOperations", {
  /** Groups of the resources; an empty string is the core group, `*` alone is all. */
  apiGroups: optional(list(string())),
  /** Versions of the group; `*` alone is all. */
  apiVersions: optional(list(string())),
  /** CREATE, UPDATE, DELETE, CONNECT, or `*` alone for all. */
  operations: optional(list(string())),
  /** Resources and subresources: `pods`, `pods/log`, `pods/*`; `*` alone is all but subresources. */
  resources: optional(list(string())),
  /** Which objects are meant: Cluster, Namespaced, or `*` (the default) for both. */
  scope: oneOf(["*", "Cluster", "Namespaced"], { default: "*" }),
});
export interface RuleWithOperations extends Infer<typeof ruleWithOperations> {}
addRules(ruleWithOperations, { validate: operationRules });

/** An expression that must be true for the write to count. */
export const matchCondition = object("MatchCondition", {
  /** Name by which messages tell of it, unlike the others'. */
  name: string({ default: "" }),
  /** A CEL expression that yields true or false; sees `object`, `oldObject`, `request` and `authorizer`. */
  expression: string({ default: "" }),
});
export interface MatchCondition extends Infer<typeof matchCondition> {}
