import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  exactInt64,
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
import { type PodTemplateSpec, podTemplateSpec } from "../core/pod/template.js";
import { templateColumns } from "./template-columns.js";
import { templateErrors } from "./template-rules.js";

/** How many pods of which template are to run. */
export const replicaSetSpec = object("ReplicaSetSpec", {
  /** How many pods are wanted; 1 unless given. */
  replicas: int32({ default: 1, min: 0 }),
  /** Seconds that a pod must be ready before it counts as available; 0 if not given. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** Pods that are its own; never changes. */
  selector: ref<LabelSelector>(() => labelSelector),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
});
export interface ReplicaSetSpec extends Infer<typeof replicaSetSpec> {}
addRules(replicaSetSpec, { validate: (spec) => templateErrors("replicaset", spec) });

/** How many pods there are, and how far they have come. */
export const replicaSetStatus = object("ReplicaSetStatus", {
  /** Pods that are there. */
  replicas: int32({ default: 0 }),
  /** Pods that have all labels of the template. */
  fullyLabeledReplicas: optional(int32({ omitZero: true })),
  /** Pods that are ready. */
  readyReplicas: optional(int32({ omitZero: true })),
  /** Pods that have been ready for long enough. */
  availableReplicas: optional(int32({ omitZero: true })),
  /** Pods that are ending. */
  terminatingReplicas: optional(int32()),
  /** The generation that this is about. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** What keeps it from its pods. */
  conditions: optional(
    list(
      ref<ReplicaSetCondition>(() => replicaSetCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
});
export interface ReplicaSetStatus extends Infer<typeof replicaSetStatus> {}

/** One aspect of a replica set's state. */
export const replicaSetCondition = object("ReplicaSetCondition", {
  /** ReplicaFailure: pods could not be made or deleted. */
  type: string({ default: "" }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** The cause, as one word for programs: `FailedCreate`. */
  reason: optional(string()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
});
export interface ReplicaSetCondition extends Infer<typeof replicaSetCondition> {}

/** Keeps a number of pods of one template running. */
export const replicaSets = defineResource({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  scope: "Namespaced",
  spec: replicaSetSpec,
  status: replicaSetStatus,
  subresources: {
    status: true,
    scale: { replicas: "spec.replicas", statusReplicas: "status.replicas", selector: "spec.selector" },
  },
  immutable: ["spec.selector"],
  prepare: (replicaSet, old) => (old ? replicaSet : { ...replicaSet, status: { replicas: 0 } }),
  selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn,
    { name: "Desired", cell: ({ spec }) => spec.replicas },
    { name: "Current", cell: ({ status }) => status?.replicas ?? 0 },
    { name: "Ready", cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns,
  ],
});
export interface ReplicaSet extends ObjectOf<typeof replicaSets> {}
