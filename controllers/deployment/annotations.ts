import { createHash } from "node:crypto";
import { type Deployment, deployments } from "../../api/apps/deployment.js";
import type { ReplicaSet } from "../../api/apps/replicaset.js";
import {
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  revisionAfter,
  revisionAnnotation,
  revisionHistoryAnnotation,
  revisionOf,
  templateHashLabel,
  templateWithoutHash,
} from "../../api/apps/revision-history.js";
import type { DraftOf } from "../../apimachinery/resource.js";
import { controllerReference } from "../framework/claim.js";
import { maxSurge } from "./replica-sets.js";

/** What a Deployment writes on its ReplicaSets, and how it names them. */

/** Annotations of the Deployment that are about itself, not about a revision. */
const ownAnnotations: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  "deprecated.deployment.rollback.to",
]);

/** The number of the revision that the Deployment's present template is: one more than that of any other. */
export const nextRevision = (old: readonly ReplicaSet[]): bigint => revisionAfter(old.map(revisionOf));

/** The ReplicaSet as the current one of its Deployment: its number, and what the Deployment says of itself. */
export function asCurrent(deployment: Deployment, replicaSet: ReplicaSet, revision: bigint): ReplicaSet {
  const before = revisionOf(replicaSet);
  const history = replicaSet.metadata.annotations?.[revisionHistoryAnnotation];
  const annotations: Record<string, string> = { ...replicaSet.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!ownAnnotations.has(key)) annotations[key] = value;
  }
  if (before < revision) {
    annotations[revisionAnnotation] = String(revision);
    if (before > 0n) annotations[revisionHistoryAnnotation] = appended(history, before);
  }
  const { minReadySeconds: _, ...spec } = replicaSet.spec;
  const { minReadySeconds } = deployment.spec;
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...spec, ...(minReadySeconds ? { minReadySeconds } : {}) },
  };
}

/** The ReplicaSet at another size, marked with the Deployment's size that it was worked out for. */
export const resized = (deployment: Deployment, replicaSet: ReplicaSet, replicas: number): ReplicaSet => ({
  ...replicaSet,
  metadata: {
    ...replicaSet.metadata,
    annotations: { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) },
  },
  spec: { ...replicaSet.spec, replicas },
});

const sizeAnnotations = (deployment: Deployment): Record<string, string> => ({
  [desiredReplicasAnnotation]: String(deployment.spec.replicas),
  [maxReplicasAnnotation]: String(deployment.spec.replicas + maxSurge(deployment)),
});

const historyMaxRevisions = 100;
const appended = (history: string | undefined, revision: bigint): string =>
  [...(history?.split(",") ?? []), String(revision)].slice(-historyMaxRevisions).join(",");

/** The ReplicaSet for the Deployment's present template. */
export function draftReplicaSet(deployment: Deployment, replicas: number, revision: bigint): DraftOf<ReplicaSet> {
  const hash = templateHash(deployment);
  const { template, selector, minReadySeconds } = deployment.spec;
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key));
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash };
  return {
    metadata: {
      name: newReplicaSetName(deployment),
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels,
      annotations: {
        ...Object.fromEntries(copied),
        ...sizeAnnotations(deployment),
        [revisionAnnotation]: String(revision),
      },
      ownerReferences: [controllerReference(deployments, deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

export const newReplicaSetName = (deployment: Deployment): string =>
  `${deployment.metadata.name}-${templateHash(deployment)}`;

const hashAlphabet = "bcdfghjklmnpqrstvwxz2456789";
const hashLength = 10;

/** Only a name: which ReplicaSet is the current one is told by comparing templates. */
function templateHash({ spec, status }: Deployment): string {
  const text = `${canonical(templateWithoutHash(spec.template))}/${status?.collisionCount ?? 0}`;
  return [...createHash("sha256").update(text).digest().subarray(0, hashLength)]
    .map((byte) => hashAlphabet[byte % hashAlphabet.length])
    .join("");
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`)
    .join(",")}}`;
}
