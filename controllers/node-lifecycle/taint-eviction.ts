import { type Node, nodes } from "../../api/core/node/node.js";
import type { Taint } from "../../api/core/node/taint.js";
import { findCondition, isTerminal, withCondition } from "../../api/core/pod/conditions.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { toleratesTaint } from "../../api/core/pod/tolerations.js";
import { toTime } from "../../base/clock.js";
import { keyOf } from "../../client/informer/store.js";
import { type Controller, defineController, type Now, watch } from "../framework/controller.js";
import { event, nothing, type Plan, patch, remove } from "../framework/plan.js";
import { podNodeIndex } from "./pod-index.js";

/** Ends pods on nodes with a NoExecute taint as soon as their tolerations allow no longer. */
export function taintEviction(): Controller {
  const firstSeen = new Map<string, { readonly uid: string; readonly atMs: number }>();
  return defineController({
    name: "taint-eviction",
    component: "taint-eviction-controller",
    reconciles: pods,
    watches: [
      watch(nodes, (node, cache) =>
        evicting(node).length > 0 ? cache.byIndex(pods, podNodeIndex.name, node.metadata.name).map(keyOf) : [],
      ),
    ],
    indexes: [podNodeIndex],
    observe: (pod, cache, { nowMs }) => {
      const node = pod.spec.nodeName ? cache.get(nodes, "", pod.spec.nodeName) : undefined;
      const taints = node ? evicting(node) : [];
      const { uid } = pod.metadata;
      const known = firstSeen.get(keyOf(pod));
      const seen = known?.uid === uid ? known : { uid, atMs: nowMs };
      if (taints.length === 0) firstSeen.delete(keyOf(pod));
      else firstSeen.set(keyOf(pod), seen);
      return { taints, firstSeenMs: seen.atMs };
    },
    reconcile: reconcileTaintedPod,
    reconcileAbsent: (key) => {
      firstSeen.delete(key);
      return [];
    },
  });
}

export interface TaintedPodSurroundings {
  /** NoExecute taints of the pod's node. */
  readonly taints: readonly Taint[];
  /** When the pod was first seen under them: what counts for a taint that does not say when it came. */
  readonly firstSeenMs: number;
}

export function reconcileTaintedPod(
  pod: Pod,
  { taints, firstSeenMs }: TaintedPodSurroundings,
  { nowMs }: Now,
): Plan<never> {
  if (taints.length === 0 || pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return nothing;
  const bornMs = Date.parse(pod.metadata.creationTimestamp);
  const endMs = Math.min(...taints.map((taint) => endUnder(taint, pod, Math.max(startMs(taint, firstSeenMs), bornMs))));
  if (endMs === Number.POSITIVE_INFINITY) return nothing;
  if (endMs > nowMs) return { actions: [], requeueAfterMs: endMs - nowMs };
  const end = remove(pods, pod);
  if (findCondition(pod, "DisruptionTarget")?.status === "True") return { actions: [end] };
  const conditions = withCondition(
    pod.status?.conditions ?? [],
    {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
    },
    toTime(nowMs),
  );
  const { namespace, name } = pod.metadata;
  return {
    actions: [
      patch(pods, pod, { patchType: "merge", exact: true, subresource: "status", body: { status: { conditions } } }),
      end,
      event(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${namespace}/${name}`),
    ],
  };
}

const evicting = ({ spec }: Node): readonly Taint[] =>
  (spec.taints ?? []).filter(({ effect }) => effect === "NoExecute");

const startMs = ({ timeAdded }: Taint, firstSeenMs: number): number =>
  timeAdded === undefined ? firstSeenMs : Date.parse(timeAdded);

/** When the pod has to go because of this taint. Of several tolerations for it the shortest counts. */
function endUnder(taint: Taint, { spec }: Pod, fromMs: number): number {
  const tolerations = (spec.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint));
  if (tolerations.length === 0) return 0;
  const seconds = tolerations.map(({ tolerationSeconds }) => tolerationSeconds).filter((limit) => limit !== undefined);
  return seconds.length === 0 ? Number.POSITIVE_INFINITY : fromMs + Math.max(0, Math.min(...seconds)) * 1000;
}
