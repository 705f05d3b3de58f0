import type { Pod } from "../../../api/core/pod/pod.js";
import { systemCriticalPriority } from "../../../api/scheduling/priority-class.js";
import type { ResourceSettings } from "../node/settings.js";

/** Pods that end together, and how long they may take. */
export interface ShutdownPhase {
  readonly graceMs: number;
  readonly pods: readonly Pod[];
}

/**
 * Who ends when the node does: the less important first, each pod with those of the highest class that it reaches.
 * https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#graceful-node-shutdown
 */
export function shutdownPhases(
  pods: readonly Pod[],
  {
    shutdownGraceMs,
    shutdownGraceCriticalMs,
    shutdownByPriority,
  }: Pick<ResourceSettings, "shutdownGraceMs" | "shutdownGraceCriticalMs" | "shutdownByPriority">,
): readonly ShutdownPhase[] {
  const classes = (
    shutdownByPriority.length > 0
      ? shutdownByPriority
      : [
          { priority: 0, graceMs: shutdownGraceMs - shutdownGraceCriticalMs },
          { priority: systemCriticalPriority, graceMs: shutdownGraceCriticalMs },
        ]
  ).toSorted((a, b) => a.priority - b.priority);
  const groups: Pod[][] = classes.map(() => []);
  for (const pod of pods) {
    const above = classes.findIndex(({ priority }) => priority > (pod.spec.priority ?? 0));
    // What is below the lowest class ends with it.
    groups[Math.max(0, (above === -1 ? classes.length : above) - 1)]?.push(pod);
  }
  return classes.flatMap(({ graceMs }, at) => {
    const own = groups[at] ?? [];
    return own.length === 0 ? [] : [{ graceMs, pods: own }];
  });
}
