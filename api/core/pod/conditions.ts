import type { Pod } from "./pod.js";
import type { PodCondition } from "./status.js";

/** What the phase and the conditions of a pod mean. */

export const findCondition = ({ status }: Pod, type: string): PodCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

/** Takes traffic: its Ready condition is true. */
export const isReady = (pod: Pod): boolean => findCondition(pod, "Ready")?.status === "True";

/** Its containers have ended and will not run again. */
export const isTerminal = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";

/** Neither ended nor being deleted: counts as a replica. */
export const isActive = (pod: Pod): boolean => !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;

/** Ready for at least so many seconds. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = findCondition(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  const sinceMs = Date.parse(ready.lastTransitionTime ?? "");
  return !Number.isNaN(sinceMs) && sinceMs + minReadySeconds * 1000 <= nowMs;
}

/** The conditions with this one in place of its predecessor. The transition time moves only with the status; nothing new gives the same list. */
export function withCondition(
  conditions: readonly PodCondition[],
  next: Omit<PodCondition, "lastTransitionTime">,
  now: string,
): readonly PodCondition[] {
  const old = conditions.find(({ type }) => type === next.type);
  const unchanged =
    old !== undefined &&
    old.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message &&
    old.observedGeneration === next.observedGeneration;
  if (unchanged) return conditions;
  const lastTransitionTime = old?.status === next.status ? (old.lastTransitionTime ?? now) : now;
  const condition = { ...next, lastTransitionTime };
  return old ? conditions.map((each) => (each === old ? condition : each)) : [...conditions, condition];
}
