import type { Pod } from "../../../api/core/pod/pod.js";

/** Pods that the node itself lives on: never evicted, last to end. https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
export const isCritical = ({ metadata, spec }: Pod): boolean =>
  (spec.priority ?? 0) >= systemCriticalPriority ||
  metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined ||
  ["file", "http"].includes(metadata.annotations?.["kubernetes.io/config.source"] ?? "");

const systemCriticalPriority = 2_000_000_000;
