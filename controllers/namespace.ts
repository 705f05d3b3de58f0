import { type Namespace, type NamespaceCondition, type NamespaceStatus, namespaces } from "../api/core/namespace.js";
import type { KubeObject } from "../apimachinery/meta.js";
import type { ResourceRef } from "../apimachinery/resource.js";
import { toTime } from "../base/clock.js";
import { messageOf } from "../base/error-text.js";
import { type DiscoveredResource, type Discovery, discover } from "../client/discovery.js";
import { type Controller, defineController, type Live, type Now } from "./framework/controller.js";
import { type Action, nothing, type Plan } from "./framework/plan.js";

export interface NamespaceOptions {
  /**
   * How long after the deletion was asked for something may still be created by a request under way, or by an API server
   * whose caches have not heard of it: 5 s unless said.
   */
  readonly namespaceSettleMs?: number;
}

/** Empties a namespace that is being deleted, kind by kind, then lets it go. Not while any kind is unknown. */
export const namespaceController = ({ namespaceSettleMs = defaultSettleMs }: NamespaceOptions): Controller =>
  defineController({
    name: "namespace",
    reconciles: namespaces,
    concurrency: 10,
    observe: (namespace, _cache, live) => (isGoing(namespace) ? takeStock(namespace, live) : undefined),
    reconcile: (namespace, contents, now) =>
      contents ? reconcileNamespace(namespace, contents, { ...now, settleMs: namespaceSettleMs }) : nothing,
  });

const defaultSettleMs = 5_000;

export interface Contents {
  readonly undiscovered: Discovery["failed"];
  readonly kinds: readonly KindContents[];
}
export interface KindContents {
  readonly resource: ResourceRef;
  readonly canDeleteCollection: boolean;
  readonly objects: readonly KubeObject[];
  /** Beyond `objects`. */
  readonly more: number;
  /** Why it could not be listed. */
  readonly error?: string;
}

const finalizer = "kubernetes";
const isGoing = ({ metadata, spec }: Namespace): boolean =>
  metadata.deletionTimestamp !== undefined && (spec.finalizers ?? []).includes(finalizer);

const listLimit = 500;

/** Live, not from caches: what is not seen must really not be there. */
async function takeStock({ metadata: { name } }: Namespace, { client, signal }: Live): Promise<Contents> {
  const { resources, failed } = await discover(client, signal);
  const listed = resources.filter(
    ({ scope, verbs }) => scope === "Namespaced" && verbs.includes("list") && verbs.includes("delete"),
  );
  const count = async (resource: DiscoveredResource): Promise<KindContents> => {
    const canDeleteCollection = resource.verbs.includes("deletecollection");
    try {
      const { items, metadata } = await client.metadata.list(
        resource,
        { namespace: name, limit: listLimit },
        { signal },
      );
      const more = metadata.remainingItemCount ?? (metadata.continue ? 1 : 0);
      return { resource, canDeleteCollection, objects: items, more };
    } catch (error) {
      const said = messageOf(error);
      return { resource, canDeleteCollection, objects: [], more: 0, error: said };
    }
  };
  return { undiscovered: failed, kinds: await Promise.all(listed.map(count)) };
}

export function reconcileNamespace(
  namespace: Namespace,
  { undiscovered, kinds }: Contents,
  { nowMs, settleMs }: Now & { readonly settleMs: number },
): Plan<NamespaceStatus> {
  const errors = kinds.filter(({ error }) => error !== undefined);
  const remaining = kinds.filter(({ objects, more }) => objects.length + more > 0);
  const status = statusOf(namespace, { undiscovered, kinds }, nowMs);
  if (remaining.length === 0 && errors.length === 0 && undiscovered.length === 0) {
    // What was counted may be out of date until then: look once more.
    const restMs = Date.parse(namespace.metadata.deletionTimestamp ?? "") + settleMs - nowMs;
    if (restMs > 0) return { actions: [], status, requeueAfterMs: restMs };
    const finalizers = (namespace.spec.finalizers ?? []).filter((each) => each !== finalizer);
    const released = { ...namespace, spec: { ...namespace.spec, finalizers }, status };
    return { actions: [{ type: "update", target: namespaces, object: released, subresource: "finalize" }] };
  }
  return {
    actions: deletions(namespace, remaining),
    apart: true,
    status,
    statusOnFailure: (failure) => withContentFailure(status, remaining.length, failure.message, nowMs),
    requeueAfterMs: pauseMs(namespace, nowMs),
  };
}

