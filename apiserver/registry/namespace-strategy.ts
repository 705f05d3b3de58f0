import type { Namespace } from "../../api/core/namespace.js";
import { withMeta } from "./object-parts.js";
import type { Strategy } from "./strategy.js";

/** What keeps a namespace until the namespace controller has emptied it. */
export const namespaceFinalizer = "kubernetes";
const nameLabel = "kubernetes.io/metadata.name";

/** A namespace is held by spec.finalizers, which only its finalize subresource sets, and carries its name as a label. */
export const namespaceStrategy: Strategy<Namespace> = {
  prepare(namespace, old) {
    const labelled = withNameLabel(namespace);
    if (old) {
      const { finalizers: _, ...spec } = labelled.spec;
      const { finalizers } = old.spec;
      return { ...labelled, spec: finalizers ? { ...spec, finalizers } : spec };
    }
    const finalizers = [...new Set([...(labelled.spec.finalizers ?? []), namespaceFinalizer])];
    return { ...labelled, spec: { ...labelled.spec, finalizers }, status: { phase: "Active" } };
  },
  isHeld: ({ spec }) => (spec.finalizers ?? []).length > 0,
  beginDeletion(namespace) {
    const { deletionGracePeriodSeconds: _, ...metadata } = namespace.metadata;
    return { ...namespace, metadata, status: { ...namespace.status, phase: "Terminating" } };
  },
  answersDeleted: true,
};

function withNameLabel(namespace: Namespace): Namespace {
  const { name, labels } = namespace.metadata;
  return labels?.[nameLabel] === name || !name
    ? namespace
    : withMeta(namespace, { labels: { ...labels, [nameLabel]: name } });
}
