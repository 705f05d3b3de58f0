import { defineVersion, type ObjectOf } from "../../apimachinery/resource.js";
import { exactInt64, type Infer, int32, object, optional, ref, time } from "../../apimachinery/schema/schema.js";
import {
  type CrossVersionObjectReference,
  crossVersionObjectReference,
  horizontalPodAutoscalers,
} from "./horizontal-pod-autoscaler.js";
import { autoscalerV1Columns } from "./horizontal-pod-autoscaler-columns.js";
import { fromStoredAutoscaler, toStoredAutoscaler } from "./horizontal-pod-autoscaler-conversion.js";

/** What is scaled, within which bounds, by which measures. */
export const horizontalPodAutoscalerSpecV1 = object("HorizontalPodAutoscalerSpec", {
  /** What is scaled: an object of this namespace that has a `scale` subresource. */
  scaleTargetRef: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  /** The target gets no fewer pods than these; 1 by default. */
  minReplicas: int32({ default: 1 }),
  /** The target gets no more pods than these; at least `minReplicas`. */
  maxReplicas: int32({ default: 0 }),
  /** Share of the CPU that pods request which they should use on average, in percent. */
  targetCPUUtilizationPercentage: optional(int32()),
});
export interface HorizontalPodAutoscalerSpecV1 extends Infer<typeof horizontalPodAutoscalerSpecV1> {}

/** What the autoscaler measured and wants. */
export const horizontalPodAutoscalerStatusV1 = object("HorizontalPodAutoscalerStatus", {
  /** Share of the CPU that pods request which they were found to use on average, in percent. */
  currentCPUUtilizationPercentage: optional(int32()),
  /** Pods that the target had when the controller last looked. */
  currentReplicas: int32({ default: 0 }),
  /** Pods that the controller last found right. */
  desiredReplicas: int32({ default: 0 }),
  /** When the number of pods was last changed. */
  lastScaleTime: optional(time()),
  /** Generation of the spec from which this was made. */
  observedGeneration: optional(exactInt64()),
});
export interface HorizontalPodAutoscalerStatusV1 extends Infer<typeof horizontalPodAutoscalerStatusV1> {}

/** Changes the number of a workload's pods by what they are found to use. */
export const horizontalPodAutoscalersV1 = defineVersion(horizontalPodAutoscalers, {
  version: "v1",
  kind: "HorizontalPodAutoscaler",
  spec: horizontalPodAutoscalerSpecV1,
  status: horizontalPodAutoscalerStatusV1,
  columns: autoscalerV1Columns,
  toStored: toStoredAutoscaler,
  fromStored: fromStoredAutoscaler,
});
export interface HorizontalPodAutoscalerV1 extends ObjectOf<typeof horizontalPodAutoscalersV1> {}
