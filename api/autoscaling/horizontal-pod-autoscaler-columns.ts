import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from "./horizontal-pod-autoscaler.js";
import type { HorizontalPodAutoscalerSpecV1, HorizontalPodAutoscalerStatusV1 } from "./horizontal-pod-autoscaler-v1.js";
import type { MetricSpec, MetricTarget } from "./metric.js";
import type { MetricStatus, MetricValueStatus } from "./metric-status.js";

/** What `kubectl get horizontalpodautoscalers` shows. */

type AutoscalerV1 = ObjectWith<HorizontalPodAutoscalerSpecV1, HorizontalPodAutoscalerStatusV1>;
type Autoscaler = ObjectWith<HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus>;

export const autoscalerColumns: readonly Column<Autoscaler>[] = [
  nameColumn,
  { name: "Reference", cell: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}` },
  { name: "Targets", cell: ({ spec, status }) => targetsText(spec.metrics, status?.currentMetrics) },
  { name: "MinPods", cell: ({ spec }) => String(spec.minReplicas) },
  { name: "MaxPods", type: "integer", cell: ({ spec }) => spec.maxReplicas },
  { name: "Replicas", type: "integer", cell: ({ status }) => status?.currentReplicas ?? 0 },
  ageColumn,
];

export const autoscalerV1Columns: readonly Column<AutoscalerV1>[] = [
  nameColumn,
  { name: "Reference", cell: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}` },
  { name: "Targets", cell: ({ spec, status }) => cpuText(spec, status) },
  { name: "MinPods", cell: ({ spec }) => String(spec.minReplicas) },
  { name: "MaxPods", type: "integer", cell: ({ spec }) => spec.maxReplicas },
  { name: "Replicas", type: "integer", cell: ({ status }) => status?.currentReplicas ?? 0 },
  ageColumn,
];

function cpuText(
  { targetCPUUtilizationPercentage: wanted }: HorizontalPodAutoscalerSpecV1,
  { currentCPUUtilizationPercentage: used }: Partial<HorizontalPodAutoscalerStatusV1> = {},
): string | undefined {
  return wanted === undefined ? undefined : `cpu: ${used === undefined ? unknown : `${used}%`}/${wanted}%`;
}

const shownTargets = 2;
const unknown = "<unknown>";

function targetsText(specs: readonly MetricSpec[] = [], found: readonly MetricStatus[] = []): string | undefined {
  if (specs.length === 0) return undefined;
  const texts = specs.map((spec, index) => targetText(spec, found[index]));
  const shown = texts.slice(0, shownTargets).join(", ");
  return texts.length > shownTargets ? `${shown} + ${texts.length - shownTargets} more...` : shown;
}

/** `cpu: 12%/80%`; what has not been measured yet is unknown. */
function targetText({ resource, containerResource, pods, object, external }: MetricSpec, found?: MetricStatus): string {
  const used = resource ?? containerResource;
  if (used)
    return `${used.name}: ${useText(used.target, found?.resource?.current ?? found?.containerResource?.current)}`;
  if (pods) return `${found?.pods?.current.averageValue ?? unknown}/${pods.target.averageValue ?? unknown}`;
  const measured = object ?? external;
  if (!measured) return unknown;
  const current = found?.object?.current ?? found?.external?.current;
  const { averageValue, value } = measured.target;
  return averageValue === undefined
    ? `${current?.value ?? unknown}/${value ?? unknown}`
    : `${current?.averageValue ?? unknown}/${averageValue} (avg)`;
}

function useText({ averageValue, averageUtilization }: MetricTarget, current?: MetricValueStatus): string {
  if (averageValue !== undefined) return `${current?.averageValue ?? unknown}/${averageValue}`;
  const share = current?.averageUtilization;
  const wanted = averageUtilization === undefined ? "<auto>" : `${averageUtilization}%`;
  return `${share === undefined ? unknown : `${share}%`}/${wanted}`;
}
