import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  boolean,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { flowSchemaColumns } from "./columns.js";
import { flowRules, subjectRules } from "./rules.js";

/** Which requests belong to which priority level. */
export const flowSchemaSpec = object("FlowSchemaSpec", {
  /** Each flow has its own turn; absent makes all requests of the schema one flow. */
  distinguisherMethod: optional(ref<FlowDistinguisherMethod>(() => flowDistinguisherMethod)),
  /** The lowest that fits a request counts. */
  matchingPrecedence: int32({ default: 1000, omitZero: true, min: 1, max: 10000 }),
  /** Which level takes the requests. */
  priorityLevelConfiguration: ref<PriorityLevelConfigurationReference>(() => priorityLevelConfigurationReference, {
    default: {},
  }),
  /** Requests that are meant: those that fit any of these. */
  rules: optional(list(ref<PolicyRulesWithSubjects>(() => policyRulesWithSubjects))),
});
export interface FlowSchemaSpec extends Infer<typeof flowSchemaSpec> {}

/** How requests are told apart into flows. */
export const flowDistinguisherMethod = object("FlowDistinguisherMethod", {
  /** ByUser, or ByNamespace of the object that is addressed. */
  type: oneOf(["ByNamespace", "ByUser"]),
});
export interface FlowDistinguisherMethod extends Infer<typeof flowDistinguisherMethod> {}

/** Names a priority level. */
export const priorityLevelConfigurationReference = object("PriorityLevelConfigurationReference", {
  /** Name of the level. */
  name: string({ nonEmpty: true }),
});
export interface PriorityLevelConfigurationReference extends Infer<typeof priorityLevelConfigurationReference> {}

/** Requests that are meant: by whom, for what. */
export const policyRulesWithSubjects = object("PolicyRulesWithSubjects", {
  /** Any one of these must fit; may be empty if there are `resourceRules`. */
  nonResourceRules: optional(list(ref<NonResourcePolicyRule>(() => nonResourcePolicyRule))),
  /** Any one of these must fit; may be empty if there are `nonResourceRules`. */
  resourceRules: optional(list(ref<ResourcePolicyRule>(() => resourcePolicyRule))),
  /** Who asks: one of these; at least one. */
  subjects: list(
    ref<Subject>(() => subject),
    { default: [] },
  ),
});
export interface PolicyRulesWithSubjects extends Infer<typeof policyRulesWithSubjects> {}
addRules(policyRulesWithSubjects, { validate: flowRules });

/** Requests for resources. */
export const resourcePolicyRule = object("ResourcePolicyRule", {
  /** Groups of the resources; an empty string is the core group, `*` all. */
  apiGroups: list(string(), { default: [] }),
  /** Whether requests without a namespace are meant; absent means no. */
  clusterScope: optional(boolean()),
  /** Namespaces whose requests are meant; `*` is all of them. */
  namespaces: optional(list(string(), { listType: "set" })),
  /** Resources and subresources: `pods`, `nodes/status`; `*` is all. */
  resources: list(string(), { default: [] }),
  /** What is asked: `get`, `list`; `*` is everything. */
  verbs: list(string(), { default: [] }),
});
export interface ResourcePolicyRule extends Infer<typeof resourcePolicyRule> {}

/** Requests for paths beside the resources. */
export const nonResourcePolicyRule = object("NonResourcePolicyRule", {
  /** Paths: `/healthz`, `/metrics/*`; `*` is all. */
  nonResourceURLs: list(string(), { default: [] }),
  /** Methods in lower case; `*` is all. */
  verbs: list(string(), { default: [] }),
});
export interface NonResourcePolicyRule extends Infer<typeof nonResourcePolicyRule> {}

/** Somebody who makes requests. */
export const subject = object(
  "Subject",
  {
    /** Which field is filled: Group, ServiceAccount or User. */
    kind: oneOf(["Group", "ServiceAccount", "User"]),
    /** Filled with kind Group. */
    group: optional(ref<GroupSubject>(() => groupSubject)),
    /** Filled with kind ServiceAccount; one of them, or all of a namespace. */
    serviceAccount: optional(ref<ServiceAccountSubject>(() => serviceAccountSubject)),
    /** Filled with kind User. */
    user: optional(ref<UserSubject>(() => userSubject)),
  },
  { mapType: "atomic" },
);
export interface Subject extends Infer<typeof subject> {}
addRules(subject, { validate: subjectRules });

/** A group of users. */
export const groupSubject = object("GroupSubject", {
  /** Name of the group; `*` is all groups. */
  name: string({ nonEmpty: true }),
});
export interface GroupSubject extends Infer<typeof groupSubject> {}

/** A user. */
export const userSubject = object("UserSubject", {
  /** Name of the user; `*` is all users. */
  name: string({ nonEmpty: true }),
});
export interface UserSubject extends Infer<typeof userSubject> {}

/** A service account. */
export const serviceAccountSubject = object("ServiceAccountSubject", {
  /** Name of the service account; `*` is all of the namespace. */
  name: string({ nonEmpty: true }),
  /** Namespace of the service account. */
  namespace: string({ nonEmpty: true }),
});
export interface ServiceAccountSubject extends Infer<typeof serviceAccountSubject> {}

/** What was found of a flow schema. */
export const flowSchemaStatus = object("FlowSchemaStatus", {
  /** Whether its priority level is missing: `Dangling`. */
  conditions: optional(
    list(
      ref<FlowSchemaCondition>(() => flowSchemaCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
});
export interface FlowSchemaStatus extends Infer<typeof flowSchemaStatus> {}

/** One aspect of a flow schema's state. */
export const flowSchemaCondition = object("FlowSchemaCondition", {
  /** Which aspect this is: `Dangling`. */
  type: optional(string()),
  /** True, False or Unknown. */
  status: optional(string()),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** The cause, as one word for programs. */
  reason: optional(string()),
});
export interface FlowSchemaCondition extends Infer<typeof flowSchemaCondition> {}

/** Sorts requests to the API server into priority levels. */
export const flowSchemas = defineResource({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  scope: "Cluster",
  spec: flowSchemaSpec,
  status: flowSchemaStatus,
  subresources: { status: true },
  notBuilt: "effect",
  prepare: (flowSchema, old) => (old ? flowSchema : { ...flowSchema, status: {} }),
  columns: flowSchemaColumns,
});
export interface FlowSchema extends ObjectOf<typeof flowSchemas> {}
