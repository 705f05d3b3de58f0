import type { Deployment } from "../../api/apps/deployment.js";
import type { ReplicaSet } from "../../api/apps/replicaset.js";
import {
  byAge,
  compareRevisions,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  revisionOf,
} from "../../api/apps/revision-history.js";
import { desired, emptied, maxSurge, reportedAvailable, type Sizes, total } from "./replica-sets.js";

/**
 * Scaling without rolling: while several ReplicaSets have pods (in the midst of a rollout, or paused) each grows or
 * shrinks in proportion to its size, so that the mixture stays what it was.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */

/** Some ReplicaSet with pods was sized for another number of replicas than the Deployment has now. */
export const wasScaled = (deployment: Deployment, all: readonly ReplicaSet[]): boolean =>
  all.some((replicaSet) => {
    const annotated = numberIn(replicaSet, desiredReplicasAnnotation);
    return desired(replicaSet) > 0 && annotated !== undefined && annotated !== deployment.spec.replicas;
  });

export function scaleInProportion(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Sizes {
  const { replicas, strategy } = deployment.spec;
  const all = current ? [current, ...old] : old;
  const only = activeOrLatest(current, old);
  if (only) return new Map([[only.metadata.uid, replicas]]);
  if (current && isSaturated(deployment, current)) return emptied(old);
  if (strategy.type !== "RollingUpdate") return new Map();
  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0;
  const active = all.filter((replicaSet) => desired(replicaSet) > 0);
  return spread(deployment, active, allowed - total(active, desired));
}

/** The only one with pods; with none, the one whose turn it would be. Undefined when several have pods. */
function activeOrLatest(current: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = [...(current ? [current] : []), ...old].filter((replicaSet) => desired(replicaSet) > 0);
  if (active.length > 1) return undefined;
  return active[0] ?? current ?? old.toSorted(byAge).at(-1);
}

const isSaturated = ({ spec: { replicas } }: Deployment, current: ReplicaSet): boolean =>
  desired(current) === replicas &&
  numberIn(current, desiredReplicasAnnotation) === replicas &&
  reportedAvailable(current) === replicas;

/** The largest first; of equals the newest when growing, the oldest when shrinking. What rounding leaves goes to the first. */
function spread(deployment: Deployment, active: readonly ReplicaSet[], toAdd: number): Sizes {
  const ordered = active.toSorted(
    (a, b) =>
      desired(b) - desired(a) ||
      (toAdd > 0 ? byAge(b, a) : byAge(a, b)) ||
      compareRevisions(revisionOf(b), revisionOf(a)),
  );
  const sizes = new Map<string, number>();
  let added = 0;
  for (const replicaSet of ordered) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, replicaSet, toAdd, added);
    added += share;
    sizes.set(replicaSet.metadata.uid, desired(replicaSet) + share);
  }
  const [first] = ordered;
  if (first && added !== toAdd) {
    const size = (sizes.get(first.metadata.uid) ?? 0) + toAdd - added;
    sizes.set(first.metadata.uid, Math.max(0, size));
  }
  return sizes;
}

function shareOf(deployment: Deployment, replicaSet: ReplicaSet, toAdd: number, added: number): number {
  const left = toAdd - added;
  if (left === 0) return 0;
  const wanted = wantedShare(deployment, replicaSet);
  return toAdd > 0 ? Math.min(Math.max(0, wanted), left) : Math.max(Math.min(0, wanted), left);
}

function wantedShare(deployment: Deployment, replicaSet: ReplicaSet): number {
  const size = desired(replicaSet);
  const { replicas } = deployment.spec;
  if (replicas === 0) return -size;
  const before = numberIn(replicaSet, maxReplicasAnnotation) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (replicas + maxSurge(deployment))) / before) - size;
}

function numberIn({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
