/** Measures as autoscaling/v1 writes them in annotations: target and value are flat fields, named for each type. */
import { isRecord } from "../../base/record.js";
import type { MetricSpec, MetricTarget } from "./metric.js";
import type { MetricStatus, MetricValueStatus } from "./metric-status.js";

type Json = Readonly<Record<string, unknown>>;

export function metricToV1({ type, resource, containerResource, pods, object, external }: MetricSpec): Json {
  return withoutAbsent({
    type,
    resource: resource && { name: resource.name, ...resourceTarget(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      ...resourceTarget(containerResource.target),
    },
    pods:
      pods &&
      withoutAbsent({
        metricName: pods.metric.name,
        selector: pods.metric.selector,
        targetAverageValue: pods.target.averageValue,
      }),
    object:
      object &&
      withoutAbsent({
        target: object.describedObject,
        metricName: object.metric.name,
        selector: object.metric.selector,
        targetValue: object.target.value ?? "0",
        averageValue: object.target.averageValue,
      }),
    external:
      external &&
      withoutAbsent({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  });
}

export function metricOfV1(metric: Json): MetricSpec {
  const { resource, containerResource, pods, object, external } = partsOf(metric);
  return withoutAbsent({
    type: metric.type,
    resource: resource && { name: resource.name, target: targetOfResource(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: targetOfResource(containerResource),
    },
    pods: pods && {
      metric: withoutAbsent({ name: pods.metricName, selector: pods.selector }),
      target: { type: "AverageValue", averageValue: pods.targetAverageValue },
    },
    object: object && {
      describedObject: object.target,
      metric: withoutAbsent({ name: object.metricName, selector: object.selector }),
      target: targetOf(object.targetValue, object.averageValue),
    },
    external: external && {
      metric: withoutAbsent({ name: external.metricName, selector: external.metricSelector }),
      target: targetOf(external.targetValue, external.targetAverageValue),
    },
  }) as object as MetricSpec;
}

export function metricStatusToV1({ type, resource, containerResource, ...rest }: MetricStatus): Json {
  const { pods, object, external } = rest;
  return withoutAbsent({
    type,
    resource: resource && { name: resource.name, ...resourceValue(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      ...resourceValue(containerResource.current),
    },
    pods:
      pods &&
      withoutAbsent({
        metricName: pods.metric.name,
        selector: pods.metric.selector,
        currentAverageValue: pods.current.averageValue,
      }),
    object:
      object &&
      withoutAbsent({
        target: object.describedObject,
        metricName: object.metric.name,
        selector: object.metric.selector,
        currentValue: object.current.value ?? "0",
        averageValue: object.current.averageValue,
      }),
    external:
      external &&
      withoutAbsent({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value,
        currentAverageValue: external.current.averageValue,
      }),
  });
}

export function metricStatusOfV1(metric: Json): MetricStatus {
  const { resource, containerResource, pods, object, external } = partsOf(metric);
  return withoutAbsent({
    type: metric.type,
    resource: resource && { name: resource.name, current: valueOfResource(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      current: valueOfResource(containerResource),
    },
    pods: pods && {
      metric: withoutAbsent({ name: pods.metricName, selector: pods.selector }),
      current: withoutAbsent({ averageValue: pods.currentAverageValue }),
    },
    object: object && {
      describedObject: object.target,
      metric: withoutAbsent({ name: object.metricName, selector: object.selector }),
      current: measured(object.currentValue, object.averageValue),
    },
    external: external && {
      metric: withoutAbsent({ name: external.metricName, selector: external.metricSelector }),
      current: measured(external.currentValue, external.currentAverageValue),
    },
  }) as object as MetricStatus;
}

type Part = "resource" | "containerResource" | "pods" | "object" | "external";

function partsOf(metric: Json): { readonly [K in Part]: Json | undefined } {
  const part = (name: Part): Json | undefined => {
    const value = metric[name];
    return isRecord(value) ? value : undefined;
  };
  const names = { resource: part("resource"), containerResource: part("containerResource"), pods: part("pods") };
  return { ...names, object: part("object"), external: part("external") };
}

const resourceTarget = ({ averageUtilization, averageValue }: MetricTarget): Json =>
  withoutAbsent({ targetAverageUtilization: averageUtilization, targetAverageValue: averageValue });
const resourceValue = ({ averageUtilization, averageValue }: MetricValueStatus): Json =>
  withoutAbsent({ currentAverageUtilization: averageUtilization, currentAverageValue: averageValue ?? "0" });

const targetOfResource = ({ targetAverageUtilization, targetAverageValue }: Json): Json =>
  targetAverageUtilization === undefined
    ? withoutAbsent({ type: "AverageValue", averageValue: targetAverageValue })
    : { type: "Utilization", averageUtilization: targetAverageUtilization };
const valueOfResource = ({ currentAverageUtilization, currentAverageValue }: Json): Json =>
  withoutAbsent({ averageUtilization: currentAverageUtilization, averageValue: nonZero(currentAverageValue) });

const targetOf = (value: unknown, averageValue: unknown): Json =>
  averageValue === undefined ? withoutAbsent({ type: "Value", value }) : { type: "AverageValue", averageValue };
const measured = (value: unknown, averageValue: unknown): Json =>
  withoutAbsent({ value: nonZero(value), averageValue });

/** v1 has to write a value where v2 has none. */
const nonZero = (value: unknown): unknown => (value === "0" || value === 0 ? undefined : value);

const withoutAbsent = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
