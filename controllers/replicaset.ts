import {
  type ReplicaSet,
  type ReplicaSetCondition,
  type ReplicaSetStatus,
  replicaSets,
} from "../api/apps/replicaset.js";
import { isActive, isAvailable, isReady, isTerminal } from "../api/core/pod/conditions.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { matcherOf } from "../apimachinery/selector/label.js";
import { toTime } from "../base/clock.js";
import { keyOf } from "../client/informer/store.js";
import { type Cache, controllerOf } from "./framework/cache.js";
import { claim, controllerReference, matchesSelector } from "./framework/claim.js";
import { defineController, type Now, watch } from "./framework/controller.js";
import { type Action, create, type Plan, remove } from "./framework/plan.js";
import { byCostOfLoss, readySinceMs } from "./pod-ranking.js";

/** Keeps the number of live pods that a ReplicaSet owns equal to spec.replicas. */
export const replicaSetController = defineController({
  name: "replicaset",
  reconciles: replicaSets,
  owns: [pods],
  watches: [watch(pods, wakeForOrphan)],
  observe: (replicaSet, cache) => {
    const candidates = cache.claimable(pods, replicaSet);
    // Only to choose whom to delete; gathering them is not free.
    return { candidates, related: candidates.length > replicaSet.spec.replicas ? relatedPods(replicaSet, cache) : [] };
  },
  reconcile: reconcileReplicaSet,
});

export interface ReplicaSetSurroundings {
  /** Pods that it owns and pods of the namespace that nobody does. */
  readonly candidates: readonly Pod[];
  /** Pods of all ReplicaSets of the same owner: where they crowd one node, they go first. */
  readonly related: readonly Pod[];
}

export function reconcileReplicaSet(
  replicaSet: ReplicaSet,
  { candidates, related }: ReplicaSetSurroundings,
  { nowMs }: Now,
): Plan<ReplicaSetStatus> {
  const selector = matcherOf(replicaSet.spec.selector);
  const claimed = claim({ target: replicaSets, object: replicaSet, selector }, pods, candidates);
  const active = claimed.owned.filter(isActive);
  const missing = replicaSet.spec.replicas - active.length;
  const isGoing = replicaSet.metadata.deletionTimestamp !== undefined;
  const status = statusOf(replicaSet, active, claimed.owned.filter(isTerminating).length, nowMs);
  const requeueAfterMs = untilNextAvailableMs(active, replicaSet.spec.minReadySeconds ?? 0, nowMs);
  return {
    actions: isGoing ? [] : [...claimed.actions, ...fillOrThin(replicaSet, active, related, nowMs)],
    status,
    statusOnFailure: (failure) => withFailure(replicaSet, status, missing > 0, failure, nowMs),
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
  };
}

/** Pods made or deleted in one go. */
const burstMaxPods = 500;

const isTerminating = (pod: Pod): boolean => !isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;

function fillOrThin(
  replicaSet: ReplicaSet,
  active: readonly Pod[],
  related: readonly Pod[],
  nowMs: number,
): readonly Action[] {
  const missing = replicaSet.spec.replicas - active.length;
  if (missing > 0) return Array.from({ length: Math.min(missing, burstMaxPods) }, () => createPod(replicaSet));
  if (missing === 0) return [];
  return active
    .toSorted(byCostOfLoss(related, nowMs))
    .slice(0, Math.min(-missing, burstMaxPods))
    .map((pod) => deletePod(replicaSet, pod));
}

function createPod(replicaSet: ReplicaSet): Action {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = replicaSet.spec.template;
  return create(
    pods,
    {
      metadata: {
        generateName: `${replicaSet.metadata.name}-`,
        ...(replicaSet.metadata.namespace === undefined ? {} : { namespace: replicaSet.metadata.namespace }),
        ...(labels ? { labels } : {}),
        ...(annotations ? { annotations } : {}),
        ...(finalizers ? { finalizers } : {}),
        ownerReferences: [controllerReference(replicaSets, replicaSet)],
      },
      ...(spec ? { spec } : {}),
    },
    {
      about: replicaSet,
      done: { reason: "SuccessfulCreate", message: "Created pod: {name}" },
      failed: { reason: "FailedCreate", message: "Error creating: {error}" },
    },
  );
}

const deletePod = (replicaSet: ReplicaSet, pod: Pod): Action =>
  remove(pods, pod, {
    report: {
      about: replicaSet,
      done: { reason: "SuccessfulDelete", message: "Deleted pod: {name}" },
      failed: { reason: "FailedDelete", message: "Error deleting: {error}" },
    },
  });

function statusOf(
  { metadata, spec, status }: ReplicaSet,
  active: readonly Pod[],
  terminatingReplicas: number,
  nowMs: number,
): ReplicaSetStatus {
  const template = Object.entries(spec.template.metadata?.labels ?? {});
  const minReadySeconds = spec.minReadySeconds ?? 0;
  let fullyLabeledReplicas = 0;
  let readyReplicas = 0;
  let availableReplicas = 0;
  for (const pod of active) {
    if (template.every(([key, value]) => pod.metadata.labels?.[key] === value)) fullyLabeledReplicas += 1;
    if (!isReady(pod)) continue;
    readyReplicas += 1;
    if (isAvailable(pod, minReadySeconds, nowMs)) availableReplicas += 1;
  }
  const conditions = (status?.conditions ?? []).filter(({ type }) => type !== replicaFailure);
  return {
    replicas: active.length,
    ...(fullyLabeledReplicas > 0 ? { fullyLabeledReplicas } : {}),
    ...(readyReplicas > 0 ? { readyReplicas } : {}),
    ...(availableReplicas > 0 ? { availableReplicas } : {}),
    terminatingReplicas,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

const replicaFailure = "ReplicaFailure";

/** The first failure is told and stands until all goes well again. */
function withFailure(
  { status: before }: ReplicaSet,
  status: ReplicaSetStatus,
  creating: boolean,
  failure: Error,
  nowMs: number,
): ReplicaSetStatus {
  const known = before?.conditions?.find(({ type }) => type === replicaFailure);
  const told: ReplicaSetCondition = known ?? {
    type: replicaFailure,
    status: "True",
    reason: creating ? "FailedCreate" : "FailedDelete",
    message: failure.message,
    lastTransitionTime: toTime(nowMs),
  };
  return { ...status, conditions: [...(status.conditions ?? []), told] };
}

/** When the next ready pod has been so for long enough; a little late rather than early. */
function untilNextAvailableMs(active: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = active
    .map(readySinceMs)
    .filter((sinceMs) => sinceMs !== undefined)
    .map((sinceMs) => sinceMs + minReadySeconds * 1000 - nowMs)
    .filter((waitMs) => waitMs > 0);
  return waits.length > 0 ? Math.min(...waits) + 1 : undefined;
}

function relatedPods(replicaSet: ReplicaSet, cache: Cache): readonly Pod[] {
  const owner = controllerOf(replicaSet);
  const siblings = owner
    ? cache.byIndex(replicaSets, "owner", owner.uid).filter((sibling) => controllerOf(sibling)?.uid === owner.uid)
    : [replicaSet];
  return siblings.flatMap((sibling) => cache.owned(pods, sibling)).filter(isActive);
}

function wakeForOrphan(pod: Pod, cache: Cache): readonly string[] {
  if (controllerOf(pod) || pod.metadata.deletionTimestamp !== undefined) return [];
  return cache
    .list(replicaSets, pod.metadata.namespace ?? "")
    .filter(({ spec }) => matchesSelector(spec.selector, pod.metadata.labels))
    .map(keyOf);
}
