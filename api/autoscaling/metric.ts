import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import {
  addRules,
  type Infer,
  int32,
  object,
  optional,
  quantity,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { type CrossVersionObjectReference, crossVersionObjectReference } from "./horizontal-pod-autoscaler.js";
import { metricRules } from "./horizontal-pod-autoscaler-rules.js";

/** One measure, and the value that it should have. */
export const metricSpec = object("MetricSpec", {
  type: string({ nonEmpty: true }),
  containerResource: optional(ref<ContainerResourceMetricSource>(() => containerResourceMetricSource)),
  external: optional(ref<ExternalMetricSource>(() => externalMetricSource)),
  object: optional(ref<ObjectMetricSource>(() => objectMetricSource)),
  pods: optional(ref<PodsMetricSource>(() => podsMetricSource)),
  resource: optional(ref<ResourceMetricSource>(() => resourceMetricSource)),
});
export interface MetricSpec extends Infer<typeof metricSpec> {}
addRules(metricSpec, { validate: metricRules });

/** The value that a measure should have. */
export const metricTarget = object("MetricTarget", {
  type: string({ nonEmpty: true }),
  averageUtilization: optional(int32()),
  averageValue: optional(quantity()),
  value: optional(quantity()),
});
export interface MetricTarget extends Infer<typeof metricTarget> {}

/** Names a measure. */
export const metricIdentifier = object("MetricIdentifier", {
  name: string({ nonEmpty: true }),
  selector: optional(ref<LabelSelector>(() => labelSelector)),
});
export interface MetricIdentifier extends Infer<typeof metricIdentifier> {}

/** Use of a resource by the pods. */
export const resourceMetricSource = object("ResourceMetricSource", {
  name: string({ nonEmpty: true }),
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ResourceMetricSource extends Infer<typeof resourceMetricSource> {}

/** Use of a resource by one container of every pod. */
export const containerResourceMetricSource = object("ContainerResourceMetricSource", {
  name: string({ nonEmpty: true }),
  container: string({ nonEmpty: true }),
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ContainerResourceMetricSource extends Infer<typeof containerResourceMetricSource> {}

/** A measure of every pod, taken on average. */
export const podsMetricSource = object("PodsMetricSource", {
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface PodsMetricSource extends Infer<typeof podsMetricSource> {}

/** A measure of one object. */
export const objectMetricSource = object("ObjectMetricSource", {
  describedObject: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ObjectMetricSource extends Infer<typeof objectMetricSource> {}

/** A measure that belongs to no object of the cluster. */
export const externalMetricSource = object("ExternalMetricSource", {
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ExternalMetricSource extends Infer<typeof externalMetricSource> {}
