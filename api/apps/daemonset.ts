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
  /** What happens on nodes once the template changes; RollingUpdate unless given. */
  updateStrategy: ref<DaemonSetUpdateStrategy>(() => daemonSetUpdateStrategy, { default: {} }),
  /** Seconds that a pod must be ready before it counts as available; 0 if not given. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** How many old templates are kept to return to; 10 unless given. */
  revisionHistoryLimit: int32({ default: 10, min: 0 }),
});
export interface DaemonSetSpec extends Infer<typeof daemonSetSpec> {}
addRules(daemonSetSpec, { validate: (spec) => templateErrors("daemonset", spec, "DaemonSet") });

/** How pods of the old template give way to those of the new one. */
export const daemonSetUpdateStrategy = object("DaemonSetUpdateStrategy", {
  /** RollingUpdate (the default): old pods are replaced step by step; OnDelete: only when somebody deletes them. */
  type: oneOf(["OnDelete", "RollingUpdate"], { default: "RollingUpdate" }),
  /** How many nodes at a time; only with type RollingUpdate. */
  rollingUpdate: optional(ref<RollingUpdateDaemonSet>(() => rollingUpdateDaemonSet)),
});
export interface DaemonSetUpdateStrategy extends Infer<typeof daemonSetUpdateStrategy> {}
addRules(daemonSetUpdateStrategy, { defaults: daemonStrategyDefaults });

/** How far an update may go below and above one pod a node. */
export const rollingUpdateDaemonSet = object("RollingUpdateDaemonSet", {
  /** Nodes, as a number or a percentage, that may run a new pod beside the old one meanwhile; 0 by default. */
  maxSurge: intOrString({ default: 0 }),
  /** Nodes, as a number or a percentage, that may be without an available pod meanwhile; 1 by default. */
  maxUnavailable: intOrString({ default: 1 }),
});
export interface RollingUpdateDaemonSet extends Infer<typeof rollingUpdateDaemonSet> {}
addRules(rollingUpdateDaemonSet, { validate: rollingDaemonRules });

/** On how many nodes the pods are, and how far they have come. */
export const daemonSetStatus = object("DaemonSetStatus", {
  /** How often a revision's name was taken already; goes into the next name. */
  collisionCount: optional(int32()),
  /** What else there is to say of its state, one entry a type. */
  conditions: optional(
    list(
      ref<DaemonSetCondition>(() => daemonSetCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Nodes that should run the pod and do. */
  currentNumberScheduled: int32({ default: 0 }),
  /** Nodes that should run the pod. */
  desiredNumberScheduled: int32({ default: 0 }),
  /** Nodes whose pod has been ready for `minReadySeconds`. */
  numberAvailable: optional(int32({ omitZero: true })),
  /** Nodes that run the pod and should not. */
  numberMisscheduled: int32({ default: 0 }),
  /** Nodes whose pod is ready. */
  numberReady: int32({ default: 0 }),
  /** Nodes that should have an available pod and do not. */
  numberUnavailable: optional(int32({ omitZero: true })),
  /** Generation of the spec from which these figures were made. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** Nodes whose pod has the present template. */
  updatedNumberScheduled: optional(int32({ omitZero: true })),
});
export interface DaemonSetStatus extends Infer<typeof daemonSetStatus> {}

/** One aspect of a daemon set's state. */
export const daemonSetCondition = object("DaemonSetCondition", {
  /** Which aspect this is. */
  type: string({ default: "" }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** The cause, as one word for programs. */
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
