import { type Node, nodes } from "../api/core/node/node.js";
import { findCondition, isTerminal, withCondition } from "../api/core/pod/conditions.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { StatusError } from "../apimachinery/status.js";
import { toTime } from "../base/clock.js";
import type { Cache } from "./framework/cache.js";
import { type Controller, defineSweep, type Live, type Now } from "./framework/controller.js";
import { type Action, type Plan, patch, remove } from "./framework/plan.js";
import { isNodeReady } from "./node-lifecycle/health.js";

export interface PodGcOptions {
  /** `--terminated-pod-gc-threshold`: 12500 unless said; 0 or less keeps all. */
  readonly terminatedPodGcThreshold?: number;
}

/** Deletes pods that nobody will: ended ones beyond a number, those of nodes that are gone, those never placed. */
export function podGc({ terminatedPodGcThreshold = 12_500 }: PodGcOptions = {}): Controller {
  const missing = new Map<string, number>();
  return defineSweep({
    name: "pod-garbage-collector",
    component: "pod-garbage-collector",
    reads: [pods, nodes],
    everyMs: sweepEveryMs,
    observe: async (cache, live) => ({
      pods: cache.list(pods),
      goneNodes: await findGoneNodes(cache, live, missing),
      outOfService: new Set(
        cache
          .list(nodes)
          .filter(isOutOfService)
          .map(({ metadata }) => metadata.name),
      ),
    }),
    reconcile: (observed, now) => collectPods(observed, now, terminatedPodGcThreshold),
  });
}

const sweepEveryMs = 20_000;
const goneQuarantineMs = 40_000;
const followUpMs = 1_000;

export interface PodGcObservation {
  readonly pods: readonly Pod[];
  /** Nodes that a live read did not find. */
  readonly goneNodes: ReadonlySet<string>;
  /** Nodes said to be shut down for good by the out-of-service taint, and not ready. */
  readonly outOfService: ReadonlySet<string>;
}

export function collectPods(
  { pods: all, goneNodes, outOfService }: PodGcObservation,
  { nowMs }: Now,
  threshold: number,
): Plan {
  const isGoing = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
  const orphaned = all.filter(({ spec }) => goneNodes.has(spec.nodeName ?? ""));
  const stuck = all.filter((pod) => isGoing(pod) && outOfService.has(pod.spec.nodeName ?? ""));
  const unplaced = all.filter((pod) => isGoing(pod) && !pod.spec.nodeName);
  const actions = [
    ...tooManyEnded(all, threshold).map(end),
    ...[...orphaned, ...stuck].map((pod) => endGone(pod, nowMs)),
    ...unplaced.map(end),
  ];
  // A pod is marked first and deleted when that is seen.
  return { actions, requeueAfterMs: actions.some(({ type }) => type === "patch") ? followUpMs : sweepEveryMs };
}

/** The oldest of those that have ended and that nobody is deleting yet. */
function tooManyEnded(all: readonly Pod[], threshold: number): readonly Pod[] {
  if (threshold <= 0) return [];
  const ended = all.filter((pod) => isTerminal(pod) && pod.metadata.deletionTimestamp === undefined);
  return ended
    .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
    .slice(0, Math.max(0, ended.length - threshold));
}

const end = (pod: Pod): Action => remove(pods, pod, { gracePeriodSeconds: 0 });

/** Whoever waits for the pod learns by its status that it failed, and why. */
function endGone(pod: Pod, nowMs: number): Action {
  if (isTerminal(pod) || findCondition(pod, "DisruptionTarget")?.status === "True") return end(pod);
  const conditions = withCondition(
    pod.status?.conditions ?? [],
    {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByPodGC",
      message: "PodGC: node no longer exists",
    },
    toTime(nowMs),
  );
  return patch(pods, pod, {
    patchType: "merge",
    exact: true,
    subresource: "status",
    body: { status: { phase: "Failed", conditions } },
  });
}

/** A node that makes no sense is not said to be shut down, and keeps nobody from looking at the others. */
function isOutOfService(node: Node): boolean {
  try {
    const taints = node.spec.taints ?? [];
    return taints.some(({ key }) => key === "node.kubernetes.io/out-of-service") && !isNodeReady(node);
  } catch {
    return false;
  }
}

/** Missing from the cache for a while, and from the server too. */
async function findGoneNodes(cache: Cache, live: Live, missing: Map<string, number>): Promise<ReadonlySet<string>> {
  const named = new Set(cache.list(pods).map(({ spec }) => spec.nodeName ?? ""));
  named.delete("");
  const absent = [...named].filter((name) => cache.get(nodes, "", name) === undefined);
  for (const name of [...missing.keys()]) if (!absent.includes(name)) missing.delete(name);
  const gone = new Set<string>();
  for (const name of absent) {
    const sinceMs = missing.get(name) ?? live.nowMs;
    missing.set(name, sinceMs);
    if (live.nowMs - sinceMs >= goneQuarantineMs && (await isGone(name, live))) gone.add(name);
  }
  return gone;
}

async function isGone(name: string, { client, signal }: Live): Promise<boolean> {
  try {
    await client.get(nodes, { name }, { signal });
    return false;
  } catch (error) {
    // Anything but a plain "not found" tells nothing.
    return error instanceof StatusError && error.reason === "NotFound";
  }
}
