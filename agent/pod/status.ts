import type { Container } from "../../api/core/pod/container.js";
import type { ContainerState, ContainerStatus } from "../../api/core/pod/container-status.js";
import { qosClass } from "../../api/core/pod/qos.js";
import type { PodStatus } from "../../api/core/pod/status.js";
import { toTime } from "../../base/clock.js";
import type { ContainerRecord, RuntimeFeatures } from "../runtime/runtime.js";
import { podConditions } from "./conditions.js";
import { type ContainerRole, containersOf, roleOfInit, runsOf } from "./containers.js";
import { canBeWhollyReadOnly, mountStatuses } from "./mount-status.js";
import { podPhase } from "./phase.js";
import type { PodPlan } from "./plan.js";
import { withShortMessages } from "./short-messages.js";
import {
  currentSandbox,
  deadlineExceeded,
  endingOf,
  failureOf,
  healthOf,
  holdOf,
  isFollowed,
  type PodView,
  remembered,
} from "./view.js";

export interface NodeFacts {
  readonly hostIPs: readonly string[];
  /** Scheme of container IDs. */
  readonly runtimeName: string;
  readonly features: Pick<RuntimeFeatures, "recursiveReadOnly">;
}

/** The status that the agent reports. Pure; what others own in it (foreign conditions, nomination) is carried along. */
export function podStatus(seen: PodView, plan: PodPlan, node: NodeFacts): PodStatus {
  const view = remembered(seen);
  const { pod, nowMs } = view;
  const before = pod.status;
  const shorten = withShortMessages(containersOf(pod).length);
  const told = (container: Container, role: ContainerRole): ContainerStatus =>
    shorten(containerStatus(view, plan, node, container, role));
  const init = (pod.spec.initContainers ?? []).map((container) => told(container, roleOfInit(container)));
  const main = pod.spec.containers.map((container) => told(container, "main"));
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map((container) => told(container, "ephemeral"));
  const why = endingOf(view)?.why;
  const allEnded = !view.containers.some(({ state }) => state === "running");
  const dismissed = why === "dismissed" && allEnded ? view.dismissal : undefined;
  const ended = allEnded && (why === "deleted" || why === "gone" || why === "deadline");
  // Who is told that time is up has failed, however well it ends then.
  const isLate = why === "deadline" && allEnded;
  const isReplaced = (name: string): boolean =>
    view.replaced?.has(runsOf(name, view.containers).latest?.id ?? "") ?? false;
  const phase = dismissed || isLate ? "Failed" : podPhase({ pod, init, main, running: !allEnded, ended, isReplaced });
  const outcome =
    why === "deadline"
      ? deadlineExceeded
      : { reason: dismissed?.reason ?? before?.reason, message: dismissed?.message ?? before?.message };
  const ips =
    (currentSandbox(view) ?? view.sandboxes.toSorted((a, b) => b.attempt - a.attempt)[0])?.ips ??
    before?.podIPs?.map(({ ip }) => ip) ??
    [];
  // Turned away: there is nothing to tell of containers that were never thought of.
  if ((dismissed ?? before?.phase === "Failed") && view.sandboxes.length === 0 && !before?.containerStatuses)
    return {
      ...before,
      phase,
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      ...present(outcome),
      startTime: before?.startTime ?? toTime(nowMs),
      qosClass: before?.qosClass ?? qosClass(pod.spec),
    };
  const conditions = podConditions({ view, phase, init, main, final: plan.final });
  return {
    ...before,
    phase,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    conditions,
    ...present(outcome),
    ...present({ hostIP: node.hostIPs[0], podIP: ips[0] }),
    ...(node.hostIPs.length === 0 ? {} : { hostIPs: node.hostIPs.map((ip) => ({ ip })) }),
    ...(ips.length === 0 ? {} : { podIPs: ips.map((ip) => ({ ip })) }),
    startTime: before?.startTime ?? toTime(nowMs),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    qosClass: before?.qosClass ?? qosClass(pod.spec),
  };
}

