import type { Deployment } from "../../api/apps/deployment.js";
import type { ReplicaSet } from "../../api/apps/replicaset.js";
import { byAge } from "../../api/apps/revision-history.js";
import { resolveIntOrPercent } from "../../apimachinery/int-or-string.js";

/** How many pods a Deployment may have too many and too few, and how many its ReplicaSets have. */

export const maxSurge = ({ spec: { replicas, strategy } }: Deployment): number =>
  strategy.type === "RollingUpdate"
    ? (resolveIntOrPercent(strategy.rollingUpdate?.maxSurge ?? "25%", replicas, "up") ?? 0)
    : 0;

/** At least one where no pod may be too many: else nothing could ever be replaced. */
export function maxUnavailable(deployment: Deployment): number {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type !== "RollingUpdate" || replicas === 0) return 0;
  const unavailable = resolveIntOrPercent(strategy.rollingUpdate?.maxUnavailable ?? "25%", replicas, "down") ?? 0;
  return Math.min(replicas, unavailable === 0 && maxSurge(deployment) === 0 ? 1 : unavailable);
}

export const total = (replicaSets: readonly ReplicaSet[], count: (replicaSet: ReplicaSet) => number): number =>
  replicaSets.reduce((sum, replicaSet) => sum + count(replicaSet), 0);

export const desired = ({ spec }: ReplicaSet): number => spec.replicas;
export const existing = ({ status }: ReplicaSet): number => status?.replicas ?? 0;
export const ready = ({ status }: ReplicaSet): number => status?.readyReplicas ?? 0;
export const reportedAvailable = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;

/** Pods that are available and stay: what the ReplicaSet was told to give up no longer counts. */
export const available = (replicaSet: ReplicaSet): number =>
  Math.min(reportedAvailable(replicaSet), desired(replicaSet));

/** New sizes by uid; a ReplicaSet that keeps its size is not in it. */
export type Sizes = ReadonlyMap<string, number>;

/** How far the new ReplicaSet may grow (or must shrink) now. */
export function sizeOfNew(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const { replicas, strategy } = deployment.spec;
  if (current >= replicas || strategy.type === "Recreate") return replicas;
  const room = replicas + maxSurge(deployment) - total(all, desired);
  return room <= 0 ? current : Math.min(replicas, current + room);
}

/**
 * How far the old ReplicaSets may shrink now: first by pods that are not available anyway, then by as many as there are
 * more available than needed.
 */
export function shrinkOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const all = [current, ...old];
  const needed = deployment.spec.replicas - maxUnavailable(deployment);
  const newNotAvailable = desired(current) - available(current);
  let unhealthyBudget = total(all, desired) - needed - newNotAvailable;
  const sizes = new Map<string, number>();
  const oldestFirst = old.filter((replicaSet) => desired(replicaSet) > 0).toSorted(byAge);
  if (unhealthyBudget <= 0) return sizes;
  for (const replicaSet of oldestFirst) {
    const cut = Math.min(unhealthyBudget, desired(replicaSet) - available(replicaSet));
    if (cut <= 0) continue;
    unhealthyBudget -= cut;
    sizes.set(replicaSet.metadata.uid, desired(replicaSet) - cut);
  }
  let healthyBudget = total(all, available) - needed;
  for (const replicaSet of oldestFirst) {
    const size = sizes.get(replicaSet.metadata.uid) ?? desired(replicaSet);
    const cut = Math.min(healthyBudget, size);
    if (cut <= 0) continue;
    healthyBudget -= cut;
    sizes.set(replicaSet.metadata.uid, size - cut);
  }
  return sizes;
}

export const emptied = (replicaSets: readonly ReplicaSet[]): Sizes =>
  new Map(
    replicaSets.filter((replicaSet) => desired(replicaSet) > 0).map(({ metadata: { uid } }) => [uid, 0] as const),
  );
