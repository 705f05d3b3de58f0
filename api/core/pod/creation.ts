import { addQuantity, formatQuantity } from "../../../apimachinery/quantity.js";
import type { ObjectWith } from "../../../apimachinery/resource.js";
import type { Container } from "./container.js";
import { qosClass } from "./qos.js";
import type { ResourceRequirements } from "./resources.js";
import type { PodSpec } from "./spec.js";
import type { PodStatus } from "./status.js";

/** What a pod gets that its template does not: defaults of its own, and the status it starts with. */

type Pod = ObjectWith<PodSpec, PodStatus>;

export function podDefaults({ spec, status }: Pod): { readonly spec?: PodSpec; readonly status?: PodStatus } {
  return { ...specDefaults(spec), ...(status ? addressDefaults(status) : {}) };
}

function specDefaults(spec: PodSpec): { readonly spec?: PodSpec } {
  const hostNetwork = spec.hostNetwork === true;
  const filled = {
    ...changed(spec, "containers", filledContainers(spec.containers, hostNetwork)),
    ...changed(spec, "initContainers", filledContainers(spec.initContainers, hostNetwork)),
    ...changed(spec, "resources", podRequestsFromLimits(spec)),
    ...(spec.enableServiceLinks === undefined ? { enableServiceLinks: true } : {}),
  };
  return Object.keys(filled).length === 0 ? {} : { spec: { ...spec, ...filled } };
}

function changed<K extends keyof PodSpec>(
  spec: PodSpec,
  field: K,
  value: PodSpec[K] | undefined,
): { readonly [P in K]?: NonNullable<PodSpec[P]> } {
  const only: { [P in K]?: NonNullable<PodSpec[P]> } = {};
  if (value !== undefined && value !== null && value !== spec[field]) only[field] = value;
  return only;
}

function filledContainers(
  containers: readonly Container[] | undefined,
  hostNetwork: boolean,
): readonly Container[] | undefined {
  if (!containers) return undefined;
  const filled = containers.map((container) => filledContainer(container, hostNetwork));
  return filled.some((container, index) => container !== containers[index]) ? filled : containers;
}

function filledContainer(container: Container, hostNetwork: boolean): Container {
  const resources = requestsFromLimits(container.resources);
  const ports = hostNetwork ? container.ports : undefined;
  const openPorts = ports?.some(({ hostPort }) => hostPort === undefined);
  if (resources === container.resources && !openPorts) return container;
  return {
    ...container,
    resources,
    ...(ports ? { ports: ports.map((port) => ({ ...port, hostPort: port.hostPort ?? port.containerPort })) } : {}),
  };
}

// Who limits a resource without asking for an amount of it asks for all of it.
function requestsFromLimits(resources: ResourceRequirements): ResourceRequirements {
  const { limits, requests = {} } = resources;
  if (!limits || Object.keys(limits).every((name) => Object.hasOwn(requests, name))) return resources;
  return { ...resources, requests: { ...limits, ...requests } };
}

// For a whole pod it is what the containers ask for together, where they ask at all.
function podRequestsFromLimits({ resources, containers }: PodSpec): ResourceRequirements | undefined {
  if (!resources?.limits) return resources;
  const requests: Record<string, string> = { ...resources.requests };
  for (const [name, limit] of Object.entries(resources.limits)) {
    if (Object.hasOwn(requests, name)) continue;
    const asked = containers.flatMap((container) => container.resources.requests?.[name] ?? []);
    requests[name] =
      asked.length === 0 ? limit : asked.reduce((sum, amount) => formatQuantity(addQuantity(sum, amount)));
  }
  return Object.keys(requests).length === Object.keys(resources.requests ?? {}).length
    ? resources
    : { ...resources, requests };
}

// podIP is the first of podIPs, whichever was written.
function addressDefaults(status: PodStatus): { readonly status?: PodStatus } {
  const { podIP, podIPs = [] } = status;
  const first = podIPs[0]?.ip;
  if (podIP !== undefined && first === undefined) return { status: { ...status, podIPs: [{ ip: podIP }] } };
  if (podIP === undefined && first !== undefined) return { status: { ...status, podIP: first } };
  return {};
}

/** The status that a pod starts with, whatever its author wrote. */
export function initialStatus(spec: PodSpec): PodStatus {
  const gated = (spec.schedulingGates ?? []).length > 0;
  return {
    phase: "Pending",
    ...(gated
      ? {
          conditions: [
            {
              type: "PodScheduled",
              status: "False",
              reason: "SchedulingGated",
              message: "Scheduling is blocked due to non-empty scheduling gates",
            },
          ],
        }
      : {}),
    qosClass: qosClass(spec),
  };
}

/** Seconds that a DELETE leaves the pod: none where nothing runs. */
export function gracePeriod({ spec, status }: Pod, requestedSeconds: number | undefined): number {
  const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
  if (spec.nodeName === undefined || ended) return 0;
  const seconds = requestedSeconds ?? spec.terminationGracePeriodSeconds;
  return seconds < 0 ? 1 : seconds;
}
