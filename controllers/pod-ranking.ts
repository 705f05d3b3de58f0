import { findCondition, isReady } from "../api/core/pod/conditions.js";
import type { Pod } from "../api/core/pod/pod.js";

/**
 * Orders pods by how little is lost when they go, least first: not placed, not started, not ready, cheap by their own
 * word, crowding a node, ready for a short time, restarted often, young. Times count by magnitude only, so that the
 * choice among pods of similar age is spread.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
export function byCostOfLoss(related: readonly Pod[], nowMs: number): (left: Pod, right: Pod) => number {
  const onNode = new Map<string, number>();
  for (const { spec } of related) {
    if (spec.nodeName) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1);
  }
  const criteria: readonly ((pod: Pod) => number)[] = [
    ({ spec }) => (spec.nodeName ? 1 : 0),
    ({ status }) => phaseRank[status?.phase ?? "Pending"] ?? 0,
    (pod) => (isReady(pod) ? 1 : 0),
    deletionCost,
    ({ spec }) => -(onNode.get(spec.nodeName ?? "") ?? 0),
    (pod) => magnitude(readySinceMs(pod), nowMs),
    (pod) => -restarts(pod),
    ({ metadata }) => magnitude(Date.parse(metadata.creationTimestamp), nowMs),
  ];
  return (left, right) => {
    for (const criterion of criteria) {
      const difference = criterion(left) - criterion(right);
      if (difference !== 0) return difference;
    }
    return left.metadata.uid < right.metadata.uid ? -1 : left.metadata.uid > right.metadata.uid ? 1 : 0;
  };
}

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Pods of one set with a lower cost go first. */
export const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[deletionCostAnnotation] ?? "0";
  return /^[+-]?\d{1,10}$/.test(text) ? Number(text) : 0;
}

const restarts = ({ status }: Pod): number =>
  (status?.containerStatuses ?? []).reduce((most, { restartCount }) => Math.max(most, restartCount), 0);

const magnitude = (sinceMs: number | undefined, nowMs: number): number =>
  sinceMs === undefined || nowMs <= sinceMs ? -1 : Math.floor(Math.log2(nowMs - sinceMs));

/** Since when the pod is ready, in milliseconds; undefined while it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = findCondition(pod, "Ready");
  return ready?.status === "True" ? Date.parse(ready.lastTransitionTime ?? pod.metadata.creationTimestamp) : undefined;
}
