import type { Pod } from "../api/core/pod/pod.js";
import type { NodeInfo, Snapshot } from "./node-info.js";

/** Something in the cluster changed that may cure a rejection. */
export type ClusterEvent =
  | "Node/Add"
  | "Node/UpdateAllocatable"
  | "Node/UpdateLabel"
  | "Node/UpdateTaint"
  | "Node/UpdateUnschedulable"
  | "AssignedPod/Add"
  | "AssignedPod/UpdateLabel"
  | "AssignedPod/Delete";

/** Why a node (or, from `prepare` and `preEnqueue`, every node) cannot take the pod. */
export interface Rejection {
  /** Counted per node and shown in the FailedScheduling event, worded as Kubernetes words it. */
  readonly reasons: readonly string[];
}
export const fits = undefined;
export const rejects = (...reasons: string[]): Rejection => ({ reasons });
export const isRejection = (value: unknown): value is Rejection =>
  typeof value === "object" && value !== null && "reasons" in value;

export interface ScoreContext<P> {
  readonly prepared: P;
  readonly pod: Pod;
  /** The nodes that passed every filter; `score` is called once for each, in this order. */
  readonly nodes: readonly NodeInfo[];
  readonly snapshot: Snapshot;
}

/**
 * One rule of scheduling. What `prepare` computes once a pod goes, typed, to `filter` and `score`. All hooks are pure.
 */
export interface Plugin<P> {
  readonly name: string;
  /** Before the queue: a rejected pod does not enter it until it changes. */
  readonly preEnqueue?: (pod: Pod) => Rejection | undefined;
  /** Once a pod. A Rejection rules out every node; `skip` leaves the plugin out for this pod. */
  readonly prepare?: (pod: Pod, snapshot: Snapshot) => P | Rejection | Skip;
  readonly filter?: (prepared: P, info: NodeInfo) => Rejection | undefined;
  /** Raw scores, one a feasible node; brought to 0..100 by `normalize` (as they are when absent). */
  readonly score?: (context: ScoreContext<P>) => number[];
  readonly normalize?: "highest-is-best" | "lowest-is-best";
  /** What it likes, few nodes may have: where it scores, the search looks at more of them. */
  readonly isPicky?: true;
  /** Events that could cure this plugin's rejections. */
  readonly requeueOn?: readonly ClusterEvent[];
  /** Narrows `requeueOn`: could this changed node or freed pod help? Absent means yes. */
  readonly helps?: (pod: Pod, change: Change) => boolean;
}
export interface Change {
  readonly event: ClusterEvent;
  /** The node after the change, or the node of the pod that changed. */
  readonly info: NodeInfo | undefined;
}

export const skip: unique symbol = Symbol("skip");
export type Skip = typeof skip;

/** A plugin as the cycle sees it: what passes between its hooks is its own business. */
export type AnyPlugin = Plugin<unknown>;

/** Keeps the type that `prepare` returns for the plugin's other hooks, and erases it for the list. */
export const definePlugin = <P>(plugin: Plugin<P>): AnyPlugin => plugin as unknown as AnyPlugin;

export interface WeightedPlugin {
  readonly plugin: AnyPlugin;
  /** Factor of the plugin's score; 0 for those that do not score. */
  readonly weight: number;
}

/** The highest score after normalization. */
export const maxScore = 100;

/** Brings scores to 0..100 in place: the highest (or lowest) becomes 100. */
export function normalize(scores: number[], order: "highest-is-best" | "lowest-is-best"): void {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  for (let i = 0; i < scores.length; i++) {
    const share = highest === 0 ? 0 : Math.trunc((maxScore * (scores[i] ?? 0)) / highest);
    scores[i] = order === "highest-is-best" ? share : maxScore - share;
  }
}