/** Pods go first: what they use must outlive them. */
function deletions({ metadata: { name } }: Namespace, remaining: readonly KindContents[]): readonly Action[] {
  const pods = remaining.filter(({ resource: { group, plural } }) => group === "" && plural === "pods");
  return (pods.length > 0 ? pods : remaining)
    .filter(({ objects }) => objects.some(({ metadata }) => metadata.deletionTimestamp === undefined))
    .flatMap(({ resource, canDeleteCollection, objects }): readonly Action[] =>
      canDeleteCollection
        ? [{ type: "deleteCollection", target: resource, namespace: name }]
        : objects.map((object) => ({ type: "delete", target: resource, object })),
    );
}

/** The longer it takes, the less often we look: a quarter of its age. */
const pauseMs = ({ metadata }: Namespace, nowMs: number): number =>
  Math.min(maxPauseMs, Math.max(minPauseMs, (nowMs - Date.parse(metadata.deletionTimestamp ?? "")) / 4));
const minPauseMs = 100;
const maxPauseMs = 5_000;

function statusOf(namespace: Namespace, { undiscovered, kinds }: Contents, nowMs: number): NamespaceStatus {
  const errors = kinds.filter(({ error }) => error !== undefined);
  const remaining = kinds.filter(({ objects, more }) => objects.length + more > 0);
  const finalizers = remainingFinalizers(remaining);
  const counts = remaining
    .map(
      // With its dot in the core group too: `pods. has 2 resource instances`.
      ({ resource: { group, plural }, objects, more }) =>
        `${plural}.${group} has ${objects.length + more} resource instances`,
    )
    .sort();
  const said: readonly Told[] = [
    undiscovered.length > 0
      ? yes("NamespaceDeletionDiscoveryFailure", "DiscoveryFailed", discoveryMessage(undiscovered))
      : no("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    no(
      "NamespaceDeletionGroupVersionParsingFailure",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    errors.length > 0
      ? yes(
          "NamespaceDeletionContentFailure",
          "ContentDeletionFailed",
          failureMessage(remaining.length, errors.map(({ error = "" }) => error).join(", ")),
        )
      : no(
          "NamespaceDeletionContentFailure",
          "ContentDeleted",
          "All content successfully deleted, may be waiting on finalization",
        ),
    counts.length > 0
      ? yes("NamespaceContentRemaining", "SomeResourcesRemain", `Some resources are remaining: ${counts.join(", ")}`)
      : no("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    finalizers.length > 0
      ? yes(
          "NamespaceFinalizersRemaining",
          "SomeFinalizersRemain",
          `Some content in the namespace has finalizers remaining: ${finalizers.join(", ")}`,
        )
      : no("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
  ];
  return {
    ...namespace.status,
    phase: "Terminating",
    conditions: merged(namespace.status?.conditions ?? [], said, nowMs),
  };
}

type Told = Omit<NamespaceCondition, "lastTransitionTime">;
const yes = (type: string, reason: string, message: string): Told => ({ type, status: "True", reason, message });
const no = (type: string, reason: string, message: string): Told => ({ type, status: "False", reason, message });

const discoveryMessage = (failed: Discovery["failed"]): string =>
  `Discovery failed for some groups, ${failed.length} failing: unable to retrieve the complete list of server APIs: ${failed
    .map(({ groupVersion, error }) => `${groupVersion}: ${error}`)
    .join(", ")}`;

const failureMessage = (left: number, error: string): string =>
  `Failed to delete all resource types, ${left} remaining: ${error}`;

const withContentFailure = (status: NamespaceStatus, left: number, error: string, nowMs: number): NamespaceStatus => ({
  ...status,
  conditions: merged(
    status.conditions ?? [],
    [yes("NamespaceDeletionContentFailure", "ContentDeletionFailed", failureMessage(left, error))],
    nowMs,
  ),
});

function remainingFinalizers(remaining: readonly KindContents[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { objects } of remaining) {
    for (const { metadata } of objects) {
      for (const each of metadata.finalizers ?? []) counts.set(each, (counts.get(each) ?? 0) + 1);
    }
  }
  return [...counts].map(([name, count]) => `${name} in ${count} resource instances`).sort();
}

function merged(
  before: readonly NamespaceCondition[],
  told: readonly Told[],
  nowMs: number,
): readonly NamespaceCondition[] {
  const known = new Map(before.map((condition) => [condition.type, condition]));
  for (const next of told) {
    const old = known.get(next.type);
    const same = old?.status === next.status;
    known.set(next.type, { ...next, lastTransitionTime: (same && old.lastTransitionTime) || toTime(nowMs) });
  }
  return [...known.values()];
}
