/**
 * autoscaling/v1 and v2 of one object. What v1 has no fields for it keeps in annotations, in v1's own form of metrics, so that
 * a client of v1 that reads and writes back loses nothing.
 */
import type { ObjectWith } from "../../apimachinery/resource.js";
import { badRequest } from "../../apimachinery/status.js";
import { isRecord } from "../../base/record.js";
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from "./horizontal-pod-autoscaler.js";
import type { HorizontalPodAutoscalerSpecV1, HorizontalPodAutoscalerStatusV1 } from "./horizontal-pod-autoscaler-v1.js";
import type { MetricSpec } from "./metric.js";
import { metricOfV1, metricStatusOfV1, metricStatusToV1, metricToV1 } from "./metric-conversion.js";
import type { MetricStatus } from "./metric-status.js";

type V2 = ObjectWith<HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus>;
type V1 = ObjectWith<HorizontalPodAutoscalerSpecV1, HorizontalPodAutoscalerStatusV1>;
type Bare<T> = Omit<T, "apiVersion" | "kind">;

const prefix = "autoscaling.alpha.kubernetes.io/";
const metricsKey = `${prefix}metrics`;
const behaviorKey = `${prefix}behavior`;
const currentMetricsKey = `${prefix}current-metrics`;
const conditionsKey = `${prefix}conditions`;
const keys: ReadonlySet<string> = new Set([metricsKey, behaviorKey, currentMetricsKey, conditionsKey]);

export function fromStoredAutoscaler({ metadata, spec, status }: V2): Bare<V1> {
  const { metrics = [], behavior, ...rest } = spec;
  const cpu = metrics.find(isCpuUse);
  const others = metrics.filter((metric) => metric !== cpu);
  const { currentMetrics = [], conditions = [], currentReplicas = 0, ...told } = status ?? { desiredReplicas: 0 };
  const cpuNow = currentMetrics.find(isCpuFound);
  const annotations = {
    ...withoutOurs(metadata.annotations),
    ...kept(metricsKey, others.map(metricToV1)),
    ...kept(currentMetricsKey, currentMetrics.filter((metric) => metric !== cpuNow).map(metricStatusToV1)),
    ...kept(conditionsKey, conditions),
    ...(behavior ? { [behaviorKey]: JSON.stringify(behavior) } : {}),
  };
  const used = cpuNow?.resource?.current.averageUtilization;
  return {
    metadata: withAnnotations(metadata, annotations),
    spec: { ...rest, ...number("targetCPUUtilizationPercentage", cpu?.resource?.target.averageUtilization) },
    ...(status ? { status: { ...told, currentReplicas, ...number("currentCPUUtilizationPercentage", used) } } : {}),
  };
}

export function toStoredAutoscaler({ metadata, spec, status }: V1): Bare<V2> {
  const { targetCPUUtilizationPercentage: wanted, ...rest } = spec;
  const { annotations = {} } = metadata;
  const cpu: readonly MetricSpec[] =
    wanted === undefined
      ? []
      : [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: wanted } } }];
  const metrics = [...listIn(annotations, metricsKey).map(metricOfV1), ...cpu];
  const behavior = valueIn(annotations, behaviorKey);
  return {
    metadata: withAnnotations(metadata, withoutOurs(annotations)),
    spec: {
      ...rest,
      ...(metrics.length > 0 ? { metrics } : {}),
      ...(isRecord(behavior) ? { behavior: behavior as NonNullable<V2["spec"]["behavior"]> } : {}),
    },
    ...(status ? { status: storedStatus(status, annotations) } : {}),
  };
}

function storedStatus(
  { currentCPUUtilizationPercentage: used, currentReplicas, ...rest }: HorizontalPodAutoscalerStatusV1,
  annotations: Readonly<Record<string, string>>,
): HorizontalPodAutoscalerStatus {
  const cpu: readonly MetricStatus[] =
    used === undefined ? [] : [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: used } } }];
  const currentMetrics = [...listIn(annotations, currentMetricsKey).map(metricStatusOfV1), ...cpu];
  const conditions = listIn(annotations, conditionsKey) as NonNullable<HorizontalPodAutoscalerStatus["conditions"]>;
  return {
    ...rest,
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    ...(currentMetrics.length > 0 ? { currentMetrics } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

const isCpuUse = ({ resource }: MetricSpec): boolean =>
  resource?.name === "cpu" && resource.target.averageUtilization !== undefined;
const isCpuFound = ({ resource }: MetricStatus): boolean =>
  resource?.name === "cpu" && resource.current.averageUtilization !== undefined;

const number = <K extends string>(name: K, value: number | undefined): { readonly [P in K]?: number } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: number };

const kept = (key: string, list: readonly unknown[]): Readonly<Record<string, string>> =>
  list.length > 0 ? { [key]: JSON.stringify(list) } : {};

const withoutOurs = (annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => !keys.has(key)));

function withAnnotations(metadata: V2["metadata"], annotations: Readonly<Record<string, string>>): V2["metadata"] {
  const { annotations: _, ...rest } = metadata;
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}

function valueIn(annotations: Readonly<Record<string, string>>, key: string): unknown {
  const text = annotations[key];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`metadata.annotations[${key}] does not hold JSON`);
  }
}

function listIn(annotations: Readonly<Record<string, string>>, key: string): readonly Record<string, unknown>[] {
  const value = valueIn(annotations, key);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isRecord))
    throw badRequest(`metadata.annotations[${key}] does not hold a list of objects`);
  return value;
}
