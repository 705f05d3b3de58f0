import { type Pod, pods } from "../../api/core/pod/pod.js";
import { runtimeClasses } from "../../api/node/runtime-class.js";
import { StatusError } from "../../apimachinery/status.js";
import { untilAborted } from "../../base/until-aborted.js";
import { RuntimeError } from "../runtime/runtime.js";
import { within } from "../within.js";
import { containersOf } from "./containers.js";
import { ConfigError } from "./env.js";
import { runHook, tellOfHook } from "./hooks.js";
import type { PodPlan, Step } from "./plan.js";
import { sandboxOf } from "./sandbox.js";
import { startContainer } from "./start.js";
import { podTitle } from "./status.js";
import { noteFailure, tell, type WorkerTools } from "./tools.js";
import { podRefusals, refusalText } from "./unsupported.js";
import { configError, holdOf, type PodView, podFailure, type Retry } from "./view.js";
import type { PodState } from "./worker.js";

/** Carries out one step. What could not be started is noted and planned again; anything else that fails is thrown. */
export async function carryOut(step: Step, view: PodView, state: PodState, tools: WorkerTools): Promise<void> {
  const { runtime } = tools;
  switch (step.type) {
    case "createSandbox":
      return createSandbox(step.attempt, state, tools);
    case "stopSandbox":
      return runtime.stopSandbox(step.id);
    case "removeSandbox":
      return runtime.removeSandbox(step.id);
    case "removeContainer":
      return runtime.removeContainer(step.id);
    case "start":
      return startContainer(step, view, state, tools);
    case "kill":
      return kill(step, view, state, tools);
    case "release":
      return release(state, tools);
    case "forget":
      return;
  }
}

