import type { Deployment, DeploymentCondition, DeploymentStatus } from "../../api/apps/deployment.js";
import type { ReplicaSet } from "../../api/apps/replicaset.js";
import { toTime } from "../../base/clock.js";
import { desired, existing, maxUnavailable, ready, reportedAvailable, total } from "./replica-sets.js";

/** What a Deployment reports of itself. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */

export interface Situation {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  /** Name of the ReplicaSet that this plan creates. */
  readonly creating: string | undefined;
  /** Pods are being rolled; false while only sizes are put right (paused, scaled). */
  readonly rolling: boolean;
  readonly nowMs: number;
}

export function statusOf(situation: Situation): DeploymentStatus {
  const counts = countsOf(situation);
  const conditions = conditionsOf(situation, counts);
  return { ...counts, ...(conditions.length > 0 ? { conditions } : {}) };
}

/** The new pods are all there and available, and no old one is left. */
export const isComplete = ({ metadata, spec }: Deployment, status: DeploymentStatus): boolean =>
  (status.updatedReplicas ?? 0) === spec.replicas &&
  (status.replicas ?? 0) === spec.replicas &&
  (status.availableReplicas ?? 0) === spec.replicas &&
  (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);

/** When the rollout has to be looked at again, should nothing happen until then. */
export function untilDeadlineMs({ spec }: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const progressing = status.conditions?.find(({ type }) => type === "Progressing");
  if (!hasDeadline(spec) || spec.paused || !progressing) return undefined;
  if (progressing.reason === "NewReplicaSetAvailable" || progressing.reason === timedOut) return undefined;
  return Math.max(0, deadlineMs(spec, progressing) - nowMs) + 1000;
}

/** The condition that tells why the new ReplicaSet could not be made. */
export function withCreateFailure(status: DeploymentStatus, failure: Error, nowMs: number): DeploymentStatus {
  const conditions = withCondition(status.conditions ?? [], nowMs, {
    type: "Progressing",
    status: "False",
    reason: "ReplicaSetCreateError",
    message: failure.message,
  });
  return { ...status, conditions };
}

const timedOut = "ProgressDeadlineExceeded";
const noDeadlineSeconds = 2 ** 31 - 1;

type Spec = Deployment["spec"];
const hasDeadline = ({ progressDeadlineSeconds }: Spec): boolean => progressDeadlineSeconds !== noDeadlineSeconds;
const deadlineMs = ({ progressDeadlineSeconds }: Spec, { lastUpdateTime }: DeploymentCondition): number =>
  Date.parse(lastUpdateTime ?? "1970-01-01T00:00:00Z") + progressDeadlineSeconds * 1000;

