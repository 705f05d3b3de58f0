import { type Deployment, type DeploymentStatus, deployments } from "../../api/apps/deployment.js";
import { type ReplicaSet, replicaSets } from "../../api/apps/replicaset.js";
import {
  byAge,
  compareRevisions,
  newReplicaSetOf,
  revisionAnnotation,
  revisionOf,
} from "../../api/apps/revision-history.js";
import { isTerminal } from "../../api/core/pod/conditions.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { matcherOf } from "../../apimachinery/selector/label.js";
import { StatusError } from "../../apimachinery/status.js";
import { equal } from "../../base/equal.js";
import { keyOf } from "../../client/informer/store.js";
import { type Cache, controllerOf } from "../framework/cache.js";
import { claim, matchesSelector } from "../framework/claim.js";
import { defineController, type Now, watch } from "../framework/controller.js";
import { type Action, create, type Plan, patch, remove, update } from "../framework/plan.js";
import { asCurrent, draftReplicaSet, newReplicaSetName, nextRevision, resized } from "./annotations.js";
import { scaleInProportion, wasScaled } from "./proportional.js";
import { desired, emptied, existing, type Sizes, shrinkOld, sizeOfNew, total } from "./replica-sets.js";
import { isComplete, type Situation, statusOf, untilDeadlineMs, withCreateFailure } from "./status.js";

/** Moves a Deployment's pods from its old ReplicaSets to the one of its present template, within the bounds it gives. */
export const deploymentController = defineController({
  name: "deployment",
  reconciles: deployments,
  owns: [replicaSets],
  watches: [watch(replicaSets, wakeForOrphan), watch(pods, wakeForLastPod)],
  observe: (deployment, cache) => {
    const owned = cache.owned(replicaSets, deployment);
    return {
      candidates: cache.claimable(replicaSets, deployment),
      pods: deployment.spec.strategy.type === "Recreate" ? owned.flatMap((each) => cache.owned(pods, each)) : [],
      nameTakenBy: cache.get(replicaSets, deployment.metadata.namespace ?? "", newReplicaSetName(deployment)),
    };
  },
  reconcile: reconcileDeployment,
});

export interface DeploymentSurroundings {
  /** ReplicaSets that it owns and those of the namespace that nobody does. */
  readonly candidates: readonly ReplicaSet[];
  /** Pods of its ReplicaSets; needed by Recreate alone. */
  readonly pods: readonly Pod[];
  /** Whoever has the name that its next ReplicaSet would get. */
  readonly nameTakenBy: ReplicaSet | undefined;
}

export function reconcileDeployment(
  deployment: Deployment,
  { candidates, pods: owned, nameTakenBy }: DeploymentSurroundings,
  { nowMs }: Now,
): Plan<DeploymentStatus> {
  const selector = matcherOf(deployment.spec.selector);
  const claimed = claim({ target: deployments, object: deployment, selector }, replicaSets, candidates);
  const current = newReplicaSetOf(deployment, claimed.owned);
  const old = claimed.owned.filter((replicaSet) => replicaSet !== current).toSorted(byAge);
  const situation: Situation = { deployment, current, old, creating: undefined, rolling: false, nowMs };
  if (deployment.metadata.deletionTimestamp !== undefined) return { actions: [], status: statusOf(situation) };
  // Whose ReplicaSets they are comes first; what to do with them when that is settled.
  if (claimed.actions.length > 0) return { actions: claimed.actions };
  const all = current ? [current, ...old] : old;
  const isRecreate = deployment.spec.strategy.type === "Recreate";
  if (deployment.spec.paused || (!isRecreate && wasScaled(deployment, all))) {
    return withHistory(situation, scaleInProportion(deployment, current, old));
  }
  const rolling = { ...situation, rolling: true };
  if (isRecreate) return recreate(rolling, owned, nameTakenBy);
  if (!current) return createCurrent(rolling, nameTakenBy);
  const size = sizeOfNew(deployment, all, desired(current));
  if (size !== desired(current)) return withHistory(rolling, new Map([[current.metadata.uid, size]]));
  return withHistory(rolling, shrinkOld(deployment, current, old));
}

/** No new pod before the last old one is gone. */
function recreate(
  situation: Situation,
  owned: readonly Pod[],
  nameTakenBy: ReplicaSet | undefined,
): Plan<DeploymentStatus> {
  const { deployment, current, old } = situation;
  const emptying = emptied(old);
  const oldPods = owned.filter((pod) => !isTerminal(pod) && controllerOf(pod)?.uid !== current?.metadata.uid);
  if (emptying.size > 0 || total(old, existing) > 0 || oldPods.length > 0) return withHistory(situation, emptying);
  if (!current) return createCurrent(situation, nameTakenBy);
  return withHistory(situation, new Map([[current.metadata.uid, deployment.spec.replicas]]));
}

