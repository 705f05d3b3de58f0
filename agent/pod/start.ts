import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { services } from "../../api/core/service.js";
import { bytesOf } from "../../apimachinery/quantity.js";
import { StatusError } from "../../apimachinery/status.js";
import { untilAborted } from "../../base/until-aborted.js";
import { type ContainerConfig, type EnvVar, type Image, RuntimeError } from "../runtime/runtime.js";
import { resourcesAnnotation, resourcesOf } from "./container-resources.js";
import { backOffAnnotation, containersOf, runsOf } from "./containers.js";
import { ConfigError, containerEnv, envReferences, expand } from "./env.js";
import { runHook, tellOfHook } from "./hooks.js";
import { canBeWhollyReadOnly } from "./mount-status.js";
import type { Step } from "./plan.js";
import { oomScoreAdj } from "./sandbox.js";
import { checkNonRoot, containerSecurity } from "./security.js";
import { serviceLinks } from "./service-env.js";
import { noteFailure, tell, type WorkerTools } from "./tools.js";
import { containerRefusals, podRefusals, refusalText } from "./unsupported.js";
import { configError, type PodView, type Retry } from "./view.js";
import type { PodState } from "./worker.js";

type Start = Extract<Step, { type: "start" }>;

/** Image, configuration, container, start, hook; a failure is noted with its reason and tried again later. */
export async function startContainer(step: Start, view: PodView, state: PodState, tools: WorkerTools): Promise<void> {
  const { container } = step;
  if (state.ending.signal.aborted || state.signal.aborted) return;
  try {
    for (const { id } of runsOf(container.name, view.containers).unstarted) await tools.runtime.removeContainer(id);
    const image = await tools.images.ensure({
      pod: view.pod,
      container,
      signal: state.ending.signal,
      tell: (type, eventReason, message) => tell(state, tools, type, eventReason, message, container.name),
    });
    const config = await configure(step, image, view, tools);
    if (tools.runtime.features.runsAs === undefined) checkNonRoot(view.pod, container, image);
    tellOfLimits(view.pod, state, tools);
    tellOfPorts(view.pod, state, tools);
    const id = await tools.runtime.createContainer(step.sandbox.id, config);
    tell(state, tools, "Normal", "Created", "Container created", container.name);
    state.failures.delete(container.name);
    if (state.ending.signal.aborted || state.signal.aborted) return;
    await tools.runtime.startContainer(id);
    tell(state, tools, "Normal", "Started", "Container started", container.name);
    await postStart(id, step, view, state, tools);
  } catch (error) {
    if (state.ending.signal.aborted || state.signal.aborted) return;
    failed(error, container, state, tools);
  }
}

/** Once a pod: its limits count for the scheduler, and nothing here holds its programs to them. */
function tellOfLimits(pod: Pod, state: PodState, tools: WorkerTools): void {
  const { isReal, resourceLimits } = tools.runtime.features;
  const limited = containersOf(pod).filter(
    ({ container: { resources } }) => resources.limits?.cpu ?? resources.limits?.memory,
  );
  if (!isReal || resourceLimits || limited.length === 0 || state.told.has(limitsTold)) return;
  state.told.set(limitsTold, 0);
  const names = limited.map(({ container }) => container.name).join(", ");
  tell(
    state,
    tools,
    "Warning",
    "LimitsNotEnforced",
    `limits of cpu and memory (container ${names}) count for scheduling only: this node cannot hold programs to them; run the pod on a node with containerd to have them enforced`,
  );
}

/** Once a pod: ports that its programs will be refused. Some programs then take another one, so it is run all the same. */
function tellOfPorts(pod: Pod, state: PodState, tools: WorkerTools): void {
  const { lowestPort = 0 } = tools.runtime.features;
  const low = containersOf(pod).flatMap(({ container: { name, ports = [] } }) =>
    ports.flatMap(({ containerPort }) => (containerPort < lowestPort ? [`${containerPort} (container ${name})`] : [])),
  );
  if (low.length === 0 || state.told.has(portsTold)) return;
  state.told.set(portsTold, 0);
  tell(
    state,
    tools,
    "Warning",
    "PortNotPermitted",
    `this node's user may not bind ports below ${lowestPort}: ${low.join(", ")}; let the program use a port from ${lowestPort} on, or let users bind it (sysctl net.ipv4.ip_unprivileged_port_start)`,
  );
}

/** No container has such a name. */
const limitsTold = "/limits";
const portsTold = "/ports";

function failed(error: unknown, container: Container, state: PodState, tools: WorkerTools): void {
  const { image } = container;
  const message = error instanceof Error ? error.message : String(error);
  const reason =
    error instanceof RuntimeError ? error.reason : error instanceof ConfigError ? configError : "CreateContainerError";
  if (imageReasons.has(reason)) {
    tell(state, tools, "Warning", "Failed", `Error: ${reason}`, container.name);
    if (reason === "ErrImagePull")
      noteFailure(state, tools, container.name, reason, message, pullRetry, { holdText: backingOff(container), image });
    else noteFailure(state, tools, container.name, reason, message, configRetry, { image });
    return;
  }
  tell(state, tools, "Warning", "Failed", `Error: ${message}`, container.name);
  // A run that could not be started is one that ended: its own back-off holds the next one.
  if (reason !== "RunContainerError")
    noteFailure(state, tools, container.name, reason, message, configRetry, { image });
}

