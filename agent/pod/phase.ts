import type { ContainerStatus } from "../../api/core/pod/container-status.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { PodStatus } from "../../api/core/pod/status.js";
import { isRestarted, roleOfInit } from "./containers.js";

export interface PhaseInput {
  readonly pod: Pod;
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  /** The pod had to end, and nothing of it runs any more. */
  readonly ended: boolean;
  /** Something of it still runs: a pod is over only when sidecars and whoever looked at it have ended, too. */
  readonly running: boolean;
  /** Of this container another run follows, whatever the policy. */
  readonly isReplaced?: (name: string) => boolean;
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
export function podPhase({
  pod,
  init,
  main,
  ended,
  running,
  isReplaced = () => false,
}: PhaseInput): PodStatus["phase"] {
  const before = pod.status?.phase;
  if (before === "Succeeded" || before === "Failed") return before;
  const succeeded = main.every(({ state }) => state?.terminated?.exitCode === 0);
  if (ended) return succeeded ? "Succeeded" : "Failed";
  if (init.some((status) => initFailed(pod, status))) return running ? "Pending" : "Failed";
  const begun = main.some(({ state, lastState }) => state?.running || state?.terminated || lastState?.terminated);
  if (!begun) return "Pending";
  if (main.some(({ state, lastState }) => state?.waiting && !lastState?.terminated)) return "Pending";
  const over = main.every((status) => {
    const container = pod.spec.containers.find(({ name }) => name === status.name);
    const exitCode = status.state?.terminated?.exitCode;
    if (container === undefined || exitCode === undefined || isReplaced(status.name)) return false;
    return !isRestarted(pod, container, "main", exitCode);
  });
  if (!over || running) return "Running";
  return succeeded ? "Succeeded" : "Failed";
}

function initFailed(pod: Pod, { name, state }: ContainerStatus): boolean {
  const container = pod.spec.initContainers?.find((candidate) => candidate.name === name);
  const exitCode = state?.terminated?.exitCode;
  if (!container || exitCode === undefined || exitCode === 0 || roleOfInit(container) === "sidecar") return false;
  return !isRestarted(pod, container, "init", exitCode);
}
