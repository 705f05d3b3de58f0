import type { Probe } from "../../api/core/pod/probe.js";

/** Successes and failures in a row, and the verdict that their thresholds give. */
export interface Tally {
  readonly verdict: "success" | "failure" | "unknown";
  readonly outcome: "success" | "failure" | undefined;
  readonly inARow: number;
}

export const noTally: Tally = { verdict: "unknown", outcome: undefined, inARow: 0 };

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes */
export function count(
  { verdict, outcome: before, inARow }: Tally,
  outcome: "success" | "failure",
  { successThreshold, failureThreshold }: Probe,
): Tally {
  const row = before === outcome ? inARow + 1 : 1;
  const enough = row >= (outcome === "success" ? successThreshold : failureThreshold);
  return { verdict: enough ? outcome : verdict, outcome, inARow: row };
}
