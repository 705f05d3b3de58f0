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
  /** Limited: requests share seats and may wait; Exempt: none ever waits. */
  type: oneOf(["Exempt", "Limited"]),
  /** Seats and queues; for type Limited alone. */
  limited: optional(ref<LimitedPriorityLevelConfiguration>(() => limitedPriorityLevelConfiguration)),
  /** Seats that other levels may borrow; for type Exempt alone. */
  exempt: optional(ref<ExemptPriorityLevelConfiguration>(() => exemptPriorityLevelConfiguration)),
});
export interface PriorityLevelConfigurationSpec extends Infer<typeof priorityLevelConfigurationSpec> {}
addRules(priorityLevelConfigurationSpec, { validate: priorityLevelRules });

/** The share of a level, and what it may lend and borrow. */
export const limitedPriorityLevelConfiguration = object("LimitedPriorityLevelConfiguration", {
  /** Most seats that it may borrow, in percent of its own; absent means no limit. */
  borrowingLimitPercent: optional(int32({ min: 0 })),
  /** Percentage of its own seats that others may borrow; 0 by default. */
  lendablePercent: int32({ default: 0, min: 0, max: 100 }),
  /** What becomes of requests that find no seat. */
  limitResponse: ref<LimitResponse>(() => limitResponse, { default: {} }),
  /** Its share of the server's seats, against the shares of the other levels; 30 by default. */
  nominalConcurrencyShares: int32({ default: 30, min: 0 }),
});
export interface LimitedPriorityLevelConfiguration extends Infer<typeof limitedPriorityLevelConfiguration> {}

/** The share of a level without bounds. */
export const exemptPriorityLevelConfiguration = object("ExemptPriorityLevelConfiguration", {
  /** Percentage of its own seats that others may borrow; 0 by default. */
  lendablePercent: int32({ default: 0, min: 0, max: 100 }),
  /** Its share of the server's seats, which sets only how many it can lend; 0 by default. */
  nominalConcurrencyShares: int32({ default: 0, min: 0 }),
});
export interface ExemptPriorityLevelConfiguration extends Infer<typeof exemptPriorityLevelConfiguration> {}

/** What becomes of requests beyond the share: wait or be refused. */
export const limitResponse = object("LimitResponse", {
  /** Queue: they wait; Reject: they are answered with 429. */
  type: string({ nonEmpty: true }),
  /** Allowed with type Queue alone, which fills in the usual queues. */
  queuing: optional(ref<QueuingConfiguration>(() => queuingConfiguration)),
});
export interface LimitResponse extends Infer<typeof limitResponse> {}
addRules(limitResponse, { defaults: limitResponseDefaults, validate: limitResponseRules });

/** How requests wait. */
export const queuingConfiguration = object("QueuingConfiguration", {
  /** Queues that a flow is dealt, of which each request takes the shortest; 8 by default, at most `queues`. */
  handSize: int32({ default: 8, omitZero: true, min: 1 }),
  /** Requests that may wait in a queue; 50 by default. */
  queueLengthLimit: int32({ default: 50, omitZero: true, min: 1 }),
  /** Number of queues; 64 by default. */
  queues: int32({ default: 64, omitZero: true, min: 1 }),
});
export interface QueuingConfiguration extends Infer<typeof queuingConfiguration> {}

/** What was found of a priority level. */
export const priorityLevelConfigurationStatus = object("PriorityLevelConfigurationStatus", {
  /** What else there is to say of its state, one entry a type. */
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
  /** Which aspect this is. */
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
