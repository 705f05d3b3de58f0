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
  /** How many pods are wanted. */
  replicas: int32({ default: 1, min: 0 }),
  /** Pods that are the deployment's; never changes. */
  selector: ref<LabelSelector>(() => labelSelector),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  /** How old pods give way to new ones. */
  strategy: ref<DeploymentStrategy>(() => deploymentStrategy, { default: {} }),
  /** How long a pod must be ready to count as available. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** How many old replica sets are kept to return to. */
  revisionHistoryLimit: int32({ default: 10, min: 0 }),
  /** Changes of the template wait. */
  paused: optional(boolean()),
  /** Without progress for so long, the deployment counts as stuck. */
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
    /** RollingUpdate: one after the other; Recreate: all old ones first. */
    type: oneOf(["Recreate", "RollingUpdate"], { default: "RollingUpdate" }),
    /** How many at a time. */
    rollingUpdate: optional(ref<RollingUpdateDeployment>(() => rollingUpdateDeployment)),
  },
  { retainKeys: true },
);
export interface DeploymentStrategy extends Infer<typeof deploymentStrategy> {}
addRules(deploymentStrategy, { defaults: strategyDefaults, validate: strategyRules });

/** How far a rolling update may go above and below the wanted number. */
export const rollingUpdateDeployment = object("RollingUpdateDeployment", {
  /** Number, or percentage of the wanted pods, that may be missing. */
  maxUnavailable: intOrString({ default: "25%" }),
  /** Number, or percentage of the wanted pods, that may be there in excess. */
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
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  reason: optional(string()),
  message: optional(string()),
  lastUpdateTime: optional(time()),
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
