import type { Namespace } from "../../api/core/namespace.js";
import type { PriorityClass } from "../../api/scheduling/priority-class.js";
import type { DraftOf } from "../../apimachinery/resource.js";

export const bootstrapNamespaces: readonly DraftOf<Namespace>[] = [
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));

const priorityClass = (name: string, value: number, description: string): DraftOf<PriorityClass> => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name },
  value,
  description,
});

export const bootstrapPriorityClasses: readonly DraftOf<PriorityClass>[] = [
  priorityClass("system-cluster-critical", 2_000_000_000, "For pods that the cluster needs, on whichever node."),
  priorityClass("system-node-critical", 2_000_001_000, "For pods that their node needs, on that node."),
];