const imageReasons: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ErrImageNeverPull",
  "ImageInspectError",
  "InvalidImageName",
]);
const backingOff = ({ image = "" }: Container): string => `Back-off pulling image ${JSON.stringify(image)}`;
const pullRetry: Retry = { baseMs: 10_000, maxMs: 300_000 };
const configRetry: Retry = { baseMs: 2_000, maxMs: 30_000 };

async function configure(step: Start, image: Image, view: PodView, tools: WorkerTools): Promise<ContainerConfig> {
  const { container, attempt, backOffMs, sandbox } = step;
  const { runtime } = tools;
  const { pod } = view;
  const base = {
    name: container.name,
    attempt,
    image: container.image ?? "",
    annotations: {
      ...simulation(pod),
      [backOffAnnotation]: String(backOffMs),
      [resourcesAnnotation]: JSON.stringify(container.resources),
    },
  };
  if (!runtime.features.isReal)
    return { ...base, command: container.command ?? [], args: container.args ?? [], env: [], mounts: [] };
  const refusals = [
    ...podRefusals(pod, runtime.features),
    ...containerRefusals(container, pathOf(pod, container), {
      ...runtime.features,
      recursiveReadOnly: canBeWhollyReadOnly(pod, runtime.features),
    }),
  ];
  if (refusals.length > 0) throw new ConfigError(refusalText(refusals));
  const wanted = envReferences(container);
  const env = containerEnv(container, {
    pod,
    podIPs: sandbox.ips,
    hostIPs: tools.facts().hostIPs,
    nodeName: tools.nodeName,
    allocatable: tools.allocatable(),
    configMaps: await tools.volumes.configMaps(pod, wanted.configMaps),
    secrets: await tools.volumes.secrets(pod, wanted.secrets),
    serviceEnv: [...(await linksOf(pod, tools)), ...serviceEnv(tools)],
  });
  const values = new Map(env.map(({ name, value }) => [name, value]));
  const { mounts, env: fileEnv } = await tools.volumes.mountsOf(pod, container, attempt, sandbox.ips, values);
  const target = targetOf(container, view);
  return {
    ...base,
    env: [...fileEnv.filter(({ name }) => !values.has(name)), ...env],
    mounts,
    ...(target === undefined ? {} : { targetContainerId: target }),
    command: (container.command ?? []).map((word) => expand(word, values)),
    args: (container.args ?? []).map((word) => expand(word, values)),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    resources: { ...resourcesOf(container), oomScoreAdj: oomScore(pod, container, tools) },
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    ...containerSecurity(pod, container, image, tools.seccompDir),
  };
}

const oomScore = (pod: Pod, { resources }: Container, { allocatable }: WorkerTools): number =>
  oomScoreAdj(pod, resources.requests?.memory, bytesOf(allocatable().memory ?? "1Gi"));

/** The run whose processes an ephemeral container wants to see. */
function targetOf(container: Container, { containers }: PodView): string | undefined {
  const name = "targetContainerName" in container ? container.targetContainerName : undefined;
  if (typeof name !== "string" || name === "") return undefined;
  const { latest } = runsOf(name, containers);
  if (latest?.state === "running") return latest.id;
  throw new ConfigError(`the target container ${JSON.stringify(name)} does not run`);
}

/** The simulated runtime takes delays and faults from the pod's annotations. */
const simulation = ({ metadata }: Pod): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => name.startsWith("navarch.dev/simulated-")),
  );

async function linksOf({ metadata, spec }: Pod, { client }: WorkerTools): Promise<readonly EnvVar[]> {
  if (!(spec.enableServiceLinks ?? true)) return [];
  return serviceLinks((await client.list(services, { namespace: metadata.namespace ?? "" })).items);
}

function serviceEnv({ apiServer }: WorkerTools): readonly { readonly name: string; readonly value: string }[] {
  if (!apiServer) return [];
  const { host, port } = apiServer;
  return [
    { name: "KUBERNETES_SERVICE_HOST", value: host },
    { name: "KUBERNETES_SERVICE_PORT", value: String(port) },
    { name: "KUBERNETES_SERVICE_PORT_HTTPS", value: String(port) },
    { name: "KUBERNETES_PORT", value: `tcp://${host}:${port}` },
  ];
}

function pathOf({ spec }: Pod, { name }: Container): string {
  for (const field of ["containers", "initContainers", "ephemeralContainers"] as const) {
    const index = (spec[field] ?? []).findIndex((container) => container.name === name);
    if (index >= 0) return `spec.${field}[${index}]`;
  }
  return "spec";
}

/** A container whose postStart hook fails is ended. */
async function postStart(
  id: string,
  { container }: Start,
  view: PodView,
  state: PodState,
  tools: WorkerTools,
): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const run = (await tools.runtime.containers({ podUid: view.pod.metadata.uid })).find(
    (candidate) => candidate.id === id,
  );
  if (run?.state !== "running") return;
  try {
    await untilAborted(runHook(hook, run, view, tools, Number.POSITIVE_INFINITY), state.ending.signal);
  } catch (error) {
    tellOfHook("PostStart", error, container.name, state, tools);
    tell(state, tools, "Normal", "Killing", "FailedPostStartHook", container.name);
    await tools.runtime.stopContainer(id, view.pod.spec.terminationGracePeriodSeconds * 1000);
  }
}

export const containerNamed = (pod: Pod, name: string): Container | undefined =>
  containersOf(pod).find(({ container }) => container.name === name)?.container;

/** The object is not there, as opposed to: it could not be read. */
export const isMissing = (error: unknown): boolean => error instanceof StatusError && error.reason === "NotFound";