async function createSandbox(attempt: number, state: PodState, tools: WorkerTools): Promise<void> {
  const { pod } = state;
  await untilAborted(tools.mayStart, state.ending.signal, state.signal);
  if (state.ending.signal.aborted || state.signal.aborted) return;
  try {
    const refusals = tools.runtime.features.isReal ? podRefusals(pod, tools.runtime.features) : [];
    if (refusals.length > 0) return refused(refusalText(refusals), state, tools);
    await tools.volumes.prepare(pod, state.ending.signal);
    await tools.runtime.runSandbox({
      pod: { uid: pod.metadata.uid, namespace: pod.metadata.namespace ?? "", name: pod.metadata.name },
      attempt,
      ...sandboxOf(pod, tools.nodeName, await runtimeHandlerOf(pod, tools)),
      labels: pod.metadata.labels ?? {},
      annotations: { ...pod.metadata.annotations, [graceAnnotation]: String(pod.spec.terminationGracePeriodSeconds) },
    });
    state.failures.delete(podFailure);
  } catch (error) {
    if (state.ending.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    const reason = error instanceof ConfigError ? "FailedMount" : "FailedCreatePodSandBox";
    tell(
      state,
      tools,
      "Warning",
      reason,
      reason === "FailedMount" ? message : `Failed to create pod sandbox: ${message}`,
    );
    noteFailure(state, tools, podFailure, reason, message, sandboxRetry);
    if (!(error instanceof ConfigError || error instanceof RuntimeError || error instanceof StatusError))
      tools.log.warn("pod not set up", { pod: pod.metadata.name, error: message });
  }
}

/** Said of its containers, since whoever waits for a pod looks there; nothing of it is made. */
function refused(text: string, state: PodState, tools: WorkerTools): void {
  tell(state, tools, "Warning", "Failed", `Error: ${text}`);
  noteFailure(state, tools, podFailure, configError, text, sandboxRetry);
}

/** Noted with the sandbox: how long the pod may take to end, should the API server have forgotten it by then. */
export const graceAnnotation = "navarch.dev/grace-seconds";

/** What the node's runtime calls the pod's class; undefined for its usual way. */
async function runtimeHandlerOf({ spec }: Pod, { client, runtime }: WorkerTools): Promise<string | undefined> {
  const name = spec.runtimeClassName;
  if (name === undefined || name === "" || !runtime.features.sandboxSettings) return undefined;
  try {
    return (await client.get(runtimeClasses, { name })).handler;
  } catch (error) {
    if (error instanceof StatusError && error.reason === "NotFound")
      throw new RuntimeError("CreatePodSandboxError", `runtime class ${JSON.stringify(name)} not found`);
    throw error;
  }
}

/** Begins to end a container; its end is an event of the runtime. */
async function kill(
  step: Extract<Step, { type: "kill" }>,
  view: PodView,
  state: PodState,
  tools: WorkerTools,
): Promise<void> {
  const { run, graceMs, message } = step;
  if (step.replaces) state.replaced.add(run.id);
  const again = state.stopping.has(run.id);
  state.stopping.set(run.id, view.nowMs + graceMs);
  const container = containersOf(view.pod).find((candidate) => candidate.container.name === run.name)?.container;
  const signal = container?.lifecycle?.stopSignal;
  const stop = (leftMs: number): Promise<void> => tools.runtime.stopContainer(run.id, leftMs, signal);
  const failed = (error: unknown): void => {
    state.stopping.delete(run.id);
    tools.log.warn("container not stopped", { container: run.name, id: run.id, error: String(error) });
    void tools.clock.sleep(stopRetryMs, state.signal).then(() => state.wake());
  };
  if (again) return void stop(graceMs).catch(failed);
  tell(state, tools, "Normal", "Killing", message, run.name);
  const preStop = container?.lifecycle?.preStop;
  if (!preStop || graceMs === 0) return void stop(graceMs).catch(failed);
  const startedMs = tools.clock.monotonic();
  void runHook(preStop, run, view, tools, graceMs)
    .catch((error: unknown) => tellOfHook("PreStop", error, run.name, state, tools))
    .then(() => stop(Math.max(minGraceAfterHookMs, graceMs - (tools.clock.monotonic() - startedMs))))
    .catch(failed);
}

/** Nothing of a deleted pod runs any more: the API server may remove it, if it is still this one. */
async function release(state: PodState, { client, clock }: WorkerTools): Promise<void> {
  await within(clock, lastStatusMaxMs, state.status.settled());
  const { metadata } = state.pod;
  try {
    await client.delete(
      pods,
      { namespace: metadata.namespace ?? "", name: metadata.name },
      { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid }, signal: state.signal },
    );
  } catch (error) {
    if (!(error instanceof StatusError && (error.reason === "NotFound" || error.reason === "Conflict"))) throw error;
  }
}

/** Says once a hold that a container waits before it starts, or its image is pulled, again. */
export function tellBackOffs(plan: PodPlan, view: PodView, state: PodState, tools: WorkerTools): void {
  for (const [name, failure] of view.failures) {
    const hold = holdOf(failure, view.nowMs);
    const key = `/pull/${name}`;
    if (!hold || plan.final || state.told.get(key) === hold.fromMs) continue;
    state.told.set(key, hold.fromMs);
    tell(state, tools, "Normal", "BackOff", hold.text, name);
    tell(state, tools, "Warning", "Failed", `Error: ${hold.reason}`, name);
  }
  for (const [name, { untilMs }] of plan.backOffs) {
    if (state.told.get(name) === untilMs) continue;
    state.told.set(name, untilMs);
    tell(
      state,
      tools,
      "Warning",
      "BackOff",
      `Back-off restarting failed container ${name} in pod ${podTitle(view)}`,
      name,
    );
  }
}

const sandboxRetry: Retry = { baseMs: 1_000, maxMs: 30_000 };
const stopRetryMs = 1_000;
/** A deleted pod is not kept for a status that cannot be written. */
const lastStatusMaxMs = 5_000;
const minGraceAfterHookMs = 2_000;