function containerStatus(
  view: PodView,
  plan: PodPlan,
  node: NodeFacts,
  container: Container,
  role: ContainerRole,
): ContainerStatus {
  const { latest, previous } = runsOf(container.name, view.containers);
  const before = [
    ...(view.pod.status?.initContainerStatuses ?? []),
    ...(view.pod.status?.containerStatuses ?? []),
    ...(view.pod.status?.ephemeralContainerStatuses ?? []),
  ].find(({ name }) => name === container.name);
  if (!latest && before?.state?.terminated && view.sandboxes.length === 0) return before;
  const state = stateOf(view, plan, node, { container, role, latest, before });
  const last = state.waiting && latest?.state === "exited" ? latest : previous;
  const lastState: ContainerState | undefined = last
    ? { terminated: terminatedState(last, view, node) }
    : toldOfLast(latest, before);
  const health = latest?.state === "running" ? healthOf(view, latest) : undefined;
  const mounts = mountStatuses(container, canBeWhollyReadOnly(view.pod, node.features));
  const done = role === "init" && latest?.state === "exited" && latest.exitCode === 0;
  return {
    name: container.name,
    state,
    ...(lastState ? { lastState } : {}),
    ...(role === "ephemeral"
      ? { ready: false }
      : role === "init"
        ? { ready: done, started: latest?.state === "running" }
        : { ready: health?.ready ?? false, started: health?.started ?? false }),
    restartCount: latest?.attempt ?? before?.restartCount ?? 0,
    image: latest?.image ?? container.image ?? "",
    imageID: latest?.imageId ?? "",
    ...resourcesTold(view, container, latest),
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
    ...(latest
      ? { containerID: `${node.runtimeName}://${latest.id}` }
      : before?.containerID === undefined
        ? {}
        : { containerID: before.containerID }),
  };
}

/** What the container was promised and what it has. */
function resourcesTold(
  { resize }: PodView,
  { resources: { requests = {} } }: Container,
  latest: ContainerRecord | undefined,
): Pick<ContainerStatus, "allocatedResources" | "resources"> {
  const applied = latest?.state === "running" ? resize?.applied.get(latest.id) : undefined;
  if (!applied) return {};
  const { limits, requests: has } = applied;
  return {
    ...(Object.keys(requests).length === 0 ? {} : { allocatedResources: requests }),
    ...(limits || has ? { resources: { ...(limits ? { limits } : {}), ...(has ? { requests: has } : {}) } } : {}),
  };
}

/** What was told of the run before this one, where the runtime has no record of it. */
function toldOfLast(
  latest: ContainerRecord | undefined,
  before: ContainerStatus | undefined,
): ContainerState | undefined {
  if (!latest || before?.restartCount === latest.attempt) return before?.lastState;
  return before?.state?.terminated ? { terminated: before.state.terminated } : before?.lastState;
}

function stateOf(
  view: PodView,
  plan: PodPlan,
  node: NodeFacts,
  {
    container,
    role,
    latest,
    before,
  }: {
    readonly container: Container;
    readonly role: ContainerRole;
    readonly latest: ContainerRecord | undefined;
    readonly before: ContainerStatus | undefined;
  },
): ContainerState {
  if (latest?.state === "running") return { running: { startedAt: toTime(latest.startedAtMs ?? latest.createdAtMs) } };
  const backOff = plan.backOffs.get(container.name);
  if (backOff)
    return {
      waiting: {
        reason: "CrashLoopBackOff",
        message: `back-off ${durationText(backOff.delayMs)} restarting failed container=${container.name} pod=${podTitle(view)}`,
      },
    };
  const failure = failureOf(view, container.name);
  // A start may have been taken to fail because its answer was lost.
  const isThrough = latest?.state === "exited" && !isFollowed(view, container, role, latest);
  if (failure && !plan.final && !isThrough) {
    const { reason, message } = holdOf(failure, view.nowMs) ?? failure;
    return { waiting: { reason, message } };
  }
  if (latest) return { terminated: terminatedState(latest, view, node) };
  if (before?.state?.terminated && plan.final) return before.state;
  return {
    waiting: { reason: (view.pod.spec.initContainers ?? []).length > 0 ? "PodInitializing" : "ContainerCreating" },
  };
}

function terminatedState(
  run: ContainerRecord,
  view: PodView,
  node: NodeFacts,
): NonNullable<ContainerState["terminated"]> {
  const message = run.message ?? view.messages.get(run.id);
  const finishedAt = toTime(run.finishedAtMs ?? 0);
  return {
    exitCode: run.exitCode ?? 0,
    reason: run.reason ?? (run.exitCode === 0 ? "Completed" : "Error"),
    ...(message === undefined || message === "" ? {} : { message }),
    startedAt: run.startedAtMs === undefined ? toTime(0) : toTime(run.startedAtMs),
    finishedAt,
    containerID: `${node.runtimeName}://${run.id}`,
  };
}

/** `name_namespace(uid)`, as the agent's messages name a pod. */
export const podTitle = ({ pod: { metadata } }: Pick<PodView, "pod">): string =>
  `${metadata.name}_${metadata.namespace ?? ""}(${metadata.uid})`;

/** `10s`, `1m20s`, `5m0s`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

const present = <K extends string>(fields: Readonly<Record<K, string | undefined>>): { readonly [P in K]?: string } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [P in K]?: string;
  };
