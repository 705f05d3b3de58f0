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
  /** How many pods are wanted; 1 unless given. */
  replicas: int32({ default: 1, min: 0 }),
  /** Pods that are its own; never changes. */
  selector: ref<LabelSelector>(() => labelSelector),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  /** Every pod gets a claim of its own from each of these. */
  volumeClaimTemplates: optional(list(ref<PersistentVolumeClaim>(() => persistentVolumeClaims.schema))),
  /** The headless service that gives the pods their DNS names. */
  serviceName: optional(string()),
  /** OrderedReady (the default): pods start and end one after another; Parallel: all at once. */
  podManagementPolicy: string({ default: "OrderedReady" }),
  /** What happens to running pods once the template changes; RollingUpdate unless given. */
  updateStrategy: ref<StatefulSetUpdateStrategy>(() => statefulSetUpdateStrategy, { default: {} }),
  /** How many old revisions are kept to return to; 10 unless given. */
  revisionHistoryLimit: int32({ default: 10, min: 0 }),
  /** Seconds that a pod must be ready before it counts as available; 0 if not given. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** Absent numbers the pods from 0. */
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
  /** RollingUpdate (the default): old pods are replaced from the last to the first; OnDelete: only once deleted. */
  type: string({ default: "RollingUpdate" }),
  /** Allowed only with type RollingUpdate. */
  rollingUpdate: optional(ref<RollingUpdateStatefulSetStrategy>(() => rollingUpdateStatefulSetStrategy)),
});
export interface StatefulSetUpdateStrategy extends Infer<typeof statefulSetUpdateStrategy> {}
addRules(statefulSetUpdateStrategy, { defaults: statefulStrategyDefaults, validate: statefulStrategyRules });

/** Which pods an update reaches, and how many at once. */
export const rollingUpdateStatefulSetStrategy = object("RollingUpdateStatefulSetStrategy", {
  /** Number, or percentage of the wanted pods, that may be missing during an update; 1 if not given. */
  maxUnavailable: optional(intOrString()),
  /** Pods whose number is below this keep the old template; 0 (the default) updates all. */
  partition: int32({ default: 0, min: 0 }),
});
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof rollingUpdateStatefulSetStrategy> {}
addRules(rollingUpdateStatefulSetStrategy, { validate: rollingStatefulRules });

/** What becomes of the claims of pods that are gone for good. */
export const statefulSetPersistentVolumeClaimRetentionPolicy = object(
  "StatefulSetPersistentVolumeClaimRetentionPolicy",
  {
    /** Whether claims go when the stateful set is deleted: Delete or Retain (the default). */
    whenDeleted: oneOf(["Delete", "Retain"], { default: "Retain" }),
    /** Whether a pod's claims go when scaling down removes it: Delete or Retain (the default). */
    whenScaled: oneOf(["Delete", "Retain"], { default: "Retain" }),
  },
);
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Infer<typeof statefulSetPersistentVolumeClaimRetentionPolicy> {}

/** Which numbers the pods have. */
export const statefulSetOrdinals = object("StatefulSetOrdinals", {
  /** Number of the first pod, the others count up from it; 0 by default. */
  start: int32({ default: 0, min: 0 }),
});
export interface StatefulSetOrdinals extends Infer<typeof statefulSetOrdinals> {}

/** How many pods there are, of which revision, and how far they have come. */
export const statefulSetStatus = object("StatefulSetStatus", {
  /** Pods that have been ready for `minReadySeconds`. */
  availableReplicas: int32({ default: 0 }),
  /** How often a revision's name was taken already; goes into the next name. */
  collisionCount: optional(int32()),
  /** What else there is to say of its state, one entry a type. */
  conditions: optional(
    list(
      ref<StatefulSetCondition>(() => statefulSetCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Pods of the revision `currentRevision`. */
  currentReplicas: optional(int32({ omitZero: true })),
  /** Name of the revision that pods have before an update reaches them. */
  currentRevision: optional(string()),
  /** Generation of the spec from which these figures were made. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** Pods that are ready. */
  readyReplicas: optional(int32({ omitZero: true })),
  /** Pods that are there. */
  replicas: int32({ default: 0 }),
  /** Name of the revision that an update brings. */
  updateRevision: optional(string()),
  /** Pods of the revision `updateRevision`. */
  updatedReplicas: optional(int32({ omitZero: true })),
});
export interface StatefulSetStatus extends Infer<typeof statefulSetStatus> {}

/** One aspect of a stateful set's state. */
export const statefulSetCondition = object("StatefulSetCondition", {
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
