import type { ObjectMeta } from "../../apimachinery/meta.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { equal } from "../../base/equal.js";
import { type PodTemplateSpec, podTemplateSpec } from "../core/pod/template.js";
import type { Deployment } from "./deployment.js";
import type { ReplicaSet } from "./replicaset.js";

/** How a Deployment's revisions are told apart and counted; controller and `rollout` commands agree by this file. */

export const revisionAnnotation = "deployment.kubernetes.io/revision";
export const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
export const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
export const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
export const changeCauseAnnotation = "kubernetes.io/change-cause";
export const templateHashLabel = "pod-template-hash";

/** The number in the revision annotation; 0 where there is none or it is not a number. */
export function revisionOf({ metadata }: { readonly metadata: Pick<ObjectMeta, "annotations"> }): bigint {
  const text = metadata.annotations?.[revisionAnnotation] ?? "";
  const revision = /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
  return revision > revisionMax ? 0n : revision;
}

/** Of 64 bits, one of them for the sign. */
const revisionMax = 2n ** 63n - 1n;

export const compareRevisions = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** The one after the highest of these; where there is none after it, that one again. */
export function revisionAfter(revisions: readonly bigint[]): bigint {
  const highest = revisions.toSorted(compareRevisions).at(-1) ?? 0n;
  return highest === revisionMax ? highest : highest + 1n;
}

/**
 * Whether pods made from either would be the same, the label that names the ReplicaSet apart. Both are filled in with
 * today's defaults first, so that a default which came later than one of them makes no difference.
 */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return equal(meaningOf(a), meaningOf(b));
}

const meanings = new WeakMap<PodTemplateSpec, unknown>();

/** Templates come from frozen revisions: each is worked out once. */
function meaningOf(template: PodTemplateSpec): unknown {
  let meaning = meanings.get(template);
  if (meaning === undefined) {
    meaning = withoutEmptyLists(applyDefaults(podTemplateSpec, templateWithoutHash(template)));
    meanings.set(template, meaning);
  }
  return meaning;
}

/** An empty list means what an absent one means; an empty object (`emptyDir: {}`) says something. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && !(Array.isArray(field) && field.length === 0))
      .map(([name, field]) => [name, withoutEmptyLists(field)]),
  );
}

/** The template as its author wrote it: without the label that the controller added. */
export const templateWithoutHash = (template: PodTemplateSpec): PodTemplateSpec => ({
  ...template,
  metadata: withoutHash(template.metadata),
});

function withoutHash(metadata: ObjectMeta = {}): ObjectMeta {
  const { labels, ...rest } = metadata;
  const kept = Object.entries(labels ?? {}).filter(([key]) => key !== templateHashLabel);
  return kept.length === 0 ? rest : { ...rest, labels: Object.fromEntries(kept) };
}

/** The ReplicaSet that runs the Deployment's present template: the oldest, should there be several. */
export function newReplicaSetOf(
  { spec }: Pick<Deployment, "spec">,
  owned: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return owned
    .filter((replicaSet) => sameTemplate(replicaSet.spec.template, spec.template))
    .sort(byAge)
    .at(0);
}

/** Oldest first; names decide between those of one second. */
export function byAge(
  { metadata: a }: { readonly metadata: ObjectMeta },
  { metadata: b }: { readonly metadata: ObjectMeta },
): number {
  const left = a.creationTimestamp ?? "";
  const right = b.creationTimestamp ?? "";
  if (left !== right) return left < right ? -1 : 1;
  return (a.name ?? "") < (b.name ?? "") ? -1 : 1;
}
