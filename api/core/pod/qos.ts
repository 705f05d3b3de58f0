import { compareQuantity } from "../../../apimachinery/quantity.js";
import type { ResourceRequirements } from "./resources.js";
import type { PodSpec } from "./spec.js";
import type { PodStatus } from "./status.js";

type QosClass = NonNullable<PodStatus["qosClass"]>;

const counted = ["cpu", "memory"] as const;

/**
 * Guaranteed: every container limits CPU and memory and requests as much. BestEffort: none asks for either. Else Burstable.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClass(spec: PodSpec): QosClass {
  const own = spec.resources;
  const consumers = hasAmounts(own)
    ? [own]
    : [...(spec.initContainers ?? []), ...spec.containers].map(({ resources }) => resources);
  if (!consumers.some(hasAmounts)) return "BestEffort";
  return consumers.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function hasAmounts(resources: ResourceRequirements | undefined): resources is ResourceRequirements {
  return counted.some((name) => isPositive(resources?.requests?.[name]) || isPositive(resources?.limits?.[name]));
}

function isGuaranteed(resources: ResourceRequirements | undefined): boolean {
  return counted.every((name) => {
    const limit = resources?.limits?.[name];
    const request = resources?.requests?.[name] ?? limit;
    return limit !== undefined && isPositive(limit) && request !== undefined && compareQuantity(request, limit) === 0;
  });
}

const isPositive = (amount: string | undefined): boolean => amount !== undefined && compareQuantity(amount, "0") > 0;
