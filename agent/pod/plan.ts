import type { Container } from "../../api/core/pod/container.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import { backOffAfter, type ContainerRole, containersOf, roleOfInit, runsOf } from "./containers.js";
import {
  currentSandbox,
  deadlineMs,
  type Ending,
  endingOf,
  healthOf,
  isFollowed,
  type PodView,
  podFailure,
  remembered,
} from "./view.js";

/** One thing to do now. Steps of one plan do not depend on each other's outcome. */
export type Step =
  | { readonly type: "createSandbox"; readonly attempt: number }
  | { readonly type: "stopSandbox"; readonly id: string }
  | { readonly type: "removeSandbox"; readonly id: string }
  | {
      readonly type: "start";
      readonly sandbox: Sandbox;
      readonly container: Container;
      readonly role: ContainerRole;
      readonly attempt: number;
      readonly backOffMs: number;
    }
  /** `graceMs` from now; given again when it has become less. */
  | {
      readonly type: "kill";
      readonly run: ContainerRecord;
      readonly graceMs: number;
      readonly message: string;
      /** For another definition of the container. */
      readonly replaces?: boolean;
    }
  | { readonly type: "removeContainer"; readonly id: string }
  /** Nothing runs any more: the API server may let go of the deleted pod. */
  | { readonly type: "release" }
  /** Nothing is left of it on this node. */
  | { readonly type: "forget" };

export interface PodPlan {
  readonly steps: readonly Step[];
  /** Containers held back after they failed, by name. */
  readonly backOffs: ReadonlyMap<string, { readonly delayMs: number; readonly untilMs: number }>;
  /** Plan again then, whatever happens. */
  readonly wakeAtMs: number | undefined;
  /** No container will run again. */
  readonly final: boolean;
}

/** What to do next for a pod. Pure: from what should run and what does. */
export function planPod(seen: PodView): PodPlan {
  const view = remembered(seen);
  const draft = new Draft(view);
  const ending = endingOf(view);
  if (ending) planEnding(draft, ending);
  else planRunning(draft);
  return draft.plan(ending !== undefined);
}

class Draft {
  readonly view: PodView;
  readonly #steps: Step[] = [];
  readonly #backOffs = new Map<string, { delayMs: number; untilMs: number }>();
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #final = false;

  constructor(view: PodView) {
    this.view = view;
  }

  add(step: Step): void {
    this.#steps.push(step);
  }

  holdBack(name: string, delayMs: number, untilMs: number): void {
    this.#backOffs.set(name, { delayMs, untilMs });
    this.wakeAt(untilMs);
  }

  wakeAt(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs, atMs);
  }

  isFinal(): void {
    this.#final = true;
  }

  kill(run: ContainerRecord, graceMs: number, message: string, replaces = false): void {
    const overAtMs = this.view.nowMs + graceMs;
    const knownMs = this.view.stopping.get(run.id);
    if (knownMs === undefined || overAtMs < knownMs - graceSlackMs)
      this.add({ type: "kill", run, graceMs, message, ...(replaces ? { replaces } : {}) });
  }

  plan(ending: boolean): PodPlan {
    return {
      steps: this.#steps,
      backOffs: this.#backOffs,
      wakeAtMs: Number.isFinite(this.#wakeAtMs) ? this.#wakeAtMs : undefined,
      final: this.#final || ending,
    };
  }
}

const graceSlackMs = 500;

function planRunning(draft: Draft): void {
  const { view } = draft;
  const { pod, containers, nowMs } = view;
  const sandbox = currentSandbox(view);
  const stale = view.sandboxes.filter(
    ({ id }) =>
      id !== sandbox?.id && containers.some(({ sandboxId, state }) => sandboxId === id && state === "running"),
  );
  for (const { id } of stale) draft.add({ type: "stopSandbox", id });
  if (stale.length > 0) return;
  draft.wakeAt(deadlineMs(pod));
  if (isOver(view)) {
    windDown(draft, sandbox);
    return;
  }
  if (!sandbox) {
    const failure = view.failures.get(podFailure);
    if (failure && failure.retryAtMs > nowMs) draft.wakeAt(failure.retryAtMs);
    else
      draft.add({ type: "createSandbox", attempt: Math.max(-1, ...view.sandboxes.map(({ attempt }) => attempt)) + 1 });
    return;
  }
  tidy(draft, sandbox);
  // Put in to look at the pod, whatever the others do.
  for (const container of pod.spec.ephemeralContainers ?? []) planContainer(draft, sandbox, container, "ephemeral");
  if (!planInit(draft, sandbox)) return;
  for (const container of pod.spec.containers) planContainer(draft, sandbox, container, "main");
}

/** No container proper runs or will run again. */
function isOver(view: PodView): boolean {
  const { pod, containers } = view;
  const failedInit = (pod.spec.initContainers ?? []).some((container) => {
    const { latest } = runsOf(container.name, containers);
    return (
      latest?.state === "exited" &&
      roleOfInit(container) === "init" &&
      latest.exitCode !== 0 &&
      !isFollowed(view, container, "init", latest)
    );
  });
  if (failedInit && !pod.spec.containers.some(({ name }) => runsOf(name, containers).latest?.state === "running"))
    return true;
  const runs = pod.spec.containers.map((container) => ({
    container,
    latest: runsOf(container.name, containers).latest,
  }));
  return runs.every(
    ({ container, latest }) => latest?.state === "exited" && !isFollowed(view, container, "main", latest),
  );
}

