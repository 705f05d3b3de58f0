import type { Node } from "../../api/core/node/node.js";
import type { NodeCondition } from "../../api/core/node/status.js";
import type { Taint } from "../../api/core/node/taint.js";
import { toTime } from "../../base/clock.js";

/** Taints that say what a node's conditions say. https://kubernetes.io/docs/reference/labels-annotations-taints/ */

export const notReadyTaint = "node.kubernetes.io/not-ready";
export const unreachableTaint = "node.kubernetes.io/unreachable";

const byCondition: readonly {
  readonly type: string;
  readonly status: NodeCondition["status"];
  readonly key: string;
}[] = [
  { type: "Ready", status: "False", key: notReadyTaint },
  { type: "Ready", status: "Unknown", key: unreachableTaint },
  { type: "MemoryPressure", status: "True", key: "node.kubernetes.io/memory-pressure" },
  { type: "DiskPressure", status: "True", key: "node.kubernetes.io/disk-pressure" },
  { type: "PIDPressure", status: "True", key: "node.kubernetes.io/pid-pressure" },
  { type: "NetworkUnavailable", status: "True", key: "node.kubernetes.io/network-unavailable" },
];
const unschedulableTaint = "node.kubernetes.io/unschedulable";

const managed: ReadonlySet<string> = new Set([
  ...byCondition.map(({ key }) => `${key}:NoSchedule`),
  `${unschedulableTaint}:NoSchedule`,
  `${notReadyTaint}:NoExecute`,
  `${unreachableTaint}:NoExecute`,
]);

/**
 * The node's taints as they should be: those of others as they are, ours by its conditions. `evict: false` (no node of
 * the cluster is ready, so the fault is likelier on our side) drives no pod away. The same list where nothing changes.
 */
export function taintsOf(
  node: Node,
  conditions: readonly NodeCondition[],
  evict: boolean,
  nowMs: number,
): readonly Taint[] {
  const before = node.spec.taints ?? [];
  const wanted = byCondition
    .filter(({ type, status }) => statusOf(conditions, type) === status)
    .map(({ key }) => ({ key, effect: "NoSchedule" as const }));
  const schedule: readonly Pick<Taint, "key" | "effect">[] = [
    ...wanted,
    ...(node.spec.unschedulable ? [{ key: unschedulableTaint, effect: "NoSchedule" as const }] : []),
    ...executeTaint(conditions, evict),
  ];
  const isWanted = (taint: Taint): boolean =>
    schedule.some(({ key, effect }) => key === taint.key && effect === taint.effect);
  const kept = before.filter((taint) => !managed.has(`${taint.key}:${taint.effect}`) || isWanted(taint));
  const added = schedule
    .filter(({ key, effect }) => !before.some((taint) => taint.key === key && taint.effect === effect))
    .map((taint): Taint => ({ ...taint, timeAdded: toTime(nowMs) }));
  return kept.length === before.length && added.length === 0 ? before : [...kept, ...added];
}

// A node that has not reported yet is as good as not ready.
const statusOf = (conditions: readonly NodeCondition[], type: string): NodeCondition["status"] | undefined =>
  conditions.find((condition) => condition.type === type)?.status ?? (type === "Ready" ? "False" : undefined);

function executeTaint(conditions: readonly NodeCondition[], evict: boolean): readonly Pick<Taint, "key" | "effect">[] {
  const ready = conditions.find(({ type }) => type === "Ready")?.status;
  if (!evict || ready === undefined || ready === "True") return [];
  return [{ key: ready === "False" ? notReadyTaint : unreachableTaint, effect: "NoExecute" }];
}
