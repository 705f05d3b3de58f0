import type { Container } from "../../api/core/pod/container.js";
import type { ContainerStatus } from "../../api/core/pod/container-status.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { ResizeState } from "../resources/resize/pod-resize.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import { type ContainerRole, isRestarted } from "./containers.js";
import type { Dismissal } from "./dismissal.js";

/** Everything from which a pod's next steps and its status follow. */
export interface PodView {
  /** As the API server has it, or had it last, with the resources that the node has promised it. */
  readonly pod: Pod;
  /** The API server has it no more (or has another of the name): whatever is left ends and goes. */
  readonly gone: boolean;
  readonly sandboxes: readonly Sandbox[];
  readonly containers: readonly ContainerRecord[];
  /** By container id, of running containers. */
  readonly health: ReadonlyMap<string, Health>;
  /** What could not be started, by container name; `podFailure` for what concerns the whole pod. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** Containers being ended, by id: when the grace of each is over. */
  readonly stopping: ReadonlyMap<string, number>;
  /** Runs ended for another definition of their container, by id: one of that follows, whatever the policy. */
  readonly replaced?: ReadonlySet<string>;
  /** What ended runs left as their last word, by container id. */
  readonly messages: ReadonlyMap<string, string>;
  /** When the agent first saw that the pod has to end. */
  readonly endingSinceMs: number | undefined;
  /** The node stops running pods: by then this one has to have ended. It runs again when the node comes back. */
  readonly shutdownByMs: number | undefined;
  /** What becomes of a change of its resources. */
  readonly resize?: ResizeState;
  /** The agent has decided that the pod is over. */
  readonly dismissal?: Dismissal | undefined;
  /** How long a container that fails again and again is held back at most; 5 min unless said. */
  readonly restartBackOffMaxMs?: number | undefined;
  readonly nowMs: number;
}

export interface Health {
  /** The startup probe, where there is one, has succeeded. */
  readonly started: boolean;
  readonly ready: boolean;
  /** It must be ended, and why. */
  readonly broken?: { readonly message: string; readonly graceSeconds?: number };
}

export interface StartFailure {
  /** Of which image: with another one it is tried at once. */
  readonly image?: string;
  /** As a waiting container's state shows it. */
  readonly reason: string;
  readonly message: string;
  readonly retryAtMs: number;
  /** In a row, for the same kind of reason. */
  readonly count: number;
  readonly retry?: Retry;
  /** What the state shows from a moment on, instead, until it is tried again. */
  readonly hold?: {
    readonly fromMs: number;
    readonly text: string;
    readonly reason: string;
    readonly message: string;
  };
}

/** How long what failed is left alone: twice as long each time. */
export interface Retry {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** The hold that a failure shows by now, if it does. */
export const holdOf = ({ hold }: StartFailure, nowMs: number): StartFailure["hold"] =>
  hold && hold.fromMs <= nowMs ? hold : undefined;

/** Key among the failures: volumes or the sandbox could not be made, or the pod is refused as a whole. */
export const podFailure = "";

/** Why containers wait that ask for what the node cannot give. */
export const configError = "CreateContainerConfigError";

/** What keeps this container from being started: its own failure, or that its pod is refused. */
export function failureOf({ failures }: Pick<PodView, "failures">, name: string): StartFailure | undefined {
  const whole = failures.get(podFailure);
  return failures.get(name) ?? (whole?.reason === configError ? whole : undefined);
}

/**
 * The view with what the status tells of runs that the runtime has forgotten: they have ended, nobody knows how unless
 * the status says so, and count as much as those of which there is a record.
 */
export function remembered(view: PodView): PodView {
  const { status } = view.pod;
  const told = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  const forgotten = told.filter(
    ({ name, containerID }) =>
      containerID && !view.containers.some((run) => run.name === name && run.state !== "created"),
  );
  if (forgotten.length === 0) return view;
  return { ...view, containers: [...view.containers, ...forgotten.map((known) => endedRun(view, known))] };
}

function endedRun({ pod: { metadata }, nowMs }: PodView, known: ContainerStatus): ContainerRecord {
  const end = known.state?.terminated ?? known.lastState?.terminated;
  const isEnd = known.state?.running === undefined && end !== undefined;
  const startedAt = isEnd ? end.startedAt : known.state?.running?.startedAt;
  return {
    id: known.containerID?.replace(/^[^/]*:\/\//, "") ?? "",
    sandboxId: "",
    pod: { uid: metadata.uid, namespace: metadata.namespace ?? "", name: metadata.name },
    name: known.name,
    attempt: known.restartCount,
    state: "exited",
    createdAtMs: startedAt === undefined ? 0 : Date.parse(startedAt),
    ...(startedAt === undefined ? {} : { startedAtMs: Date.parse(startedAt) }),
    finishedAtMs: isEnd && end.finishedAt !== undefined ? Date.parse(end.finishedAt) : nowMs,
    ...(isEnd
      ? { exitCode: end.exitCode, ...(end.reason === undefined ? {} : { reason: end.reason }) }
      : { exitCode: unknownExitCode, reason: "ContainerStatusUnknown" }),
    message: isEnd ? (end.message ?? "") : "The container could not be located when the pod was terminated",
    image: known.image,
    imageId: known.imageID,
    annotations: {},
  };
}

const unknownExitCode = 137;

export const healthOf = ({ health }: PodView, run: ContainerRecord): Health =>
  health.get(run.id) ?? { started: false, ready: false };

/** Whether another run follows one that has ended. */
export const isFollowed = (view: PodView, container: Container, role: ContainerRole, run: ContainerRecord): boolean =>
  view.replaced?.has(run.id) || isRestarted(view.pod, container, role, run.exitCode ?? 1);

/** The sandbox in which containers run or may be started. */
export const currentSandbox = ({ sandboxes }: Pick<PodView, "sandboxes">): Sandbox | undefined =>
  sandboxes.filter(({ state }) => state === "ready").toSorted((a, b) => b.attempt - a.attempt)[0];

export type Ending = {
  readonly why: "gone" | "deleted" | "deadline" | "dismissed" | "terminal" | "shutdown";
  readonly graceMs: number;
};

/**
 * Whether the pod has to end, for what reason, and with how much grace from when that was first seen. However long that
 * is, it is over when the node has to have stopped.
 */
export function endingOf(
  view: Pick<PodView, "pod" | "gone" | "shutdownByMs" | "dismissal" | "nowMs">,
): Ending | undefined {
  const { metadata, spec, status } = view.pod;
  const ownGraceMs = spec.terminationGracePeriodSeconds * 1000;
  if (view.gone)
    return {
      why: "gone",
      graceMs: Math.min(ownGraceMs, (metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY) * 1000),
    };
  if (metadata.deletionTimestamp !== undefined)
    return {
      why: "deleted",
      graceMs: (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds) * 1000,
    };
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return { why: "terminal", graceMs: ownGraceMs };
  if (deadlineMs(view.pod) <= view.nowMs) return { why: "deadline", graceMs: ownGraceMs };
  if (view.dismissal) return { why: "dismissed", graceMs: Math.min(ownGraceMs, view.dismissal.graceMs ?? ownGraceMs) };
  if (view.shutdownByMs !== undefined) return { why: "shutdown", graceMs: ownGraceMs };
  return undefined;
}

/** What a pod is told whose time is over. */
export const deadlineExceeded = {
  reason: "DeadlineExceeded",
  message: "Pod was active on the node longer than the specified deadline",
} as const;

/** When activeDeadlineSeconds are over; never where there are none. */
export function deadlineMs({ spec, status }: Pod): number {
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000;
}
