import type { Amount, Signal, Threshold } from "../eviction/threshold.js";

/** How a node shares out what it has; names as the kubelet's flags. */
export interface ResourceSettings {
  readonly maxPods: number;
  /** Sysctls beyond the safe ones that pods may set, or patterns ending in `*`. */
  readonly allowedUnsafeSysctls: readonly string[];
  /** Kept back from pods, by resource. */
  readonly kubeReserved: Readonly<Record<string, string>>;
  readonly systemReserved: Readonly<Record<string, string>>;
  /** Hard ones have no grace. */
  readonly thresholds: readonly Threshold[];
  /** How long a node still counts as under pressure when it no longer is. */
  readonly pressureTransitionMs: number;
  /** Bound on the grace of pods evicted by a soft threshold. */
  readonly evictionMaxPodGraceMs: number;
  /** On SIGTERM: how long pods get to end; 0: they go on running. */
  readonly shutdownGraceMs: number;
  /** The last part of it, kept for critical pods. */
  readonly shutdownGraceCriticalMs: number;
  /** Instead of the two above: seconds by lowest priority. */
  readonly shutdownByPriority: readonly { readonly priority: number; readonly graceMs: number }[];
}

/**
 * Milder than the kubelet's 10 % of the disk: a share is much on a machine that is not the cluster's alone, and who
 * starts a cluster on a laptop does not expect its disk to end pods.
 */
export const defaultHardThresholds: ReadonlyMap<Signal, Amount> = new Map<Signal, Amount>([
  ["memory.available", { value: 100 * 1024 ** 2, text: "100Mi" }],
  ["nodefs.available", { value: 256 * 1024 ** 2, text: "256Mi" }],
]);

/** Of nodes that run containers, where images fill disks. */
export const containerHardThresholds: ReadonlyMap<Signal, Amount> = new Map<Signal, Amount>([
  ["memory.available", { value: 100 * 1024 ** 2, text: "100Mi" }],
  ["nodefs.available", { share: 0.05 }],
  ["nodefs.inodesFree", { share: 0.05 }],
  ["imagefs.available", { share: 0.05 }],
  ["imagefs.inodesFree", { share: 0.05 }],
]);

export const hardThresholds = (amounts: ReadonlyMap<Signal, Amount>): readonly Threshold[] =>
  [...amounts].map(([signal, below]) => ({ signal, below, graceMs: 0 }));

export const defaultResourceSettings: ResourceSettings = {
  maxPods: 110,
  allowedUnsafeSysctls: [],
  kubeReserved: {},
  systemReserved: {},
  thresholds: hardThresholds(defaultHardThresholds),
  pressureTransitionMs: 300_000,
  evictionMaxPodGraceMs: 0,
  shutdownGraceMs: 0,
  shutdownGraceCriticalMs: 0,
  shutdownByPriority: [],
};
