import type { HostPressure } from "../../node/host.js";
import { amountOf, type Observation, type Signal, type Threshold } from "./threshold.js";

/** What one look at the signals leaves for the next. */
export interface PressureMemory {
  /** Since when each threshold has been met, by `keyOf`. */
  readonly metSinceMs: ReadonlyMap<string, number>;
  /** When each condition last held. */
  readonly heldAtMs: { readonly [P in keyof HostPressure]: number };
}

export interface PressureDecision {
  readonly memory: PressureMemory;
  readonly pressure: HostPressure;
  /** The most pressing threshold that is met and whose grace is over. */
  readonly act: { readonly threshold: Threshold; readonly observation: Observation } | undefined;
}

export const noPressure: HostPressure = { memory: false, disk: false, pids: false };
const never = Number.NEGATIVE_INFINITY;
export const nothingSeen: PressureMemory = {
  metSinceMs: new Map(),
  heldAtMs: { memory: never, disk: never, pids: never },
};

/**
 * Which conditions hold and whether something has to go. A threshold that was met stays so until its minimum reclaim is
 * free as well; a condition outlasts its threshold by the transition period, so that it does not flap.
 */
export function decidePressure(
  thresholds: readonly Threshold[],
  observations: readonly Observation[],
  before: PressureMemory,
  { nowMs, transitionMs }: { readonly nowMs: number; readonly transitionMs: number },
): PressureDecision {
  const met = thresholds.flatMap((threshold) => {
    const observation = observations.find(({ signal }) => signal === threshold.signal);
    return observation && isMet(threshold, observation, before.metSinceMs.has(keyOf(threshold)))
      ? [{ threshold, observation, sinceMs: before.metSinceMs.get(keyOf(threshold)) ?? nowMs }]
      : [];
  });
  const holds = (condition: keyof HostPressure): boolean =>
    met.some(({ threshold }) => conditionOf[threshold.signal] === condition);
  const heldAtMs = {
    memory: holds("memory") ? nowMs : before.heldAtMs.memory,
    disk: holds("disk") ? nowMs : before.heldAtMs.disk,
    pids: holds("pids") ? nowMs : before.heldAtMs.pids,
  };
  const stands = (condition: keyof HostPressure): boolean =>
    holds(condition) || nowMs - heldAtMs[condition] < transitionMs;
  const act = met
    .filter(({ threshold, sinceMs }) => nowMs - sinceMs >= threshold.graceMs)
    .toSorted((a, b) => order(a.threshold) - order(b.threshold))[0];
  return {
    memory: { metSinceMs: new Map(met.map(({ threshold, sinceMs }) => [keyOf(threshold), sinceMs])), heldAtMs },
    pressure: { memory: stands("memory"), disk: stands("disk"), pids: stands("pids") },
    act,
  };
}

const keyOf = ({ signal, graceMs }: Threshold): string => `${signal}/${graceMs === 0 ? "hard" : "soft"}`;

export function isMet(
  { below, minimumReclaim }: Threshold,
  { available, capacity }: Observation,
  wasMet: boolean,
): boolean {
  const more = wasMet && minimumReclaim ? amountOf(minimumReclaim, capacity) : 0;
  return available < amountOf(below, capacity) + more;
}

export const conditionOf: Readonly<Record<Signal, keyof HostPressure>> = {
  "memory.available": "memory",
  "nodefs.available": "disk",
  "nodefs.inodesFree": "disk",
  "imagefs.available": "disk",
  "imagefs.inodesFree": "disk",
  "pid.available": "pids",
};

/** What runs out fastest first; of two thresholds of a signal the hard one. */
const order = ({ signal, graceMs }: Threshold): number =>
  (signal === "memory.available" ? 0 : signal === "pid.available" ? 4 : 2) + (graceMs === 0 ? 0 : 1);