/** The containers that count have ended: sidecars follow, then the sandbox; records and logs stay. */
function windDown(draft: Draft, sandbox: Sandbox | undefined): void {
  draft.isFinal();
  if (endContainers(draft, draft.view.pod.spec.terminationGracePeriodSeconds * 1000) && sandbox)
    draft.add({ type: "stopSandbox", id: sandbox.id });
}

/** True once the containers proper may run. */
function planInit(draft: Draft, sandbox: Sandbox): boolean {
  const { view } = draft;
  const { pod, containers } = view;
  const inits = pod.spec.initContainers ?? [];
  const past = pod.spec.containers.some(({ name }) => runsOf(name, containers).latest?.sandboxId === sandbox.id);
  for (const container of inits) {
    const role = roleOfInit(container);
    if (past && role === "init") continue;
    const { latest } = runsOf(container.name, containers);
    const here = latest?.sandboxId === sandbox.id ? latest : undefined;
    if (role === "init" && here?.state === "exited" && here.exitCode === 0) continue;
    planContainer(draft, sandbox, container, role);
    if (past) continue;
    if (role === "sidecar" && here?.state === "running" && healthOf(view, here).started) continue;
    return false;
  }
  return true;
}

/** Starts it, starts it again, or ends it because a probe says so. */
function planContainer(draft: Draft, sandbox: Sandbox, container: Container, role: ContainerRole): void {
  const { view } = draft;
  const { pod, containers, nowMs } = view;
  const { latest } = runsOf(container.name, containers);
  if (latest?.state === "running") {
    const { broken } = healthOf(view, latest);
    const graceMs = (broken?.graceSeconds ?? pod.spec.terminationGracePeriodSeconds) * 1000;
    if (isChanged(latest, container) && role !== "init")
      draft.kill(latest, graceMs, `Container ${container.name} definition changed, will be restarted`, true);
    else if (broken) draft.kill(latest, graceMs, broken.message);
    return;
  }
  const sameSandbox = latest?.sandboxId === sandbox.id;
  if (latest && (sameSandbox || role !== "init") && !isFollowed(view, container, role, latest)) return;
  // Of another definition nothing is known yet.
  const again = latest && sameSandbox && !isChanged(latest, container) ? latest : undefined;
  const backOffMs = again ? backOffAfter(again, view.restartBackOffMaxMs) : 0;
  const untilMs = (latest?.finishedAtMs ?? 0) + backOffMs;
  if (latest && backOffMs > 0 && untilMs > nowMs) {
    draft.holdBack(container.name, backOffMs, untilMs);
    return;
  }
  const failure = view.failures.get(container.name);
  if (failure && failure.retryAtMs > nowMs && (failure.image ?? container.image) === container.image) {
    draft.wakeAt(failure.hold && failure.hold.fromMs > nowMs ? failure.hold.fromMs : failure.retryAtMs);
    return;
  }
  draft.add({
    type: "start",
    sandbox,
    container,
    role,
    attempt: (latest?.attempt ?? -1) + 1,
    backOffMs: again ? backOffMs : -1,
  });
}

/** It runs another image than the pod now asks for. */
const isChanged = (run: ContainerRecord, { image = "" }: Container): boolean => run.image !== image;

/** Records that nobody needs any more: runs before the previous one, runs never started, sandboxes before the last. */
function tidy(draft: Draft, sandbox: Sandbox): void {
  const { pod, containers, sandboxes } = draft.view;
  for (const { container } of containersOf(pod)) {
    const { outdated, unstarted } = runsOf(container.name, containers);
    for (const { id } of [...outdated, ...unstarted]) draft.add({ type: "removeContainer", id });
  }
  for (const { id } of sandboxes)
    if (id !== sandbox.id && !containers.some(({ sandboxId }) => sandboxId === id))
      draft.add({ type: "removeSandbox", id });
}

function planEnding(draft: Draft, ending: Ending): void {
  const { view } = draft;
  const overAtMs = Math.min(
    (view.endingSinceMs ?? view.nowMs) + ending.graceMs,
    view.shutdownByMs ?? Number.POSITIVE_INFINITY,
  );
  if (!endContainers(draft, Math.max(0, overAtMs - view.nowMs))) return;
  const ready = view.sandboxes.filter(({ state }) => state === "ready");
  for (const { id } of ready) draft.add({ type: "stopSandbox", id });
  if (ready.length > 0) return;
  if (ending.why === "deleted") draft.add({ type: "release" });
  if (ending.why !== "gone") return;
  for (const { id } of view.sandboxes) draft.add({ type: "removeSandbox", id });
  if (view.sandboxes.length === 0) draft.add({ type: "forget" });
}

/** Ends what runs: the containers proper at once, then the sidecars in reverse order. True when nothing runs. */
function endContainers(draft: Draft, graceMs: number): boolean {
  const { pod, containers } = draft.view;
  const running = containers.filter(({ state }) => state === "running");
  const sidecars = (pod.spec.initContainers ?? [])
    .filter((container) => roleOfInit(container) === "sidecar")
    .map(({ name }) => name);
  const first = running.filter(({ name }) => !sidecars.includes(name));
  const next =
    first.length > 0
      ? first
      : running.toSorted((a, b) => sidecars.indexOf(b.name) - sidecars.indexOf(a.name)).slice(0, 1);
  for (const run of next) draft.kill(run, graceMs, `Stopping container ${run.name}`);
  return running.length === 0;
}
