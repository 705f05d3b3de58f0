import type { Pod } from "../../../api/core/pod/pod.js";
import { isStaticPod } from "../../pod/static/manifest.js";

/** Pods that the node itself lives on: never evicted, last to end. https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
export const isCritical = (pod: Pod): boolean => (pod.spec.priority ?? 0) >= systemCriticalPriority || isStaticPod(pod);

const systemCriticalPriority = 2_000_000_000;