function createCurrent(situation: Situation, nameTakenBy: ReplicaSet | undefined): Plan<DeploymentStatus> {
  const { deployment, old, nowMs } = situation;
  if (nameTakenBy) {
    const status = statusOf(situation);
    return { actions: [], status: { ...status, collisionCount: (status.collisionCount ?? 0) + 1 } };
  }
  const name = newReplicaSetName(deployment);
  const size = sizeOfNew(deployment, old, 0);
  const revision = nextRevision(old);
  const about = { about: deployment, done: scaled(name, 0, size) };
  const status = statusOf({ ...situation, creating: name });
  return {
    actions: [
      create(replicaSets, draftReplicaSet(deployment, size, revision), size > 0 ? about : undefined),
      ...markRevision(deployment, revision),
    ],
    status,
    statusOnFailure: (failure) =>
      failure instanceof StatusError && failure.reason === "AlreadyExists"
        ? statusOf(situation)
        : withCreateFailure(statusOf(situation), failure, nowMs),
    requeueAfterMs: untilDeadlineMs(deployment, status, nowMs) ?? retryMs,
  };
}

const retryMs = 60_000;

/** Carries sizes out, keeps revision numbers, and forgets the oldest revisions where nothing is under way. */
function withHistory(situation: Situation, sizes: Sizes): Plan<DeploymentStatus> {
  const { deployment, current, old, nowMs } = situation;
  const status = statusOf(situation);
  const [next, own] = [nextRevision(old), current ? revisionOf(current) : 0n];
  const revision = own > next ? own : next;
  const actions: Action[] = [];
  for (const replicaSet of current ? [current, ...old] : old) {
    const size = sizes.get(replicaSet.metadata.uid);
    const marked = replicaSet === current ? asCurrent(deployment, replicaSet, revision) : replicaSet;
    const wanted = size === undefined ? marked : resized(deployment, marked, size);
    if (equal(wanted, replicaSet)) continue;
    const before = desired(replicaSet);
    const report = { about: deployment, done: scaled(replicaSet.metadata.name, before, desired(wanted)) };
    actions.push(update(replicaSets, wanted, desired(wanted) === before ? undefined : report));
  }
  if (current) actions.push(...markRevision(deployment, revision));
  const settled = actions.length === 0;
  if (settled && (deployment.spec.paused || isComplete(deployment, status))) actions.push(...tooOld(deployment, old));
  const requeueAfterMs = untilDeadlineMs(deployment, status, nowMs);
  return { actions, status, ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }) };
}

const scaled = (name: string, from: number, to: number): { readonly reason: string; readonly message: string } => ({
  reason: "ScalingReplicaSet",
  message: `Scaled ${to > from ? "up" : "down"} replica set ${name} from ${from} to ${to}`,
});

const markRevision = (deployment: Deployment, revision: bigint): readonly Action[] =>
  deployment.metadata.annotations?.[revisionAnnotation] === String(revision)
    ? []
    : [
        patch(deployments, deployment, {
          patchType: "merge",
          body: { metadata: { annotations: { [revisionAnnotation]: String(revision) } } },
        }),
      ];

/** Empty old ReplicaSets beyond spec.revisionHistoryLimit, the lowest revisions first. */
function tooOld({ spec: { revisionHistoryLimit } }: Deployment, old: readonly ReplicaSet[]): readonly Action[] {
  const kept = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return kept
    .toSorted((a, b) => compareRevisions(revisionOf(a), revisionOf(b)))
    .slice(0, Math.max(0, kept.length - revisionHistoryLimit))
    .filter(
      (replicaSet) =>
        desired(replicaSet) === 0 &&
        existing(replicaSet) === 0 &&
        (replicaSet.metadata.generation ?? 0) <= (replicaSet.status?.observedGeneration ?? 0),
    )
    .map((replicaSet) => remove(replicaSets, replicaSet, { exact: true }));
}

function wakeForOrphan(replicaSet: ReplicaSet, cache: Cache): readonly string[] {
  if (controllerOf(replicaSet)) return [];
  return cache
    .list(deployments, replicaSet.metadata.namespace ?? "")
    .filter(({ spec }) => matchesSelector(spec.selector, replicaSet.metadata.labels))
    .map(keyOf);
}

/** Recreate goes on when an old pod has ended. */
function wakeForLastPod(pod: Pod, cache: Cache): readonly string[] {
  const namespace = pod.metadata.namespace ?? "";
  const parent = controllerOf(pod);
  const replicaSet = parent?.kind === "ReplicaSet" ? cache.get(replicaSets, namespace, parent.name) : undefined;
  const owner = replicaSet && controllerOf(replicaSet);
  const deployment = owner?.kind === "Deployment" ? cache.get(deployments, namespace, owner.name) : undefined;
  return deployment?.spec.strategy.type === "Recreate" ? [keyOf(deployment)] : [];
}
