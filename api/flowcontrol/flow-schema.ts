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
  distinguisherMethod: optional(ref<FlowDistinguisherMethod>(() => flowDistinguisherMethod)),
  /** The lowest that fits a request counts. */
  matchingPrecedence: int32({ default: 1000, omitZero: true, min: 1, max: 10000 }),
  priorityLevelConfiguration: ref<PriorityLevelConfigurationReference>(() => priorityLevelConfigurationReference, {
    default: {},
  }),
  rules: optional(list(ref<PolicyRulesWithSubjects>(() => policyRulesWithSubjects))),
});
export interface FlowSchemaSpec extends Infer<typeof flowSchemaSpec> {}

/** How requests are told apart into flows. */
export const flowDistinguisherMethod = object("FlowDistinguisherMethod", {
  type: oneOf(["ByNamespace", "ByUser"]),
});
export interface FlowDistinguisherMethod extends Infer<typeof flowDistinguisherMethod> {}

/** Names a priority level. */
export const priorityLevelConfigurationReference = object("PriorityLevelConfigurationReference", {
  name: string({ nonEmpty: true }),
});
export interface PriorityLevelConfigurationReference extends Infer<typeof priorityLevelConfigurationReference> {}

/** Requests that are meant: by whom, for what. */
export const policyRulesWithSubjects = object("PolicyRulesWithSubjects", {
  nonResourceRules: optional(list(ref<NonResourcePolicyRule>(() => nonResourcePolicyRule))),
  resourceRules: optional(list(ref<ResourcePolicyRule>(() => resourcePolicyRule))),
  subjects: list(
    ref<Subject>(() => subject),
    { default: [] },
  ),
});
export interface PolicyRulesWithSubjects extends Infer<typeof policyRulesWithSubjects> {}
addRules(policyRulesWithSubjects, { validate: flowRules });

/** Requests for resources. */
export const resourcePolicyRule = object("ResourcePolicyRule", {
  apiGroups: list(string(), { default: [] }),
  clusterScope: optional(boolean()),
  namespaces: optional(list(string(), { listType: "set" })),
  resources: list(string(), { default: [] }),
  verbs: list(string(), { default: [] }),
});
export interface ResourcePolicyRule extends Infer<typeof resourcePolicyRule> {}

/** Requests for paths beside the resources. */
export const nonResourcePolicyRule = object("NonResourcePolicyRule", {
  nonResourceURLs: list(string(), { default: [] }),
  verbs: list(string(), { default: [] }),
});
export interface NonResourcePolicyRule extends Infer<typeof nonResourcePolicyRule> {}

/** Somebody who makes requests. */
export const subject = object(
  "Subject",
  {
    kind: oneOf(["Group", "ServiceAccount", "User"]),
    group: optional(ref<GroupSubject>(() => groupSubject)),
    serviceAccount: optional(ref<ServiceAccountSubject>(() => serviceAccountSubject)),
    user: optional(ref<UserSubject>(() => userSubject)),
  },
  { mapType: "atomic" },
);
export interface Subject extends Infer<typeof subject> {}
addRules(subject, { validate: subjectRules });

/** A group of users. */
export const groupSubject = object("GroupSubject", {
  name: string({ nonEmpty: true }),
});
export interface GroupSubject extends Infer<typeof groupSubject> {}

/** A user. */
export const userSubject = object("UserSubject", {
  name: string({ nonEmpty: true }),
});
export interface UserSubject extends Infer<typeof userSubject> {}

/** A service account. */
export const serviceAccountSubject = object("ServiceAccountSubject", {
  name: string({ nonEmpty: true }),
  namespace: string({ nonEmpty: true }),
});
export interface ServiceAccountSubject extends Infer<typeof serviceAccountSubject> {}

/** What was found of a flow schema. */
export const flowSchemaStatus = object("FlowSchemaStatus", {
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
  type: optional(string()),
  status: optional(string()),
  lastTransitionTime: optional(time()),
  message: optional(string()),
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
