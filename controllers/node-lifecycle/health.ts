import type { Node } from "../../api/core/node/node.js";
import type { NodeCondition, NodeStatus } from "../../api/core/node/status.js";
import { toTime } from "../../base/clock.js";

/** What a node's signs of life say. */
export interface SignsOfLife {
  /** When a sign was last seen to change, by our own clock: the node's may be wrong. */
  readonly lastSeenMs: number;
}
export interface GracePeriods {
  /** Without a sign for this long, nothing is known of the node. */
  readonly monitorGraceMs: number;
  /** The same for a node that never was ready. */
  readonly startupGraceMs: number;
}

/** Conditions that the agent reports, and that nobody can vouch for once it is silent. */
const reported = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;

export const readyOf = ({ status }: Pick<Node, "status">): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === "Ready");

/** Asked of all nodes for the sake of one: of a status that makes no sense it says no, and does not throw. */
export const isNodeReady = (node: Pick<Node, "status">): boolean =>
  Array.isArray(node.status?.conditions) && readyOf(node)?.status === "True";

/** When the node counts as silent, should no sign come. */
export const silentAtMs = (node: Node, { lastSeenMs }: SignsOfLife, grace: GracePeriods): number =>
  lastSeenMs + (readyOf(node) ? grace.monitorGraceMs : grace.startupGraceMs);

/** The status of a node that has fallen silent: what it reported last is Unknown now. */
export function silencedStatus(node: Node, nowMs: number): NodeStatus {
  const conditions = node.status?.conditions ?? [];
  const silenced = conditions.map((condition) =>
    reported.some((type) => type === condition.type) && condition.status !== "Unknown"
      ? unknown(condition, nowMs)
      : condition,
  );
  const missing = reported.filter((type) => !conditions.some((condition) => condition.type === type));
  return { ...node.status, conditions: [...silenced, ...missing.map((type) => neverPosted(type, node, nowMs))] };
}

const unknown = (condition: NodeCondition, nowMs: number): NodeCondition => ({
  ...condition,
  status: "Unknown",
  reason: "NodeStatusUnknown",
  message: "Kubelet stopped posting node status.",
  lastTransitionTime: toTime(nowMs),
});

const neverPosted = (type: string, { metadata }: Node, nowMs: number): NodeCondition => ({
  type,
  status: "Unknown",
  reason: "NodeStatusNeverUpdated",
  message: "Kubelet never posted node status.",
  lastHeartbeatTime: metadata.creationTimestamp,
  lastTransitionTime: toTime(nowMs),
});
