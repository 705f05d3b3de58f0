/** What a DELETE does to an object: it goes, or is marked and stays until grace, finalizers and holds allow. Pure. */
import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { toTime } from "../../base/clock.js";
import { sameState, withMeta } from "./object-parts.js";
import type { Strategy } from "./strategy.js";

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan" | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

export type DeletionPlan<T extends KubeObject> =
  | { readonly type: "remove" }
  | { readonly type: "mark"; readonly object: T }
  | { readonly type: "unchanged" };

const orphan = "orphan";
const foreground = "foregroundDeletion";

export function planDeletion<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  strategy: Strategy,
  object: T,
  request: DeleteRequest,
  nowMs: number,
): DeletionPlan<T> {
  const { deletionTimestamp, deletionGracePeriodSeconds: granted } = object.metadata;
  const asked = request.gracePeriodSeconds;
  const graceful = definition.gracefulDeletion;
  if (deletionTimestamp !== undefined && granted !== undefined) {
    if (asked === undefined || asked >= granted) return { type: "unchanged" };
    const startMs = Date.parse(deletionTimestamp) - granted * 1000;
    return marked(strategy, object, object, startMs, asked);
  }
  const finalizers = finalizersFor(object.metadata.finalizers ?? [], request);
  const withFinalizers = withMeta(object, { finalizers: finalizers.length > 0 ? finalizers : undefined } as object);
  return marked(strategy, object, withFinalizers, nowMs, graceful?.(object, asked) ?? 0);
}

/** Whether nothing keeps an object any more whose deletion has begun. */
export const isFinished = (object: KubeObject, strategy: Strategy): boolean =>
  object.metadata.deletionTimestamp !== undefined &&
  (object.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
  !isHeld(object, strategy);

const isHeld = (object: KubeObject, strategy: Strategy): boolean =>
  (object.metadata.finalizers ?? []).length > 0 || (strategy.isHeld?.(object) ?? false);

function marked<T extends KubeObject>(
  strategy: Strategy,
  before: T,
  object: T,
  startMs: number,
  graceSeconds: number,
): DeletionPlan<T> {
  if (graceSeconds <= 0 && !isHeld(object, strategy)) return { type: "remove" };
  const { generation, deletionTimestamp } = object.metadata;
  const begun = withMeta(object, {
    // That deletion was asked for is a change of what is desired.
    ...(generation === undefined || deletionTimestamp !== undefined ? {} : { generation: generation + 1 }),
    deletionTimestamp: toTime(startMs + graceSeconds * 1000),
    deletionGracePeriodSeconds: Math.max(0, graceSeconds),
  });
  const kept = deletionTimestamp !== undefined && object.metadata.deletionGracePeriodSeconds === undefined;
  const next = (strategy.beginDeletion?.(kept ? withMeta(begun, { deletionTimestamp }) : begun) ?? begun) as T;
  return sameState(next, before) ? { type: "unchanged" } : { type: "mark", object: next };
}

/** The finalizers that stand for what shall happen to dependents, set as asked; the others as they are. */
function finalizersFor(
  finalizers: readonly string[],
  { propagationPolicy, orphanDependents }: DeleteRequest,
): readonly string[] {
  const kept = finalizers.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  const silent = propagationPolicy === undefined && orphanDependents === undefined;
  if (silent) return finalizers;
  if (orphanDependents ?? propagationPolicy === "Orphan") return [...kept, orphan];
  return propagationPolicy === "Foreground" ? [...kept, foreground] : kept;
}
