import { type Infer, int32, object, optional, quantity, ref, string } from "../../apimachinery/schema/schema.js";
import { type CrossVersionObjectReference, crossVersionObjectReference } from "./horizontal-pod-autoscaler.js";
import { type MetricIdentifier, metricIdentifier } from "./metric.js";

/** What one measure was found to be. */
export const metricStatus = object("MetricStatus", {
  /** Which field holds the measure: ContainerResource, External, Object, Pods or Resource. */
  type: string({ default: "" }),
  /** Filled with type ContainerResource. */
  containerResource: optional(ref<ContainerResourceMetricStatus>(() => containerResourceMetricStatus)),
  /** Filled with type External. */
  external: optional(ref<ExternalMetricStatus>(() => externalMetricStatus)),
  /** Filled with type Object. */
  object: optional(ref<ObjectMetricStatus>(() => objectMetricStatus)),
  /** Filled with type Pods. */
  pods: optional(ref<PodsMetricStatus>(() => podsMetricStatus)),
  /** Filled with type Resource. */
  resource: optional(ref<ResourceMetricStatus>(() => resourceMetricStatus)),
});
export interface MetricStatus extends Infer<typeof metricStatus> {}

/** The value that a measure has. */
export const metricValueStatus = object("MetricValueStatus", {
  /** Mean over the pods, in percent of what they request. */
  averageUtilization: optional(int32()),
  /** Mean over the pods. */
  averageValue: optional(quantity()),
  /** The measure itself. */
  value: optional(quantity()),
});
export interface MetricValueStatus extends Infer<typeof metricValueStatus> {}

/** Found use of a resource by the pods. */
export const resourceMetricStatus = object("ResourceMetricStatus", {
  /** Name of the resource: `cpu`, `memory`. */
  name: string({ default: "" }),
  /** What the pods were found to use. */
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
});
export interface ResourceMetricStatus extends Infer<typeof resourceMetricStatus> {}

/** Found use of a resource by one container of every pod. */
export const containerResourceMetricStatus = object("ContainerResourceMetricStatus", {
  /** Name of the resource: `cpu`, `memory`. */
  name: string({ default: "" }),
  /** Name of the container. */
  container: string({ default: "" }),
  /** What the container was found to use. */
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
});
export interface ContainerResourceMetricStatus extends Infer<typeof containerResourceMetricStatus> {}

/** Found average of a measure of the pods. */
export const podsMetricStatus = object("PodsMetricStatus", {
  /** Mean that was found over the pods. */
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
  /** Which measure it is. */
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
});
export interface PodsMetricStatus extends Infer<typeof podsMetricStatus> {}

/** Found value of a measure of one object. */
export const objectMetricStatus = object("ObjectMetricStatus", {
  /** What was found for the object. */
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
  /** The object that was measured. */
  describedObject: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  /** Which measure it is. */
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
});
export interface ObjectMetricStatus extends Infer<typeof objectMetricStatus> {}

/** Found value of a measure from outside the cluster. */
export const externalMetricStatus = object("ExternalMetricStatus", {
  /** What was found outside. */
  current: ref<MetricValueStatus>(() => metricValueStatus, { default: {} }),
  /** Which measure it is. */
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
});
export interface ExternalMetricStatus extends Infer<typeof externalMetricStatus> {}
