import { ageOf } from "../../../apimachinery/duration.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../../apimachinery/resource.js";
import type { ContainerStatus } from "./container-status.js";
import type { PodSpec } from "./spec.js";
import type { PodStatus } from "./status.js";

/** What `kubectl get pods` shows: one word for the state of a pod, drawn from phase, conditions and containers. */

type Pod = ObjectWith<PodSpec, PodStatus>;

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  { name: "Ready", cell: (pod) => readyCount(pod) },
  { name: "Status", cell: (pod) => podState(pod).reason },
  { name: "Restarts", cell: (pod, { nowMs }) => restarts(podState(pod), nowMs) },
  ageColumn,
  { name: "IP", priority: 1, cell: ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP },
  { name: "Node", priority: 1, cell: ({ spec }) => spec.nodeName },
  { name: "Nominated Node", priority: 1, cell: ({ status }) => status?.nominatedNodeName },
  { name: "Readiness Gates", priority: 1, cell: readinessGates },
];

export interface PodState {
  /** `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating` ... */
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  /** When a container last ended to be started again. */
  readonly lastRestart: string | undefined;
}

export function podState(pod: Pod): PodState {
  const { metadata, status } = pod;
  const starting = initState(pod);
  const initialized = status?.conditions?.some(({ type, status }) => type === "Initialized" && status === "True");
  const state =
    starting.blocked && !initialized
      ? starting
      : runningState(pod, starting.blocked ? { ...starting, reason: phaseReason(pod) } : starting);
  if (metadata.deletionTimestamp === undefined) return state;
  if (status?.reason === "NodeLost") return { ...state, reason: "Unknown" };
  const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
  return ended ? state : { ...state, reason: "Terminating" };
}

function phaseReason({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated");
  return gated ? "SchedulingGated" : (status?.reason ?? status?.phase ?? "Unknown");
}

interface InitState extends PodState {
  /** An init container has yet to end (or a sidecar to start). */
  readonly blocked: boolean;
  /** Restarts of sidecars alone: all that count once the containers run. */
  readonly sidecars: { readonly restarts: number; readonly lastRestart: string | undefined };
}

function initState(pod: Pod): InitState {
  const initContainers = pod.spec.initContainers ?? [];
  const sidecarNames = new Set(
    initContainers.flatMap(({ name, restartPolicy }) => (restartPolicy === "Always" ? [name] : [])),
  );
  let state: InitState = {
    reason: phaseReason(pod),
    ready: 0,
    restarts: 0,
    lastRestart: undefined,
    blocked: false,
    sidecars: { restarts: 0, lastRestart: undefined },
  };
  for (const [index, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecarNames.has(container.name);
    state = {
      ...state,
      ...withRestarts(state, container),
      sidecars: isSidecar ? withRestarts(state.sidecars, container) : state.sidecars,
    };
    if (container.state?.terminated?.exitCode === 0) continue;
    if (isSidecar && container.started) {
      if (container.ready) state = { ...state, ready: state.ready + 1 };
      continue;
    }
    return { ...state, blocked: true, reason: initReason(container, index, initContainers.length) };
  }
  return state;
}

function initReason({ state }: ContainerStatus, index: number, total: number): string {
  if (state?.terminated) return `Init:${endReason(state.terminated)}`;
  const waiting = state?.waiting?.reason ?? "";
  return waiting !== "" && waiting !== "PodInitializing" ? `Init:${waiting}` : `Init:${index}/${total}`;
}

type Terminated = NonNullable<NonNullable<ContainerStatus["state"]>["terminated"]>;

function endReason({ reason = "", signal = 0, exitCode }: Terminated): string {
  if (reason !== "") return reason;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function runningState({ status }: Pod, initial: InitState): PodState {
  let { reason, ready } = initial;
  let counted = initial.sidecars;
  let hasRunning = false;
  for (const container of [...(status?.containerStatuses ?? [])].reverse()) {
    counted = withRestarts(counted, container);
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) reason = endReason(terminated);
    else if (container.ready && running) {
      hasRunning = true;
      ready++;
    }
  }
  if (reason === "Completed" && hasRunning) {
    const isReady = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    reason = isReady ? "Running" : "NotReady";
  }
  return { reason, ready, ...counted };
}

type Restarts = Pick<PodState, "restarts" | "lastRestart">;

function withRestarts({ restarts, lastRestart }: Restarts, { restartCount, lastState }: ContainerStatus): Restarts {
  const ended = lastState?.terminated?.finishedAt;
  const latest = ended !== undefined && (lastRestart === undefined || ended > lastRestart) ? ended : lastRestart;
  return { restarts: restarts + restartCount, lastRestart: latest };
}

function restarts({ restarts, lastRestart }: PodState, nowMs: number): string {
  return restarts === 0 || lastRestart === undefined
    ? String(restarts)
    : `${restarts} (${ageOf(lastRestart, nowMs)} ago)`;
}

function readyCount(pod: Pod): string {
  const { containers, initContainers = [] } = pod.spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always").length;
  return `${podState(pod).ready}/${containers.length + sidecars}`;
}

function readinessGates({ spec, status }: Pod): string | undefined {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return undefined;
  const open = gates.filter(({ conditionType }) =>
    status?.conditions?.some(({ type, status }) => type === conditionType && status === "True"),
  );
  return `${open.length}/${gates.length}`;
}
