import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
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
import { type PersistentVolumeClaim, persistentVolumeClaims } from "../core/persistent-volume-claim.js";
import { type PodTemplateSpec, podTemplateSpec } from "../core/pod/template.js";
import {
  rollingStatefulRules,
  statefulSetSpecRules,
  statefulSetUpdateErrors,
  statefulStrategyDefaults,
  statefulStrategyRules,
} from "./statefulset-rules.js";
import { containerColumns } from "./template-columns.js";

/** Which pods with names and volumes of their own run, and how many. */
export const statefulSetSpec = object("StatefulSetSpec", {
  /** How many pods are wanted. */
  replicas: int32({ default: 1, min: 0 }),
  /** Pods that are its own; never changes. */
  selector: ref<LabelSelector>(() => labelSelector),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  /** Every pod gets a claim of its own from each of these. */
  volumeClaimTemplates: optional(list(ref<PersistentVolumeClaim>(() => persistentVolumeClaims.schema))),
  /** The headless service that gives the pods their DNS names. */
  serviceName: optional(string()),
  /** Pods start and end one after another, or all at once. */
  podManagementPolicy: string({ default: "OrderedReady" }),
  /** How old pods give way to new ones. */
  updateStrategy: ref<StatefulSetUpdateStrategy>(() => statefulSetUpdateStrategy, { default: {} }),
  /** How many old revisions are kept. */
  revisionHistoryLimit: int32({ default: 10, min: 0 }),
  /** How long a pod must be ready to count as available. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** Which numbers the pods' names have. */
  ordinals: optional(ref<StatefulSetOrdinals>(() => statefulSetOrdinals)),
  /** What becomes of claims when pods or all of it go. */
  persistentVolumeClaimRetentionPolicy: ref<StatefulSetPersistentVolumeClaimRetentionPolicy>(
    () => statefulSetPersistentVolumeClaimRetentionPolicy,
    { default: {} },
  ),
});
export interface StatefulSetSpec extends Infer<typeof statefulSetSpec> {}
addRules(statefulSetSpec, { validate: statefulSetSpecRules });

/** How pods of the old template give way to those of the new one. */
export const statefulSetUpdateStrategy = object("StatefulSetUpdateStrategy", {
  type: string({ default: "RollingUpdate" }),
  rollingUpdate: optional(ref<RollingUpdateStatefulSetStrategy>(() => rollingUpdateStatefulSetStrategy)),
});
export interface StatefulSetUpdateStrategy extends Infer<typeof statefulSetUpdateStrategy> {}
addRules(statefulSetUpdateStrategy, { defaults: statefulStrategyDefaults, validate: statefulStrategyRules });

/** Which pods an update reaches, and how many at once. */
export const rollingUpdateStatefulSetStrategy = object("RollingUpdateStatefulSetStrategy", {
  maxUnavailable: optional(intOrString()),
  /** Pods below this number keep the old template. */
  partition: int32({ default: 0, min: 0 }),
});
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof rollingUpdateStatefulSetStrategy> {}
addRules(rollingUpdateStatefulSetStrategy, { validate: rollingStatefulRules });

/** What becomes of the claims of pods that are gone for good. */
export const statefulSetPersistentVolumeClaimRetentionPolicy = object(
  "StatefulSetPersistentVolumeClaimRetentionPolicy",
  {
    whenDeleted: oneOf(["Delete", "Retain"], { default: "Retain" }),
    whenScaled: oneOf(["Delete", "Retain"], { default: "Retain" }),
  },
);
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Infer<typeof statefulSetPersistentVolumeClaimRetentionPolicy> {}

/** Which numbers the pods have. */
export const statefulSetOrdinals = object("StatefulSetOrdinals", {
  /** Number of the first pod. */
  start: int32({ default: 0, min: 0 }),
});
export interface StatefulSetOrdinals extends Infer<typeof statefulSetOrdinals> {}

/** How many pods there are, of which revision, and how far they have come. */
export const statefulSetStatus = object("StatefulSetStatus", {
  availableReplicas: int32({ default: 0 }),
  collisionCount: optional(int32()),
  conditions: optional(
    list(
      ref<StatefulSetCondition>(() => statefulSetCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  currentReplicas: optional(int32({ omitZero: true })),
  currentRevision: optional(string()),
  observedGeneration: optional(exactInt64({ omitZero: true })),
  readyReplicas: optional(int32({ omitZero: true })),
  replicas: int32({ default: 0 }),
  updateRevision: optional(string()),
  updatedReplicas: optional(int32({ omitZero: true })),
});
export interface StatefulSetStatus extends Infer<typeof statefulSetStatus> {}

/** One aspect of a stateful set's state. */
export const statefulSetCondition = object("StatefulSetCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  message: optional(string()),
  reason: optional(string()),
});
export interface StatefulSetCondition extends Infer<typeof statefulSetCondition> {}

/** Keeps pods running that have names, an order and volumes of their own. */
export const statefulSets = defineResource({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  scope: "Namespaced",
  spec: statefulSetSpec,
  status: statefulSetStatus,
  subresources: {
    status: true,
    scale: { replicas: "spec.replicas", statusReplicas: "status.replicas", selector: "spec.selector" },
  },
  notBuilt: "controller",
  prepare: (statefulSet, old) =>
    old ? statefulSet : { ...statefulSet, status: { replicas: 0, availableReplicas: 0 } },
  validate: ({ spec }, old) => (old ? statefulSetUpdateErrors(spec, old.spec) : []),
  columns: [
    nameColumn,
    { name: "Ready", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` },
    ageColumn,
    ...containerColumns,
  ],
});
export interface StatefulSet extends ObjectOf<typeof statefulSets> {}
