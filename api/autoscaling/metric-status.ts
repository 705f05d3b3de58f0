import { type Infer, int32, object, optional, quantity, ref, string } from "../../apimachinery/schema/schema.js";
import { type CrossVersionObjectReference, crossVersionObjectReference } from "./horizontal-pod-autoscaler.js";
import { type MetricIdentifier, metricIdentifier } from "./metric.js";

/** What one measure was found to be. */
export const metricStatus = object("MetricStatus", {
  type: string({ default: "" }),
  containerResource: optional(ref<ContainerResourceMetricStatus>(() => containerResourceMetricStatus)),
  external: optional(ref<ExternalMetricStatus>(() => externalMetricStatus)),
  object: optional(ref<ObjectMetricStatus>(() => objectMetricStatus)),
  pods: optional(ref<PodsMetricStatus>(() => podsMetricStatus)),
  resource: optional(ref<ResourceMetricStatus>(() => resourceMetricStatus)),
});
export interface MetricStatus extends Infer<typeof metricStatus> {}

/** The value that a measure has. */
export const metricValueStatus = object("MetricValueStatus", {
  averageUtilization: optional(int32()),
  averageValue: optional(quantity()),
  value: optional(quantity()),
});
export interface MetricValueStatus extends Infer<typeof metricValueStatus> {}

/** Found use of a resource by the pods. */
export const resourceMetricStatus = object("ResourceMetricStatus", {
  name: string({ default: "" }),
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
});
export interface ResourceMetricStatus extends Infer<typeof resourceMetricStatus> {}

/** Found use of a resource by one container of every pod. */
export const containerResourceMetricStatus = object("ContainerResourceMetricStatus", {
  name: string({ default: "" }),
  container: string({ default: "" }),
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
});
export interface ContainerResourceMetricStatus extends Infer<typeof containerResourceMetricStatus> {}

/** Found average of a measure of the pods. */
export const podsMetricStatus = object("PodsMetricStatus", {
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
});
export interface PodsMetricStatus extends Infer<typeof podsMetricStatus> {}

/** Found value of a measure of one object. */
export const objectMetricStatus = object("ObjectMetricStatus", {
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
  describedObject: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
});
export interface ObjectMetricStatus extends Infer<typeof objectMetricStatus> {}

/** Found value of a measure from outside the cluster. */
export const externalMetricStatus = object("ExternalMetricStatus", {
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
});
export interface ExternalMetricStatus extends Infer<typeof externalMetricStatus> {}
