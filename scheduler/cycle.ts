import type { Pod } from "../api/core/pod/pod.js";
import { type AnyPlugin, isRejection, normalize, type Rejection, skip, type WeightedPlugin } from "./framework.js";
import type { NodeInfo, Snapshot } from "./node-info.js";

export interface CycleOptions {
  /** Where in the list of nodes to start looking, so that all get their turn. */
  readonly start: number;
  /** Feasible nodes after which the search ends; absent: as the pod needs, at most what numFeasibleNodesToFind says. */
  readonly enough?: number;
  /** In [0, 1): chooses among nodes of equal score. */
  readonly tieBreak: number;
}

export type Decision =
  | {
      readonly type: "node";
      readonly node: string;
      readonly score: number;
      readonly evaluated: number;
      readonly feasible: number;
    }
  | {
      readonly type: "none";
      readonly nodes: number;
      /** Reason to number of nodes that gave it. */
      readonly reasons: ReadonlyMap<string, number>;
      /** Names of the plugins that rejected: what cures them wakes the pod. */
      readonly rejectedBy: ReadonlySet<string>;
      readonly evaluated: number;
    };

interface Prepared {
  readonly plugin: AnyPlugin;
  readonly weight: number;
  readonly state: unknown;
}

/** Where should this pod run? Pure: the same pod, snapshot and options give the same decision. */
export function decide(
  pod: Pod,
  snapshot: Snapshot,
  profile: readonly WeightedPlugin[],
  options: CycleOptions,
): Decision {
  const prepared: Prepared[] = [];
  for (const { plugin, weight } of profile) {
    const state = plugin.prepare?.(pod, snapshot);
    if (state === skip) continue;
    if (isRejection(state))
      return nowhere(snapshot.nodes.length, everywhere(state, snapshot.nodes.length), new Set([plugin.name]), 0);
    prepared.push({ plugin, weight, state });
  }
  const search = findFeasible(prepared, snapshot.nodes, {
    ...options,
    enough: options.enough ?? enoughFor(prepared, snapshot),
  });
  if (search.feasible.length === 0)
    return nowhere(snapshot.nodes.length, search.reasons, search.rejectedBy, search.evaluated);
  const { info, score } = best(pod, prepared, search.feasible, snapshot, options.tieBreak);
  return {
    type: "node",
    node: info.node.metadata.name,
    score,
    evaluated: search.evaluated,
    feasible: search.feasible.length,
  };
}

const minFeasibleNodes = 100;
const minPercentOfNodes = 5;

/** How many feasible nodes are enough in a cluster of this size: all up to 100, then a share that shrinks to 5 %. */
export function numFeasibleNodesToFind(nodes: number): number {
  if (nodes <= minFeasibleNodes) return nodes;
  const percent = Math.max(minPercentOfNodes, 50 - Math.trunc(nodes / 125));
  return Math.max(minFeasibleNodes, Math.trunc((nodes * percent) / 100));
}

/**
 * How empty a node is varies little and smoothly, so that among a hundred there is one about as good as the best. Of what
 * few nodes have, a larger share must be seen.
 */
function enoughFor(prepared: readonly Prepared[], { nodes }: Snapshot): number {
  const most = numFeasibleNodesToFind(nodes.length);
  return prepared.some(({ plugin }) => plugin.isPicky) ? most : Math.min(minFeasibleNodes, most);
}

function findFeasible(
  prepared: readonly Prepared[],
  nodes: readonly NodeInfo[],
  { start, enough }: { readonly start: number; readonly enough: number },
) {
  const filters = prepared.filter(({ plugin }) => plugin.filter);
  const feasible: NodeInfo[] = [];
  const reasons = new Map<string, number>();
  const rejectedBy = new Set<string>();
  let evaluated = 0;
  while (evaluated < nodes.length && feasible.length < enough) {
    const info = nodes[(start + evaluated) % nodes.length];
    evaluated++;
    if (!info) continue;
    const rejected = firstRejection(filters, info);
    if (!rejected) {
      feasible.push(info);
      continue;
    }
    rejectedBy.add(rejected.plugin);
    for (const reason of rejected.rejection.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return { feasible, reasons, rejectedBy, evaluated };
}

function firstRejection(
  filters: readonly Prepared[],
  info: NodeInfo,
): { readonly plugin: string; readonly rejection: Rejection } | undefined {
  for (const { plugin, state } of filters) {
    const rejection = plugin.filter?.(state, info);
    if (rejection) return { plugin: plugin.name, rejection };
  }
  return undefined;
}

function best(
  pod: Pod,
  prepared: readonly Prepared[],
  nodes: readonly NodeInfo[],
  snapshot: Snapshot,
  tieBreak: number,
) {
  const totals = new Array<number>(nodes.length).fill(0);
  for (const { plugin, weight, state } of nodes.length > 1 ? prepared : []) {
    if (!plugin.score || weight === 0) continue;
    const scores = plugin.score({ prepared: state, pod, nodes, snapshot });
    if (plugin.normalize) normalize(scores, plugin.normalize);
    for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + weight * (scores[i] ?? 0);
  }
  const score = totals.reduce((highest, total) => Math.max(highest, total), Number.NEGATIVE_INFINITY);
  const winners = nodes.filter((_, i) => totals[i] === score);
  const info = winners[Math.floor(tieBreak * winners.length)] ?? (nodes[0] as NodeInfo);
  return { info, score };
}

const everywhere = (rejection: Rejection, nodes: number): ReadonlyMap<string, number> =>
  new Map(rejection.reasons.map((reason) => [reason, nodes]));

const nowhere = (
  nodes: number,
  reasons: ReadonlyMap<string, number>,
  rejectedBy: ReadonlySet<string>,
  evaluated: number,
): Decision => ({
  type: "none",
  nodes,
  reasons,
  rejectedBy,
  evaluated,
});

/** The message of the FailedScheduling event: how many nodes gave each reason, sorted as kubectl users know it. */
export function failureMessage(nodes: number, reasons: ReadonlyMap<string, number>): string {
  if (nodes === 0) return "no nodes available to schedule pods";
  const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodes} nodes are available${counted.length === 0 ? "" : `: ${counted.join(", ")}`}.`;
}
