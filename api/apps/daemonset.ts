import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  exactInt64,
  type Infer,
  int32,
  intOrString,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { type PodTemplateSpec, podTemplateSpec } from "../core/pod/template.js";
import { daemonSetColumns } from "./daemonset-columns.js";
import { daemonStrategyDefaults, noDaemons, rollingDaemonRules } from "./daemonset-rules.js";
import { templateErrors } from "./template-rules.js";

/** Which pod runs on every node that fits, and how new ones take the place of old ones. */
export const daemonSetSpec = object("DaemonSetSpec", {
  /** Pods that are its own; never changes. */
  selector: ref<LabelSelector>(() => labelSelector),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  /** How old pods give way to new ones. */
  updateStrategy: ref<DaemonSetUpdateStrategy>(() => daemonSetUpdateStrategy, { default: {} }),
  /** How long a pod must be ready to count as available. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** How many old templates are kept to return to. */
  revisionHistoryLimit: int32({ default: 10, min: 0 }),
});
export interface DaemonSetSpec extends Infer<typeof daemonSetSpec> {}
addRules(daemonSetSpec, { validate: (spec) => templateErrors("daemonset", spec, "DaemonSet") });

/** How pods of the old template give way to those of the new one. */
export const daemonSetUpdateStrategy = object("DaemonSetUpdateStrategy", {
  type: oneOf(["OnDelete", "RollingUpdate"], { default: "RollingUpdate" }),
  rollingUpdate: optional(ref<RollingUpdateDaemonSet>(() => rollingUpdateDaemonSet)),
});
export interface DaemonSetUpdateStrategy extends Infer<typeof daemonSetUpdateStrategy> {}
addRules(daemonSetUpdateStrategy, { defaults: daemonStrategyDefaults });

/** How far an update may go below and above one pod a node. */
export const rollingUpdateDaemonSet = object("RollingUpdateDaemonSet", {
  maxSurge: intOrString({ default: 0 }),
  maxUnavailable: intOrString({ default: 1 }),
});
export interface RollingUpdateDaemonSet extends Infer<typeof rollingUpdateDaemonSet> {}
addRules(rollingUpdateDaemonSet, { validate: rollingDaemonRules });

/** On how many nodes the pods are, and how far they have come. */
export const daemonSetStatus = object("DaemonSetStatus", {
  collisionCount: optional(int32()),
  conditions: optional(
    list(
      ref<DaemonSetCondition>(() => daemonSetCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  currentNumberScheduled: int32({ default: 0 }),
  desiredNumberScheduled: int32({ default: 0 }),
  numberAvailable: optional(int32({ omitZero: true })),
  /** Nodes that run the pod and should not. */
  numberMisscheduled: int32({ default: 0 }),
  numberReady: int32({ default: 0 }),
  numberUnavailable: optional(int32({ omitZero: true })),
  observedGeneration: optional(exactInt64({ omitZero: true })),
  updatedNumberScheduled: optional(int32({ omitZero: true })),
});
export interface DaemonSetStatus extends Infer<typeof daemonSetStatus> {}

/** One aspect of a daemon set's state. */
export const daemonSetCondition = object("DaemonSetCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  message: optional(string()),
  reason: optional(string()),
});
export interface DaemonSetCondition extends Infer<typeof daemonSetCondition> {}

/** Keeps one pod running on every node that fits. */
export const daemonSets = defineResource({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  scope: "Namespaced",
  spec: daemonSetSpec,
  status: daemonSetStatus,
  subresources: { status: true },
  notBuilt: "controller",
  immutable: ["spec.selector"],
  prepare: (daemonSet, old) => (old ? daemonSet : { ...daemonSet, status: noDaemons }),
  columns: daemonSetColumns,
});
export interface DaemonSet extends ObjectOf<typeof daemonSets> {}
