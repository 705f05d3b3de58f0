import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  exactInt64,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { autoscalerColumns } from "./horizontal-pod-autoscaler-columns.js";
import {
  autoscalerDefaults,
  autoscalerRules,
  behaviorDefaults,
  scalingPolicyRules,
  scalingRules,
} from "./horizontal-pod-autoscaler-rules.js";
import { type MetricSpec, metricSpec } from "./metric.js";
import { type MetricStatus, metricStatus } from "./metric-status.js";

/** What is scaled, within which bounds, by which measures. */
export const horizontalPodAutoscalerSpec = object("HorizontalPodAutoscalerSpec", {
  scaleTargetRef: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  minReplicas: int32({ default: 1 }),
  maxReplicas: int32({ default: 0 }),
  metrics: optional(list(ref<MetricSpec>(() => metricSpec))),
  behavior: optional(ref<HorizontalPodAutoscalerBehavior>(() => horizontalPodAutoscalerBehavior)),
});
export interface HorizontalPodAutoscalerSpec extends Infer<typeof horizontalPodAutoscalerSpec> {}
addRules(horizontalPodAutoscalerSpec, { defaults: autoscalerDefaults, validate: autoscalerRules });

/** Names an object of any kind in the same namespace. */
export const crossVersionObjectReference = object("CrossVersionObjectReference", {
  name: string({ nonEmpty: true }),
  kind: string({ nonEmpty: true }),
  apiVersion: optional(string()),
});
export interface CrossVersionObjectReference extends Infer<typeof crossVersionObjectReference> {}

/** How fast the number of pods may change, up and down. */
export const horizontalPodAutoscalerBehavior = object("HorizontalPodAutoscalerBehavior", {
  scaleDown: optional(ref<HPAScalingRules>(() => hpaScalingRules)),
  scaleUp: optional(ref<HPAScalingRules>(() => hpaScalingRules)),
});
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof horizontalPodAutoscalerBehavior> {}
addRules(horizontalPodAutoscalerBehavior, { defaults: behaviorDefaults });

/** How fast the number of pods may change in one direction. */
export const hpaScalingRules = object("HPAScalingRules", {
  policies: optional(list(ref<HPAScalingPolicy>(() => hpaScalingPolicy))),
  selectPolicy: oneOf(["Disabled", "Max", "Min"], { default: "Max" }),
  stabilizationWindowSeconds: optional(int32()),
  /** Share by which a measure may be off before anything changes. */
  tolerance: optional(quantity()),
});
export interface HPAScalingRules extends Infer<typeof hpaScalingRules> {}
addRules(hpaScalingRules, { validate: scalingRules });

/** One bound on how much changes in a period of time. */
export const hpaScalingPolicy = object("HPAScalingPolicy", {
  type: oneOf(["Percent", "Pods"]),
  periodSeconds: int32({ default: 0 }),
  value: int32({ default: 0 }),
});
export interface HPAScalingPolicy extends Infer<typeof hpaScalingPolicy> {}
addRules(hpaScalingPolicy, { validate: scalingPolicyRules });

/** What the autoscaler measured and wants. */
export const horizontalPodAutoscalerStatus = object("HorizontalPodAutoscalerStatus", {
  conditions: optional(
    list(
      ref<HorizontalPodAutoscalerCondition>(() => horizontalPodAutoscalerCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  currentMetrics: optional(list(ref<MetricStatus>(() => metricStatus))),
  currentReplicas: optional(int32({ omitZero: true })),
  desiredReplicas: int32({ default: 0 }),
  lastScaleTime: optional(time()),
  observedGeneration: optional(exactInt64()),
});
export interface HorizontalPodAutoscalerStatus extends Infer<typeof horizontalPodAutoscalerStatus> {}

/** One aspect of an autoscaler's state. */
export const horizontalPodAutoscalerCondition = object("HorizontalPodAutoscalerCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  message: optional(string()),
  reason: optional(string()),
});
export interface HorizontalPodAutoscalerCondition extends Infer<typeof horizontalPodAutoscalerCondition> {}

/** Changes the number of a workload's pods by what they are found to use. */
export const horizontalPodAutoscalers = defineResource({
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  shortNames: ["hpa"],
  categories: ["all"],
  scope: "Namespaced",
  spec: horizontalPodAutoscalerSpec,
  status: horizontalPodAutoscalerStatus,
  subresources: { status: true },
  notBuilt: "controller",
  countsGeneration: false,
  prepare: (autoscaler, old) => (old ? autoscaler : { ...autoscaler, status: { desiredReplicas: 0 } }),
  columns: autoscalerColumns,
});
export interface HorizontalPodAutoscaler extends ObjectOf<typeof horizontalPodAutoscalers> {}
