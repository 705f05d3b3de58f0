import { matchesRequired } from "../../api/core/pod/node-affinity.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { toleratesTaint } from "../../api/core/pod/tolerations.js";
import type { TopologySpreadConstraint } from "../../api/core/pod/topology-spread.js";
import { matcherOf } from "../../apimachinery/selector/label.js";
import { definePlugin, fits, maxScore, rejects, skip } from "../framework.js";
import type { NodeInfo, Snapshot } from "../node-info.js";

/**
 * Spreads matching pods over the domains of a topology key: DoNotSchedule keeps the difference within maxSkew,
 * ScheduleAnyway prefers the emptier domains.
 */
export const podTopologySpread = definePlugin({
  name: "PodTopologySpread",
  prepare: (pod, snapshot) => {
    const constraints = pod.spec.topologySpreadConstraints ?? [];
    return constraints.length === 0 ? skip : constraints.map((constraint) => survey(pod, constraint, snapshot));
  },
  filter: (surveys, { node }) => {
    for (const { constraint, counts, least, selfMatch } of surveys) {
      if (constraint.whenUnsatisfiable !== "DoNotSchedule") continue;
      const domain = node.metadata.labels?.[constraint.topologyKey];
      if (domain === undefined)
        return rejects("node(s) didn't match pod topology spread constraints (missing required label)");
      if ((counts.get(domain) ?? 0) + selfMatch - least > constraint.maxSkew)
        return rejects("node(s) didn't match pod topology spread constraints");
    }
    return fits;
  },
  score: ({ prepared, nodes }) => scoreAll(prepared, nodes),
  isPicky: true,
  requeueOn: [
    "Node/Add",
    "Node/UpdateLabel",
    "Node/UpdateTaint",
    "AssignedPod/Add",
    "AssignedPod/Delete",
    "AssignedPod/UpdateLabel",
  ],
});

interface Survey {
  readonly constraint: TopologySpreadConstraint;
  /** Domain to matching pods. */
  readonly counts: ReadonlyMap<string, number>;
  readonly least: number;
  /** 1 where the pod itself counts. */
  readonly selfMatch: 0 | 1;
}

function survey(pod: Pod, constraint: TopologySpreadConstraint, { nodes }: Snapshot): Survey {
  const matcher = matcherOf(withLabelKeys(pod, constraint));
  const keys = (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === constraint.whenUnsatisfiable)
    .map(({ topologyKey }) => topologyKey);
  const counts = new Map<string, number>();
  for (const info of nodes) {
    const labels = info.node.metadata.labels ?? {};
    const domain = labels[constraint.topologyKey];
    if (domain === undefined || !keys.every((key) => key in labels) || !counted(pod, constraint, info)) continue;
    let count = counts.get(domain) ?? 0;
    for (const other of info.pods) {
      if (
        other.metadata.namespace === pod.metadata.namespace &&
        !other.metadata.deletionTimestamp &&
        matcher.matches(other.metadata.labels)
      )
        count++;
    }
    counts.set(domain, count);
  }
  const enoughDomains = counts.size >= (constraint.minDomains ?? 1);
  const least = enoughDomains
    ? [...counts.values()].reduce((low, count) => Math.min(low, count), Number.POSITIVE_INFINITY)
    : 0;
  return {
    constraint,
    counts,
    least: Number.isFinite(least) ? least : 0,
    selfMatch: matcher.matches(pod.metadata.labels) ? 1 : 0,
  };
}

/** matchLabelKeys adds the pod's own values of these labels to the selector. */
function withLabelKeys(
  { metadata: { labels = {} } }: Pod,
  { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint,
) {
  const own = matchLabelKeys.flatMap((key) =>
    labels[key] === undefined ? [] : [{ key, operator: "In" as const, values: [labels[key]] }],
  );
  if (!labelSelector || own.length === 0) return labelSelector;
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] };
}

/** Nodes that the pod could not go to anyway do not count, unless the policies say so. */
function counted(
  pod: Pod,
  { nodeAffinityPolicy = "Honor", nodeTaintsPolicy = "Ignore" }: TopologySpreadConstraint,
  { node }: NodeInfo,
): boolean {
  if (nodeAffinityPolicy === "Honor" && !matchesRequired(pod, node)) return false;
  const { tolerations = [] } = pod.spec;
  return (
    nodeTaintsPolicy === "Ignore" ||
    (node.spec.taints ?? []).every(
      (taint) =>
        taint.effect === "PreferNoSchedule" || tolerations.some((toleration) => toleratesTaint(toleration, taint)),
    )
  );
}

/** Fewer matching pods in a node's domains are better; a node outside of a topology gets nothing. */
function scoreAll(surveys: readonly Survey[], nodes: readonly NodeInfo[]): number[] {
  const soft = surveys.filter(({ constraint }) => constraint.whenUnsatisfiable === "ScheduleAnyway");
  const costs = nodes.map(
    ({
      node: {
        metadata: { labels = {} },
      },
    }) => {
      let cost = 0;
      for (const { constraint, counts } of soft) {
        const domain = labels[constraint.topologyKey];
        if (domain === undefined) return undefined;
        cost += (counts.get(domain) ?? 0) * Math.log(counts.size + 2) + (constraint.maxSkew - 1);
      }
      return cost;
    },
  );
  const known = costs.filter((cost) => cost !== undefined);
  const highest = Math.max(0, ...known);
  const lowest = Math.min(highest, ...known);
  return costs.map((cost) => {
    if (cost === undefined) return 0;
    return highest === 0 ? maxScore : Math.trunc((maxScore * (highest + lowest - cost)) / highest);
  });
}
