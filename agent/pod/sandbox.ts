import type { Pod } from "../../api/core/pod/pod.js";
import { qosClass } from "../../api/core/pod/qos.js";
import { podLimits, podRequests } from "../../api/core/pod/requests.js";
import { systemCriticalPriority } from "../../api/scheduling/priority-class.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import type { PortMapping } from "../runtime/isolation.js";
import { type ContainerResources, RuntimeError, type Sandbox, type SandboxConfig } from "../runtime/runtime.js";
import { containersOf, ownContainersOf } from "./containers.js";
import { groupsOf } from "./security.js";

type PodPart = Omit<SandboxConfig, "pod" | "attempt" | "labels" | "annotations">;

/** What the pod's containers share, as its manifest says. */
export function sandboxOf(pod: Pod, nodeName: string, runtimeHandler: string | undefined): PodPart {
  const { spec } = pod;
  const { hostNetwork = false, hostPID = false, hostIPC = false, securityContext: security } = spec;
  const privileged = containersOf(pod).some(({ container }) => container.securityContext?.privileged);
  return {
    hostname: hostNetwork ? nodeName : kernelNameOf(pod),
    hostNamespaces: { network: hostNetwork, pid: hostPID, ipc: hostIPC },
    shareProcesses: spec.shareProcessNamespace ?? false,
    portMappings: hostNetwork ? [] : portMappingsOf(pod),
    sysctls: Object.fromEntries((security.sysctls ?? []).map(({ name, value }) => [name, value])),
    qosClass: qosClass(pod.spec),
    resources: podResources(pod),
    ...(runtimeHandler === undefined ? {} : { runtimeHandler }),
    security: {
      privileged,
      supplementalGroups: groupsOf(pod),
      ...(security.seLinuxOptions ? { seLinux: security.seLinuxOptions } : {}),
      // Containers bring their own; one that is tight for them is none for what holds the sandbox open.
      seccomp: { type: "RuntimeDefault" },
    },
  };
}

/** A pod in the host's network has no address of its own, but the node's. */
export const withAddresses = (sandboxes: readonly Sandbox[], { spec }: Pod, hostIPs: readonly string[]) =>
  spec.hostNetwork ? sandboxes.map((found) => (found.ips.length > 0 ? found : { ...found, ips: hostIPs })) : sandboxes;

/** Of all containers together. A limit holds only where each of them has one. */
export function podResources(pod: Pod): ContainerResources {
  const requests = podRequests(pod);
  const limits = podLimits(pod);
  const limited = (name: string): boolean =>
    pod.spec.resources?.limits?.[name] !== undefined ||
    ownContainersOf(pod).every(({ container }) => container.resources.limits?.[name] !== undefined);
  const cpu = requests.cpu ?? (limited("cpu") ? limits.cpu : undefined);
  return {
    ...(cpu === undefined ? {} : { cpuRequestMilli: cpuMilli(cpu) }),
    ...(limits.cpu !== undefined && limited("cpu") ? { cpuLimitMilli: cpuMilli(limits.cpu) } : {}),
    ...(limits.memory !== undefined && limited("memory") ? { memoryLimitBytes: bytesOf(limits.memory) } : {}),
  };
}

/** At most 63 characters, without trailing punctuation. */
export const hostnameOf = ({ metadata, spec }: Pod): string =>
  spec.hostnameOverride ?? spec.hostname ?? metadata.name.slice(0, 63).replace(/[-.]+$/, "");

/** What the kernel of the pod calls itself. Throws where the full name is longer than a kernel takes. */
export function kernelNameOf(pod: Pod): string {
  const { spec, metadata } = pod;
  const short = hostnameOf(pod);
  if (!spec.setHostnameAsFQDN || !spec.subdomain) return short;
  const full = `${short}.${spec.subdomain}.${metadata.namespace}.svc.cluster.local`;
  if (full.length <= kernelNameMaxCharacters) return full;
  throw new RuntimeError(
    "CreatePodSandboxError",
    `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${full} is too long (${kernelNameMaxCharacters} characters is the max, ${full.length} characters requested)`,
  );
}

const kernelNameMaxCharacters = 64;

export const portMappingsOf = (pod: Pod): readonly PortMapping[] =>
  containersOf(pod).flatMap(({ container: { ports = [] } }) =>
    ports.flatMap(({ protocol, containerPort, hostPort, hostIP }) =>
      hostPort ? [{ protocol, containerPort, hostPort, ...(hostIP ? { hostIP } : {}) }] : [],
    ),
  );

/**
 * How early the kernel ends a container's programs when the node is out of memory: those that may use least last.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior
 */
export function oomScoreAdj(pod: Pod, memoryRequest: string | undefined, nodeMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= systemCriticalPriority) return criticalScore;
  const qos = qosClass(pod.spec);
  if (qos === "Guaranteed") return criticalScore;
  if (qos === "BestEffort") return worstScore;
  const requested = memoryRequest === undefined ? 0 : bytesOf(memoryRequest);
  const score = worstScore - Math.floor((worstScore * requested) / nodeMemoryBytes);
  return Math.min(worstScore - 1, Math.max(worstScore + criticalScore, score));
}

const criticalScore = -997;
const worstScore = 1000;
