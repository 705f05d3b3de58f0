import type { SecurityProfile } from "../isolation.js";
import type { SandboxConfig } from "../runtime.js";
import type { namespaceOption, podSandboxConfig, securityProfile } from "./messages.js";
import { logDirectory, podLabels, sandboxSettings } from "./names.js";
import { linuxResources } from "./resources.js";
import type { Encoded } from "./wire.js";

/** What containers of a sandbox need to know of it; kept as an annotation, so that it outlives the agent. */
export interface SandboxSettings {
  readonly hostname: string;
  readonly cgroupParent: string;
  readonly network: "POD" | "NODE";
  readonly pid: "POD" | "CONTAINER" | "NODE";
  readonly ipc: "POD" | "NODE";
  readonly runtimeHandler: string;
  /** Some container of it may be privileged. */
  readonly privileged: boolean;
  readonly qosClass: NonNullable<SandboxConfig["qosClass"]>;
  readonly cpuRequestMilli: number;
}

export interface SandboxContext {
  readonly owner: string;
  /** Folder of all logs. */
  readonly logs: string;
  /** Empty where there are no cgroups of pods. */
  readonly cgroupParent: string;
}

export function settingsOf(config: SandboxConfig, cgroupParent: string): SandboxSettings {
  const { hostNamespaces: host = {}, shareProcesses = false } = config;
  return {
    // A pod on the host's network has the host's name.
    hostname: host.network ? "" : config.hostname,
    cgroupParent,
    network: host.network ? "NODE" : "POD",
    pid: host.pid ? "NODE" : shareProcesses ? "POD" : "CONTAINER",
    ipc: host.ipc ? "NODE" : "POD",
    runtimeHandler: config.runtimeHandler ?? "",
    privileged: config.security?.privileged ?? false,
    qosClass: config.qosClass ?? "BestEffort",
    cpuRequestMilli: config.resources?.cpuRequestMilli ?? 0,
  };
}

export const decodeSettings = (annotations: Readonly<Record<string, string>>): SandboxSettings =>
  JSON.parse(annotations[sandboxSettings] ?? "{}") as SandboxSettings;

export function sandboxConfig(config: SandboxConfig, context: SandboxContext): Encoded<typeof podSandboxConfig> {
  const { pod, attempt, security = {}, dns, sysctls = {}, resources } = config;
  const settings = settingsOf(config, context.cgroupParent);
  return {
    metadata: { name: pod.name, uid: pod.uid, namespace: pod.namespace, attempt },
    hostname: settings.hostname,
    logDirectory: logDirectory(context.logs, pod),
    ...(dns ? { dnsConfig: dns } : {}),
    portMappings: (config.portMappings ?? []).map(({ protocol, containerPort, hostPort, hostIP }) => ({
      ...{ protocol, containerPort, hostPort, hostIp: hostIP },
    })),
    labels: { ...config.labels, ...podLabels(pod, context.owner) },
    annotations: { ...config.annotations, [sandboxSettings]: JSON.stringify(settings) },
    linux: {
      cgroupParent: settings.cgroupParent,
      sysctls,
      securityContext: {
        namespaceOptions: namespacesOf(settings),
        privileged: settings.privileged,
        supplementalGroups: security.supplementalGroups ?? [],
        ...(security.seLinux ? { seLinuxOptions: security.seLinux } : {}),
        seccomp: profileOf(security.seccomp ?? { type: "RuntimeDefault" }),
      },
      ...(resources ? { resources: linuxResources(resources) } : {}),
    },
  };
}

export const namespacesOf = ({ network, pid, ipc }: SandboxSettings): Encoded<typeof namespaceOption> => ({
  ...{ network, pid, ipc },
});

export const profileOf = ({ type, localhost }: SecurityProfile): Encoded<typeof securityProfile> => ({
  profileType: type,
  ...(localhost === undefined ? {} : { localhostRef: localhost }),
});
