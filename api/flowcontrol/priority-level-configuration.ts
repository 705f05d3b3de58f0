import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
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
  time,
} from "../../apimachinery/schema/schema.js";
import { priorityLevelColumns } from "./columns.js";
import { limitResponseDefaults, limitResponseRules, priorityLevelRules } from "./rules.js";

/** How many requests of a level are served at once, and what becomes of the rest. */
export const priorityLevelConfigurationSpec = object("PriorityLevelConfigurationSpec", {
  type: oneOf(["Exempt", "Limited"]),
  limited: optional(ref<LimitedPriorityLevelConfiguration>(() => limitedPriorityLevelConfiguration)),
  exempt: optional(ref<ExemptPriorityLevelConfiguration>(() => exemptPriorityLevelConfiguration)),
});
export interface PriorityLevelConfigurationSpec extends Infer<typeof priorityLevelConfigurationSpec> {}
addRules(priorityLevelConfigurationSpec, { validate: priorityLevelRules });

/** The share of a level, and what it may lend and borrow. */
export const limitedPriorityLevelConfiguration = object("LimitedPriorityLevelConfiguration", {
  borrowingLimitPercent: optional(int32({ min: 0 })),
  lendablePercent: int32({ default: 0, min: 0, max: 100 }),
  limitResponse: ref<LimitResponse>(() => limitResponse, { default: {} }),
  nominalConcurrencyShares: int32({ default: 30, min: 0 }),
});
export interface LimitedPriorityLevelConfiguration extends Infer<typeof limitedPriorityLevelConfiguration> {}

/** The share of a level without bounds. */
export const exemptPriorityLevelConfiguration = object("ExemptPriorityLevelConfiguration", {
  lendablePercent: int32({ default: 0, min: 0, max: 100 }),
  nominalConcurrencyShares: int32({ default: 0, min: 0 }),
});
export interface ExemptPriorityLevelConfiguration extends Infer<typeof exemptPriorityLevelConfiguration> {}

/** What becomes of requests beyond the share: wait or be refused. */
export const limitResponse = object("LimitResponse", {
  type: string({ nonEmpty: true }),
  queuing: optional(ref<QueuingConfiguration>(() => queuingConfiguration)),
});
export interface LimitResponse extends Infer<typeof limitResponse> {}
addRules(limitResponse, { defaults: limitResponseDefaults, validate: limitResponseRules });

/** How requests wait. */
export const queuingConfiguration = object("QueuingConfiguration", {
  handSize: int32({ default: 8, omitZero: true, min: 1 }),
  queueLengthLimit: int32({ default: 50, omitZero: true, min: 1 }),
  queues: int32({ default: 64, omitZero: true, min: 1 }),
});
export interface QueuingConfiguration extends Infer<typeof queuingConfiguration> {}

/** What was found of a priority level. */
export const priorityLevelConfigurationStatus = object("PriorityLevelConfigurationStatus", {
  conditions: optional(
    list(
      ref<PriorityLevelConfigurationCondition>(() => priorityLevelConfigurationCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
});
export interface PriorityLevelConfigurationStatus extends Infer<typeof priorityLevelConfigurationStatus> {}

/** One aspect of a priority level's state. */
export const priorityLevelConfigurationCondition = object("PriorityLevelConfigurationCondition", {
  type: optional(string()),
  status: optional(string()),
  lastTransitionTime: optional(time()),
  message: optional(string()),
  reason: optional(string()),
});
export interface PriorityLevelConfigurationCondition extends Infer<typeof priorityLevelConfigurationCondition> {}

/** A share of the requests that the API server serves at once. */
export const priorityLevelConfigurations = defineResource({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  scope: "Cluster",
  spec: priorityLevelConfigurationSpec,
  status: priorityLevelConfigurationStatus,
  subresources: { status: true },
  notBuilt: "effect",
  prepare: (level, old) => (old ? level : { ...level, status: {} }),
  columns: priorityLevelColumns,
});
export interface PriorityLevelConfiguration extends ObjectOf<typeof priorityLevelConfigurations> {}
