import type { ContainerStatus } from "../../api/core/pod/container-status.js";
import type { PodCondition, PodStatus } from "../../api/core/pod/status.js";
import { toTime } from "../../base/clock.js";
import { roleOfInit } from "./containers.js";
import { disruptionCondition } from "./dismissal.js";
import { currentSandbox, type PodView } from "./view.js";

export interface ConditionsInput {
  readonly view: PodView;
  readonly phase: PodStatus["phase"];
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  /** No container will run again. */
  readonly final: boolean;
}

interface Verdict {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

/** The agent's own conditions, after those of others. A transition time moves only when the status does. */
export function podConditions({ view, phase, init, main }: ConditionsInput): readonly PodCondition[] {
  const { pod, nowMs } = view;
  const before = pod.status?.conditions ?? [];
  const sidecars = init.filter(({ name }) => {
    const container = pod.spec.initContainers?.find((candidate) => candidate.name === name);
    return container !== undefined && roleOfInit(container) === "sidecar";
  });
  const initialized = initVerdict(phase, init, sidecars, main);
  const containersReady = readyVerdict(phase, [...sidecars, ...main]);
  const own = new Map<string, Verdict>([
    ["PodReadyToStartContainers", { status: (currentSandbox(view)?.ips.length ?? 0) > 0 ? "True" : "False" }],
    ["Initialized", initialized],
    ["Ready", gatesVerdict(view, containersReady)],
    ["ContainersReady", containersReady],
    ["PodScheduled", { status: "True" }],
  ]);
  const { pending, inProgress } = view.resize ?? {};
  if (pending) own.set("PodResizePending", { status: "True", ...pending });
  if (inProgress) own.set("PodResizeInProgress", { status: "True", ...inProgress });
  const conditionOf = (type: string, verdict: Verdict): PodCondition => {
    const old = before.find((condition) => condition.type === type);
    return {
      type,
      status: verdict.status,
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
      ...(verdict.message === undefined ? {} : { message: verdict.message }),
      lastTransitionTime:
        old?.status === verdict.status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : toTime(nowMs),
    };
  };
  const foreign = before.filter(({ type }) => !own.has(type) && !(view.resize && resizeConditions.includes(type)));
  const disturbed =
    view.dismissal &&
    disruptionCondition(
      view.dismissal,
      before.find(({ type }) => type === "DisruptionTarget"),
      toTime(nowMs),
    );
  return [
    ...[...own].map(([type, verdict]) => conditionOf(type, verdict)),
    ...foreign.filter(({ type }) => type !== disturbed?.type),
    ...(disturbed ? [disturbed] : []),
  ];
}

/** Told while they hold, and no longer. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions */
export const resizeConditions: readonly string[] = ["PodResizePending", "PodResizeInProgress"];

function initVerdict(
  phase: PodStatus["phase"],
  init: readonly ContainerStatus[],
  sidecars: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
): Verdict {
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  const past = main.some(({ containerID }) => containerID !== undefined);
  const open = init.filter((status) =>
    sidecars.includes(status) ? !past && !status.started : !past && status.state?.terminated?.exitCode !== 0,
  );
  return open.length === 0
    ? { status: "True" }
    : {
        status: "False",
        reason: "ContainersNotInitialized",
        message: `containers with incomplete status: ${names(open)}`,
      };
}

function readyVerdict(phase: PodStatus["phase"], counted: readonly ContainerStatus[]): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const unready = counted.filter(({ ready }) => !ready);
  return unready.length === 0
    ? { status: "True" }
    : { status: "False", reason: "ContainersNotReady", message: `containers with unready status: ${names(unready)}` };
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate */
function gatesVerdict({ pod }: PodView, containersReady: Verdict): Verdict {
  if (containersReady.status === "False") return containersReady;
  const problems = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const status = pod.status?.conditions?.find(({ type }) => type === conditionType)?.status;
    if (status === "True") return [];
    return status === undefined
      ? [`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`]
      : [`the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but ${status}`];
  });
  return problems.length === 0
    ? { status: "True" }
    : { status: "False", reason: "ReadinessGatesNotReady", message: problems.join(", ") };
}

const names = (statuses: readonly ContainerStatus[]): string => `[${statuses.map(({ name }) => name).join(" ")}]`;
