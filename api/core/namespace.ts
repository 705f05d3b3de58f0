import type { ObjectMeta } from "../../apimachinery/meta.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf, type ObjectWith } from "../../apimachinery/resource.js";
import { type Infer, list, object, oneOf, optional, ref, string, time } from "../../apimachinery/schema/schema.js";

/** What still has to happen before a namespace may go. */
export const namespaceSpec = object("NamespaceSpec", {
  /** Names of those who still have to empty the namespace. */
  finalizers: optional(list(string())),
});
export interface NamespaceSpec extends Infer<typeof namespaceSpec> {}

/** Whether a namespace is in use or being emptied. */
export const namespaceStatus = object("NamespaceStatus", {
  /** What keeps it from ending. */
  conditions: optional(
    list(
      ref<NamespaceCondition>(() => namespaceCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Active or Terminating. */
  phase: optional(oneOf(["Active", "Terminating"])),
});
export interface NamespaceStatus extends Infer<typeof namespaceStatus> {}

/** What keeps a namespace that is being deleted. */
export const namespaceCondition = object("NamespaceCondition", {
  /** What was left undone, such as NamespaceContentRemaining or NamespaceFinalizersRemaining. */
  type: string({ default: "" }),
  /** Whether it holds: True, False, or Unknown where nobody can tell. */
  status: oneOf(["True", "False", "Unknown"]),
  /** Cause of the last change, as one CamelCase word for programs. */
  reason: optional(string()),
  /** Details for people; may be empty. */
  message: optional(string()),
  /** When `status` changed last. */
  lastTransitionTime: optional(time()),
});
export interface NamespaceCondition extends Infer<typeof namespaceCondition> {}

/** A room for names, with rights and limits of its own. */
export const namespaces = defineResource({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  spec: namespaceSpec,
  status: namespaceStatus,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: { status: true, others: { finalize: ["update"] } },
  nameRule: "dns-label",
  countsGeneration: false,
  // The label lets selectors name a namespace.
  defaults: ({ metadata }) => (metadata.name === undefined ? {} : nameLabel(metadata)),
  prepare: (namespace, old) => (old ? { ...namespace, spec: old.spec } : newNamespace(namespace)),
  selectableFields: { "status.phase": ({ status }) => status?.phase ?? "" },
  columns: [nameColumn, { name: "Status", cell: ({ status }) => status?.phase }, ageColumn],
});
export interface Namespace extends ObjectOf<typeof namespaces> {}

type NamespaceLike = ObjectWith<NamespaceSpec, NamespaceStatus>;

/** Without the finalizer, a namespace would go before what lies in it. A generated name gets its label only now. */
function newNamespace(namespace: NamespaceLike): NamespaceLike {
  const { finalizers = [] } = namespace.spec;
  return {
    ...namespace,
    ...nameLabel(namespace.metadata),
    spec: { finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"] },
    status: { phase: "Active" },
  };
}

const nameLabelKey = "kubernetes.io/metadata.name";

function nameLabel<M extends ObjectMeta>(metadata: M): { readonly metadata?: M } {
  const { name = "", labels } = metadata;
  if (labels?.[nameLabelKey] === name) return {};
  return { metadata: { ...metadata, labels: { ...labels, [nameLabelKey]: name } } };
}
