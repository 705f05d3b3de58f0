import { pathSegment } from "../../apimachinery/names.js";
import { compareQuantity } from "../../apimachinery/quantity.js";
import {
  forbidden,
  invalid,
  invalidFor,
  notNegative,
  notSupported,
  required,
} from "../../apimachinery/schema/field-error.js";
import type { Draft, FieldError } from "../../apimachinery/schema/schema.js";
import { unreachable } from "../../base/assert.js";
import type {
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from "./horizontal-pod-autoscaler.js";
import type { MetricSpec, MetricTarget } from "./metric.js";

const defaultCpuUtilization = 80;
const defaultPeriodSeconds = 15;
const maxPeriodSeconds = 1800;
const maxStabilizationSeconds = 3600;

// Without any measure of its own an autoscaler looks at the use of CPU.
export function autoscalerDefaults({ metrics = [] }: HorizontalPodAutoscalerSpec): Draft<HorizontalPodAutoscalerSpec> {
  if (metrics.length > 0) return {};
  const target = { type: "Utilization", averageUtilization: defaultCpuUtilization };
  return { metrics: [{ type: "Resource", resource: { name: "cpu", target } }] };
}

const doubling = { type: "Percent", value: 100, periodSeconds: defaultPeriodSeconds } as const;
const fourMore = { type: "Pods", value: 4, periodSeconds: defaultPeriodSeconds } as const;

// Who says something about one direction gets the usual for the rest.
export function behaviorDefaults({
  scaleUp,
  scaleDown,
}: HorizontalPodAutoscalerBehavior): Draft<HorizontalPodAutoscalerBehavior> {
  return {
    ...(scaleUp?.policies && scaleUp.stabilizationWindowSeconds !== undefined
      ? {}
      : { scaleUp: { stabilizationWindowSeconds: 0, policies: [fourMore, doubling], ...scaleUp } }),
    ...(scaleDown?.policies ? {} : { scaleDown: { policies: [doubling], ...scaleDown } }),
  };
}

export function autoscalerRules(spec: HorizontalPodAutoscalerSpec): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef } = spec;
  const errors: FieldError[] = [];
  if (minReplicas < 1) errors.push(invalid("minReplicas", minReplicas, "must be greater than or equal to 1"));
  if (maxReplicas < 1) errors.push(invalid("maxReplicas", maxReplicas, "must be greater than 0"));
  if (maxReplicas < minReplicas)
    errors.push(invalid("maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"));
  for (const field of ["kind", "name"] as const)
    errors.push(...invalidFor(`scaleTargetRef.${field}`, scaleTargetRef[field], pathSegment(scaleTargetRef[field])));
  return errors;
}

export function scalingRules({ policies = [], stabilizationWindowSeconds, tolerance }: HPAScalingRules): FieldError[] {
  const errors: FieldError[] = [];
  if (stabilizationWindowSeconds !== undefined) {
    errors.push(...notNegative("stabilizationWindowSeconds", stabilizationWindowSeconds));
    if (stabilizationWindowSeconds > maxStabilizationSeconds)
      errors.push(
        invalid(
          "stabilizationWindowSeconds",
          stabilizationWindowSeconds,
          `must be less than or equal to ${maxStabilizationSeconds}`,
        ),
      );
  }
  if (policies.length === 0) errors.push(required("policies", "must specify at least one Policy"));
  if (tolerance?.startsWith("-")) errors.push(invalid("tolerance", tolerance, "must be greater than or equal to 0"));
  return errors;
}

export function scalingPolicyRules({ value, periodSeconds }: HPAScalingPolicy): FieldError[] {
  const errors: FieldError[] = [];
  if (value <= 0) errors.push(invalid("value", value, "must be greater than zero"));
  if (periodSeconds <= 0) errors.push(invalid("periodSeconds", periodSeconds, "must be greater than zero"));
  if (periodSeconds > maxPeriodSeconds)
    errors.push(invalid("periodSeconds", periodSeconds, `must be less than or equal to ${maxPeriodSeconds}`));
  return errors;
}

/** Type of a measure to the field that holds it. */
const sources = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;

type SourceType = keyof typeof sources;
const isSourceType = (type: string): type is SourceType => Object.hasOwn(sources, type);

/** A measure holds what its type says and nothing else. */
export function metricRules(metric: MetricSpec): FieldError[] {
  const { type } = metric;
  if (!isSourceType(type)) return [notSupported("type", type, Object.keys(sources))];
  const wanted = sources[type];
  const given = Object.values(sources).filter((field) => metric[field] !== undefined);
  const errors: FieldError[] = [];
  if (!given.includes(wanted)) errors.push(required(wanted, "must populate information for the given metric source"));
  for (const field of given)
    if (field !== wanted) errors.push(forbidden(field, "must populate the given metric source only"));
  const target = metric[wanted]?.target;
  return target ? [...errors, ...targetErrors(target, `${wanted}.target`, type)] : errors;
}

const targetTypes = ["AverageValue", "Utilization", "Value"];

function targetErrors(target: MetricTarget, path: string, source: SourceType): FieldError[] {
  const { type, averageUtilization, averageValue, value } = target;
  const errors: FieldError[] = [];
  if (!targetTypes.includes(type))
    errors.push(invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  if (value !== undefined && compareQuantity(value, "0") <= 0)
    errors.push(invalid(`${path}.value`, value, "must be positive"));
  if (averageValue !== undefined && compareQuantity(averageValue, "0") <= 0)
    errors.push(invalid(`${path}.averageValue`, averageValue, "must be positive"));
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"));
  return [...errors, ...valueErrors(target, path, source)];
}

function valueErrors(
  { averageUtilization, averageValue, value }: MetricTarget,
  path: string,
  source: SourceType,
): FieldError[] {
  switch (source) {
    case "Resource":
    case "ContainerResource":
      if (averageUtilization === undefined && averageValue === undefined)
        return [required(`${path}.averageUtilization`, "must set either a target raw value or a target utilization")];
      return averageUtilization !== undefined && averageValue !== undefined
        ? [forbidden(`${path}.averageValue`, "may not set both a target raw value and a target utilization")]
        : [];
    case "Pods":
      return averageValue === undefined
        ? [required(`${path}.averageValue`, "must specify a positive target averageValue")]
        : [];
    case "Object":
      return averageValue === undefined && value === undefined
        ? [required(`${path}.averageValue`, "must set either a target value or averageValue")]
        : [];
    case "External":
      if (averageValue === undefined && value === undefined)
        return [required(`${path}.averageValue`, "must set either a target value for metric or a per-pod target")];
      return averageValue !== undefined && value !== undefined
        ? [forbidden(`${path}.value`, "may not set both a target value for metric and a per-pod target")]
        : [];
    default:
      return unreachable(source);
  }
}
