import type { PodCondition } from "../../api/core/pod/status.js";

/** The agent's own decision that a pod is over: turned away, evicted, or ended with its node. It ends Failed. */
export interface Dismissal {
  /** As status.reason shows it: `OutOfcpu`, `Evicted`, `Terminated`. */
  readonly reason: string;
  readonly message: string;
  /** At most this long; the pod's own grace where absent. */
  readonly graceMs?: number;
  /** It ran, and was disturbed by the node: its condition DisruptionTarget says why. */
  readonly disruption?: { readonly reason: string; readonly message: string };
}

/** What a pod that is being disturbed shows. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
export function disruptionCondition(
  { disruption }: Dismissal,
  before: PodCondition | undefined,
  now: string,
): PodCondition | undefined {
  if (!disruption) return undefined;
  const since = before?.status === "True" ? before.lastTransitionTime : undefined;
  return { type: "DisruptionTarget", status: "True", ...disruption, lastTransitionTime: since ?? now };
}
