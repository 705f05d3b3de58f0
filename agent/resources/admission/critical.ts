import type { Pod } from "../../../api/core/pod/pod.js";
import { systemCriticalPriority } from "../../../api/scheduling/priority-class.js";
import { isStaticPod } from "../../pod/static/manifest.js";

/** Pods that the node itself lives on: never evicted, last to end. https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
export const isCritical = (pod: Pod): boolean => (pod.spec.priority ?? 0) >= systemCriticalPriority || isStaticPod(pod);