function countsOf({ deployment, current, old }: Situation): DeploymentStatus {
  const all = current ? [current, ...old] : old;
  const counts = {
    replicas: total(all, existing),
    updatedReplicas: current ? existing(current) : 0,
    readyReplicas: total(all, ready),
    availableReplicas: total(all, reportedAvailable),
    unavailableReplicas: Math.max(0, total(all, desired) - total(all, reportedAvailable)),
  };
  const { collisionCount } = deployment.status ?? {};
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    terminatingReplicas: total(all, ({ status }) => status?.terminatingReplicas ?? 0),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

function conditionsOf(situation: Situation, counts: DeploymentStatus): readonly DeploymentCondition[] {
  const { deployment, nowMs } = situation;
  let conditions = deployment.status?.conditions ?? [];
  conditions = withProgress(situation, counts, conditions);
  const enough = (counts.availableReplicas ?? 0) >= deployment.spec.replicas - maxUnavailable(deployment);
  conditions = withCondition(conditions, nowMs, {
    type: "Available",
    status: enough ? "True" : "False",
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
  });
  return withReplicaFailure(situation, conditions);
}

function withProgress(
  situation: Situation,
  counts: DeploymentStatus,
  before: readonly DeploymentCondition[],
): readonly DeploymentCondition[] {
  const { deployment, current, creating, rolling, nowMs } = situation;
  if (!hasDeadline(deployment.spec)) return before.filter(({ type }) => type !== "Progressing");
  const say = (
    conditions: readonly DeploymentCondition[],
    status: DeploymentCondition["status"],
    reason: string,
    message: string,
    refresh = false,
  ): readonly DeploymentCondition[] =>
    withCondition(conditions, nowMs, { type: "Progressing", status, reason, message }, refresh);
  if (creating !== undefined) {
    return say(before, "True", "NewReplicaSetCreated", `Created new replica set ${JSON.stringify(creating)}`);
  }
  let conditions = before;
  if (current && !progressingOf(before)) {
    const name = JSON.stringify(current.metadata.name);
    conditions = say(before, "True", "FoundNewReplicaSet", `Found new replica set ${name}`);
  }
  const known = progressingOf(conditions);
  const wasPaused = known?.reason === "DeploymentPaused";
  if (deployment.spec.paused) {
    if (wasPaused || known?.reason === timedOut) return conditions;
    return say(conditions, "Unknown", "DeploymentPaused", "Deployment is paused");
  }
  if (wasPaused) conditions = say(conditions, "Unknown", "DeploymentResumed", "Deployment is resumed");
  return rolling ? withRollout(situation, counts, conditions, say) : conditions;
}

type Say = (
  conditions: readonly DeploymentCondition[],
  status: DeploymentCondition["status"],
  reason: string,
  message: string,
  refresh?: boolean,
) => readonly DeploymentCondition[];

function withRollout(
  { deployment, current, nowMs }: Situation,
  counts: DeploymentStatus,
  conditions: readonly DeploymentCondition[],
  say: Say,
): readonly DeploymentCondition[] {
  const known = progressingOf(conditions);
  const settled = known?.reason === "NewReplicaSetAvailable" && counts.replicas === counts.updatedReplicas;
  if (settled) return conditions;
  const what = current
    ? `ReplicaSet ${JSON.stringify(current.metadata.name)}`
    : `Deployment ${JSON.stringify(deployment.metadata.name)}`;
  if (isComplete(deployment, counts)) {
    return say(conditions, "True", "NewReplicaSetAvailable", `${what} has successfully progressed.`);
  }
  if (hasProgressed(deployment.status ?? {}, counts)) {
    return say(conditions, "True", "ReplicaSetUpdated", `${what} is progressing.`, true);
  }
  if (!known || known.reason === "NewReplicaSetAvailable" || known.reason === timedOut) return conditions;
  if (deadlineMs(deployment.spec, known) >= nowMs) return conditions;
  return say(conditions, "False", timedOut, `${what} has timed out progressing.`);
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function withReplicaFailure(
  { current, old, nowMs }: Situation,
  conditions: readonly DeploymentCondition[],
): readonly DeploymentCondition[] {
  const failureOf = ({ status }: ReplicaSet) => status?.conditions?.find(({ type }) => type === "ReplicaFailure");
  const failure = [...(current ? [current] : []), ...old].map(failureOf).find((found) => found !== undefined);
  if (!failure) return conditions.filter(({ type }) => type !== "ReplicaFailure");
  const { status, reason, message } = failure;
  return withCondition(conditions, nowMs, {
    type: "ReplicaFailure",
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  });
}

const progressingOf = (conditions: readonly DeploymentCondition[]): DeploymentCondition | undefined =>
  conditions.find(({ type }) => type === "Progressing");

/** Same status and reason: nothing new, unless `refresh` says that something moved again. */
function withCondition(
  conditions: readonly DeploymentCondition[],
  nowMs: number,
  next: Omit<DeploymentCondition, "lastUpdateTime" | "lastTransitionTime">,
  refresh = false,
): readonly DeploymentCondition[] {
  const old = conditions.find(({ type }) => type === next.type);
  if (old && old.status === next.status && old.reason === next.reason && !refresh) return conditions;
  const now = toTime(nowMs);
  const lastTransitionTime = old?.status === next.status ? (old.lastTransitionTime ?? now) : now;
  return [...conditions.filter(({ type }) => type !== next.type), { ...next, lastUpdateTime: now, lastTransitionTime }];
}
