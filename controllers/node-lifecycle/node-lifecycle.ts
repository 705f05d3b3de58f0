import { type Lease, leases } from "../../api/coordination/lease.js";
import { type Node, nodes } from "../../api/core/node/node.js";
import type { NodeStatus } from "../../api/core/node/status.js";
import { isReady } from "../../api/core/pod/conditions.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { toTime } from "../../base/clock.js";
import { equal } from "../../base/equal.js";
import { type Controller, defineController, type Now, watch } from "../framework/controller.js";
import { type Action, event, type Plan, patch } from "../framework/plan.js";
import { type GracePeriods, isNodeReady, type SignsOfLife, silencedStatus, silentAtMs } from "./health.js";
import { podNodeIndex } from "./pod-index.js";
import { taintsOf } from "./taints.js";

export interface NodeLifecycleOptions {
  /** `--node-monitor-grace-period`: 40 s unless said. */
  readonly nodeMonitorGracePeriodMs?: number;
  /** `--node-startup-grace-period`: 60 s unless said. */
  readonly nodeStartupGracePeriodMs?: number;
  /** `--node-monitor-period`: 5 s unless said. */
  readonly nodeMonitorPeriodMs?: number;
}

export const nodeLeaseNamespace = "kube-node-lease";

/** Tells of nodes that have fallen silent, and taints every node by its conditions. */
export function nodeLifecycle(options: NodeLifecycleOptions = {}): Controller {
  const settings: Settings = {
    monitorGraceMs: options.nodeMonitorGracePeriodMs ?? 40_000,
    startupGraceMs: options.nodeStartupGracePeriodMs ?? 60_000,
    periodMs: options.nodeMonitorPeriodMs ?? 5_000,
  };
  const pulses = new Pulses();
  return defineController({
    name: "node-lifecycle",
    component: "node-controller",
    reconciles: nodes,
    watches: [watch(leases, ({ metadata }) => (metadata.namespace === nodeLeaseNamespace ? [metadata.name] : []))],
    reads: [pods],
    indexes: [podNodeIndex],
    observe: (node, cache, { nowMs }) => {
      const signs = pulses.feel(node, cache.get(leases, nodeLeaseNamespace, node.metadata.name), nowMs);
      const isWell = isNodeReady(node) && silentAtMs(node, signs, settings) > nowMs;
      return {
        signs,
        pods: cache.byIndex(pods, podNodeIndex.name, node.metadata.name),
        // Asked for nodes in trouble alone: with many nodes it is not free.
        someNodeIsReady: isWell || cache.list(nodes).some((other) => other !== node && isNodeReady(other)),
      };
    },
    reconcile: (node, observed, now) => reconcileNode(node, observed, now, settings),
    reconcileAbsent: (name) => {
      pulses.forget(name);
      return [];
    },
  });
}

export interface Settings extends GracePeriods {
  /** How often a node that is not ready is looked at. */
  readonly periodMs: number;
}

export interface NodeSurroundings {
  readonly signs: SignsOfLife;
  /** Pods bound to it. */
  readonly pods: readonly Pod[];
  readonly someNodeIsReady: boolean;
}

export function reconcileNode(
  node: Node,
  { signs, pods: bound, someNodeIsReady }: NodeSurroundings,
  { nowMs }: Now,
  settings: Settings,
): Plan<NodeStatus> {
  const leftMs = silentAtMs(node, signs, settings) - nowMs;
  const isSilent = leftMs <= 0;
  const status = isSilent ? silencedStatus(node, nowMs) : undefined;
  const conditions = (status ?? node.status)?.conditions ?? [];
  const taints = taintsOf(node, conditions, someNodeIsReady, nowMs);
  const actions: Action[] = [];
  if (!equal(taints, node.spec.taints ?? [])) {
    actions.push(patch(nodes, node, { patchType: "merge", exact: true, body: { spec: { taints } } }));
  }
  if (isSilent && isNodeReady(node)) {
    actions.push(event(node, "Normal", "NodeNotReady", `Node ${node.metadata.name} status is now: NodeNotReady`));
  }
  if (isSilent) actions.push(...bound.filter(isReady).map((pod) => markNotReady(pod, nowMs)));
  // A node in trouble is looked at again and again: whether pods leave it depends on the other nodes too.
  const lookAgainMs = isSilent || !isNodeReady(node) ? settings.periodMs : leftMs;
  return {
    actions,
    ...(status ? { status } : {}),
    requeueAfterMs: isSilent ? lookAgainMs : Math.min(lookAgainMs, leftMs),
  };
}

/** Nobody can say any more that the pod takes traffic. */
function markNotReady(pod: Pod, nowMs: number): Action {
  const conditions = (pod.status?.conditions ?? []).map((condition) =>
    condition.type === "Ready"
      ? { ...condition, status: "False" as const, lastTransitionTime: toTime(nowMs) }
      : condition,
  );
  return patch(pods, pod, { patchType: "merge", exact: true, subresource: "status", body: { status: { conditions } } });
}

/** When each node's signs of life last changed, as we saw it. */
class Pulses {
  readonly #known = new Map<string, { readonly sign: string; readonly lastSeenMs: number }>();

  feel({ metadata, status }: Node, lease: Lease | undefined, nowMs: number): SignsOfLife {
    const sign = [
      metadata.uid,
      lease?.spec.renewTime,
      ...(status?.conditions ?? [])
        .filter(({ reason }) => reason !== "NodeStatusNeverUpdated")
        .map(({ lastHeartbeatTime }) => lastHeartbeatTime),
    ].join();
    const known = this.#known.get(metadata.name);
    if (known?.sign === sign) return known;
    const seen = { sign, lastSeenMs: nowMs };
    this.#known.set(metadata.name, seen);
    return seen;
  }

  forget(name: string): void {
    this.#known.delete(name);
  }
}
