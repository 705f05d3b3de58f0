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
  /** Which field is filled: ContainerResource, External, Object, Pods or Resource. */
  type: string({ nonEmpty: true }),
  /** For type ContainerResource; tells one container of each pod from those beside it. */
  containerResource: optional(ref<ContainerResourceMetricSource>(() => containerResourceMetricSource)),
  /** For type External, such as the length of a queue outside the cluster. */
  external: optional(ref<ExternalMetricSource>(() => externalMetricSource)),
  /** For type Object, such as the requests to an ingress. */
  object: optional(ref<ObjectMetricSource>(() => objectMetricSource)),
  /** For type Pods; the mean over the pods counts. */
  pods: optional(ref<PodsMetricSource>(() => podsMetricSource)),
  /** For type Resource; all containers of a pod are taken together. */
  resource: optional(ref<ResourceMetricSource>(() => resourceMetricSource)),
});
export interface MetricSpec extends Infer<typeof metricSpec> {}
addRules(metricSpec, { validate: metricRules });

/** The value that a measure should have. */
export const metricTarget = object("MetricTarget", {
  /** Which field is filled: Utilization, AverageValue or Value. */
  type: string({ nonEmpty: true }),
  /** Wanted mean over the pods, in percent of what they request; above 0. Only for resources. */
  averageUtilization: optional(int32()),
  /** Wanted amount for each pod; above 0. */
  averageValue: optional(quantity()),
  /** Wanted amount in all; above 0. */
  value: optional(quantity()),
});
export interface MetricTarget extends Infer<typeof metricTarget> {}

/** Names a measure. */
export const metricIdentifier = object("MetricIdentifier", {
  /** Name under which the measure is asked for. */
  name: string({ nonEmpty: true }),
  /** Only series with these labels; absent takes the name alone. */
  selector: optional(ref<LabelSelector>(() => labelSelector)),
});
export interface MetricIdentifier extends Infer<typeof metricIdentifier> {}

/** Use of a resource by the pods. */
export const resourceMetricSource = object("ResourceMetricSource", {
  /** Name of the resource: `cpu`, `memory`. */
  name: string({ nonEmpty: true }),
  /** The use that is aimed at: Utilization or AverageValue. */
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ResourceMetricSource extends Infer<typeof resourceMetricSource> {}

/** Use of a resource by one container of every pod. */
export const containerResourceMetricSource = object("ContainerResourceMetricSource", {
  /** Name of the resource: `cpu`, `memory`. */
  name: string({ nonEmpty: true }),
  /** Name of the container. */
  container: string({ nonEmpty: true }),
  /** The use that is aimed at: Utilization or AverageValue. */
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ContainerResourceMetricSource extends Infer<typeof containerResourceMetricSource> {}

/** A measure of every pod, taken on average. */
export const podsMetricSource = object("PodsMetricSource", {
  /** Which measure is taken. */
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
  /** The mean that is aimed at: AverageValue. */
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface PodsMetricSource extends Infer<typeof podsMetricSource> {}

/** A measure of one object. */
export const objectMetricSource = object("ObjectMetricSource", {
  /** The object that is measured, in the autoscaler's namespace. */
  describedObject: ref<CrossVersionObjectReference>(() => crossVersionObjectReference, { default: {} }),
  /** Which measure is taken. */
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
  /** What is aimed at: Value, or AverageValue after division by the number of pods. */
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ObjectMetricSource extends Infer<typeof objectMetricSource> {}

/** A measure that belongs to no object of the cluster. */
export const externalMetricSource = object("ExternalMetricSource", {
  /** Which measure is taken. */
  metric: ref<MetricIdentifier>(() => metricIdentifier, { default: {} }),
  /** What is aimed at: Value, or AverageValue after division by the number of pods. */
  target: ref<MetricTarget>(() => metricTarget, { default: {} }),
});
export interface ExternalMetricSource extends Infer<typeof externalMetricSource> {}
