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
  /** What is scaled: an object of this namespace that has a `scale` subresource. */
  scaleTargetRef: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  /** The target gets no fewer pods than these; 1 by default. */
  minReplicas: int32({ default: 1 }),
  /** The target gets no more pods than these; at least `minReplicas`. */
  maxReplicas: int32({ default: 0 }),
  /** What is measured; the measure that asks for most pods decides. Without any, CPU at 80 % of what pods request. */
  metrics: optional(list(ref<MetricSpec>(() => metricSpec))),
  /** Absent takes the usual limits, which `scaleUp` and `scaleDown` tell. */
  behavior: optional(ref<HorizontalPodAutoscalerBehavior>(() => horizontalPodAutoscalerBehavior)),
});
export interface HorizontalPodAutoscalerSpec extends Infer<typeof horizontalPodAutoscalerSpec> {}
addRules(horizontalPodAutoscalerSpec, { defaults: autoscalerDefaults, validate: autoscalerRules });

/** Names an object of any kind in the same namespace. */
export const crossVersionObjectReference = object("CrossVersionObjectReference", {
  /** Name of the object. */
  name: string({ nonEmpty: true }),
  /** Kind of the object: `Deployment`. */
  kind: string({ nonEmpty: true }),
  /** Group and version of the kind: `apps/v1`. */
  apiVersion: optional(string()),
});
export interface CrossVersionObjectReference extends Infer<typeof crossVersionObjectReference> {}

/** How fast the number of pods may change, up and down. */
export const horizontalPodAutoscalerBehavior = object("HorizontalPodAutoscalerBehavior", {
  /** For fewer pods; by default any number may go, as soon as 300 seconds have asked for it. */
  scaleDown: optional(ref<HPAScalingRules>(() => hpaScalingRules)),
  /** For more pods; by default they may double, or grow by 4 if that is more, every 15 seconds. */
  scaleUp: optional(ref<HPAScalingRules>(() => hpaScalingRules)),
});
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof horizontalPodAutoscalerBehavior> {}
addRules(horizontalPodAutoscalerBehavior, { defaults: behaviorDefaults });

/** How fast the number of pods may change in one direction. */
export const hpaScalingRules = object("HPAScalingRules", {
  /** Limits of change; absent takes the usual ones of this direction, an empty list is refused. */
  policies: optional(list(ref<HPAScalingPolicy>(() => hpaScalingPolicy))),
  /** Which limit counts: Max, the widest (the default), or Min, the narrowest; Disabled allows no change. */
  selectPolicy: oneOf(["Disabled", "Max", "Min"], { default: "Max" }),
  /** The calmest wish of these past seconds counts, 0 to 3600; by default 0 upwards, 300 downwards. */
  stabilizationWindowSeconds: optional(int32()),
  /** Share of the target by which a measure may be off before anything changes: `0.05`. */
  tolerance: optional(quantity()),
});
export interface HPAScalingRules extends Infer<typeof hpaScalingRules> {}
addRules(hpaScalingRules, { validate: scalingRules });

/** One bound on how much changes in a period of time. */
export const hpaScalingPolicy = object("HPAScalingPolicy", {
  /** Unit of `value`: Pods or Percent. */
  type: oneOf(["Percent", "Pods"]),
  /** Seconds over which the change is counted, 1 to 1800. */
  periodSeconds: int32({ default: 0 }),
  /** Most that may change within the period; above 0. */
  value: int32({ default: 0 }),
});
export interface HPAScalingPolicy extends Infer<typeof hpaScalingPolicy> {}
addRules(hpaScalingPolicy, { validate: scalingPolicyRules });

/** What the autoscaler measured and wants. */
export const horizontalPodAutoscalerStatus = object("HorizontalPodAutoscalerStatus", {
  /** Whether it can scale, has measures, and stands at a limit. */
  conditions: optional(
    list(
      ref<HorizontalPodAutoscalerCondition>(() => horizontalPodAutoscalerCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** What was measured last, in the order of `spec.metrics`. */
  currentMetrics: optional(list(ref<MetricStatus>(() => metricStatus))),
  /** Pods that the target had when the controller last looked. */
  currentReplicas: optional(int32({ omitZero: true })),
  /** Pods that the controller last found right. */
  desiredReplicas: int32({ default: 0 }),
  /** When the number of pods was last changed. */
  lastScaleTime: optional(time()),
  /** Generation of the spec from which this was made. */
  observedGeneration: optional(exactInt64()),
});
export interface HorizontalPodAutoscalerStatus extends Infer<typeof horizontalPodAutoscalerStatus> {}

/** One aspect of an autoscaler's state. */
export const horizontalPodAutoscalerCondition = object("HorizontalPodAutoscalerCondition", {
  /** AbleToScale, ScalingActive or ScalingLimited. */
  type: string({ default: "" }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** The cause, as one word for programs: `FailedGetResourceMetric`. */
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
