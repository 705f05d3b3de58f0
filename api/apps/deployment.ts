import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  boolean,
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
import { deploymentSpecRules, rollingUpdateRules, strategyDefaults, strategyRules } from "./deployment-rules.js";
import { templateColumns } from "./template-columns.js";

/** Which pods are to run, how many, and how new ones take the place of old ones. */
export const deploymentSpec = object("DeploymentSpec", {
  /** How many pods are wanted; 1 unless given. */
  replicas: int32({ default: 1, min: 0 }),
  /** Pods that are the deployment's; never changes. */
  selector: ref<LabelSelector>(() => labelSelector),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  /** What happens to running pods once the template changes; RollingUpdate unless given. */
  strategy: ref<DeploymentStrategy>(() => deploymentStrategy, { default: {} }),
  /** Seconds that a pod must be ready before it counts as available; 0 if not given. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** How many old replica sets are kept to return to; 10 unless given. */
  revisionHistoryLimit: int32({ default: 10, min: 0 }),
  /** While true, changes of the template start no rollout. */
  paused: optional(boolean()),
  /** Seconds without progress after which the rollout counts as stuck; 600 unless given. */
  progressDeadlineSeconds: int32({ default: 600 }),
});
export interface DeploymentSpec extends Infer<typeof deploymentSpec> {}
addRules(deploymentSpec, {
  validate: deploymentSpecRules,
  errorOrder: ["replicas", "selector", "template", "strategy", "minReadySeconds", "revisionHistoryLimit"],
});

/** How pods of the old template give way to those of the new one. */
export const deploymentStrategy = object(
  "DeploymentStrategy",
  {
    /** RollingUpdate (the default): step by step; Recreate: all old pods end before the first new one starts. */
    type: oneOf(["Recreate", "RollingUpdate"], { default: "RollingUpdate" }),
    /** How many at a time; only with type RollingUpdate. */
    rollingUpdate: optional(ref<RollingUpdateDeployment>(() => rollingUpdateDeployment)),
  },
  { retainKeys: true },
);
export interface DeploymentStrategy extends Infer<typeof deploymentStrategy> {}
addRules(deploymentStrategy, { defaults: strategyDefaults, validate: strategyRules });

/** How far a rolling update may go above and below the wanted number. */
export const rollingUpdateDeployment = object("RollingUpdateDeployment", {
  /** Number, or percentage of the wanted pods (rounded down), that may be missing; 25% by default. */
  maxUnavailable: intOrString({ default: "25%" }),
  /** Number, or percentage of the wanted pods (rounded up), that may be there in excess; 25% by default. */
  maxSurge: intOrString({ default: "25%" }),
});
export interface RollingUpdateDeployment extends Infer<typeof rollingUpdateDeployment> {}
addRules(rollingUpdateDeployment, { validate: rollingUpdateRules });

/** How far a deployment has come. */
export const deploymentStatus = object("DeploymentStatus", {
  /** The generation that this is about. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** Pods that are there. */
  replicas: optional(int32({ omitZero: true })),
  /** Pods of the present template. */
  updatedReplicas: optional(int32({ omitZero: true })),
  /** Pods that are ready. */
  readyReplicas: optional(int32({ omitZero: true })),
  /** Pods that have been ready for long enough. */
  availableReplicas: optional(int32({ omitZero: true })),
  /** Pods that are still missing. */
  unavailableReplicas: optional(int32({ omitZero: true })),
  /** Pods that are ending. */
  terminatingReplicas: optional(int32()),
  /** How far it has come. */
  conditions: optional(
    list(
      ref<DeploymentCondition>(() => deploymentCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Goes into the name of the next replica set after a clash of names. */
  collisionCount: optional(int32()),
});
export interface DeploymentStatus extends Infer<typeof deploymentStatus> {}

/** One aspect of a deployment's progress. */
export const deploymentCondition = object("DeploymentCondition", {
  /** Available, Progressing or ReplicaFailure. */
  type: string({ default: "" }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** The cause, as one word for programs: `ProgressDeadlineExceeded`. */
  reason: optional(string()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** When the condition was last written. */
  lastUpdateTime: optional(time()),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
});
export interface DeploymentCondition extends Infer<typeof deploymentCondition> {}

/** Keeps pods of the newest template running, and changes from one template to the next step by step. */
export const deployments = defineResource({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  scope: "Namespaced",
  spec: deploymentSpec,
  status: deploymentStatus,
  subresources: {
    status: true,
    scale: { replicas: "spec.replicas", statusReplicas: "status.replicas", selector: "spec.selector" },
  },
  immutable: ["spec.selector"],
  columns: [
    nameColumn,
    { name: "Ready", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` },
    { name: "Up-to-date", cell: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: "Available", cell: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    ...templateColumns,
  ],
});
export interface Deployment extends ObjectOf<typeof deployments> {}
