import type { ContainerConfig, Mount } from "../runtime.js";
import type { containerConfig, mount, podSandboxConfig } from "./messages.js";
import { containerName, logPath, podLabels, podOf } from "./names.js";
import { linuxResources } from "./resources.js";
import { namespacesOf, profileOf, type SandboxSettings } from "./sandbox-config.js";
import type { Encoded } from "./wire.js";

/** A container's configuration in CRI's words. `image` is the image's id: a tag may have moved since it was pulled. */
export function criContainerConfig(
  config: ContainerConfig,
  image: string,
  sandbox: {
    readonly labels: Readonly<Record<string, string>>;
    readonly settings: SandboxSettings;
    readonly owner: string;
  },
): Encoded<typeof containerConfig> {
  const { security = {}, user = {} } = config;
  const unconfined = security.privileged ? "Unconfined" : undefined;
  const hidden = security.unmaskedProc || security.privileged ? { maskedPaths: [], readonlyPaths: [] } : defaultPaths;
  return {
    metadata: { name: config.name, attempt: config.attempt },
    image: { image, userSpecifiedImage: config.image },
    command: config.command,
    args: config.args,
    ...(config.workingDir === undefined ? {} : { workingDir: config.workingDir }),
    envs: config.env.map(({ name, value }) => ({ key: name, value })),
    mounts: config.mounts.map(mountOf),
    labels: { ...podLabels(podOf(sandbox.labels), sandbox.owner), [containerName]: config.name },
    annotations: {
      ...config.annotations,
      [imageAnnotation]: config.image,
      [ttyAnnotation]: String(config.tty ?? false),
    },
    logPath: logPath(config.name, config.attempt),
    stdin: config.stdin ?? false,
    stdinOnce: config.stdinOnce ?? false,
    tty: config.tty ?? false,
    linux: {
      resources: linuxResources(config.resources ?? {}),
      securityContext: {
        capabilities: {
          addCapabilities: security.capabilities?.add ?? [],
          dropCapabilities: security.capabilities?.drop ?? [],
        },
        privileged: security.privileged ?? false,
        namespaceOptions: {
          ...namespacesOf(sandbox.settings),
          ...(config.targetContainerId === undefined ? {} : { pid: "TARGET", targetId: config.targetContainerId }),
        },
        ...(security.seLinux ? { seLinuxOptions: security.seLinux } : {}),
        ...(user.uid === undefined ? {} : { runAsUser: { value: user.uid } }),
        ...(user.name === undefined ? {} : { runAsUsername: user.name }),
        ...(user.gid === undefined ? {} : { runAsGroup: { value: user.gid } }),
        readonlyRootfs: config.readOnlyRoot ?? false,
        supplementalGroups: security.supplementalGroups ?? [],
        noNewPrivs: config.noNewPrivileges ?? false,
        ...hidden,
        seccomp: profileOf(security.seccomp ?? { type: unconfined ?? "Unconfined" }),
        ...(security.appArmor ? { apparmor: profileOf(security.appArmor) } : {}),
      },
    },
  };
}

/** The name by which the manifest asked for the image; CRI gives back the id that it was run from. */
export const imageAnnotation = "navarch.dev/image";

/** It has a terminal: whoever attaches has to ask for one. */
export const ttyAnnotation = "navarch.dev/tty";

/** As much of the sandbox's configuration as runtimes read when they make a container in it. */
export const sandboxConfigFor = (
  labels: Readonly<Record<string, string>>,
  attempt: number,
  settings: SandboxSettings,
  logDirectory: string,
): Encoded<typeof podSandboxConfig> => {
  const pod = podOf(labels);
  return {
    metadata: { name: pod.name, uid: pod.uid, namespace: pod.namespace, attempt },
    hostname: settings.hostname,
    logDirectory,
    labels,
    linux: {
      cgroupParent: settings.cgroupParent,
      securityContext: { namespaceOptions: namespacesOf(settings), privileged: settings.privileged },
    },
  };
};

const mountOf = ({
  hostPath,
  containerPath,
  readOnly,
  propagation,
  recursiveReadOnly,
}: Mount): Encoded<typeof mount> => ({
  hostPath,
  containerPath,
  readonly: readOnly,
  propagation: propagation === undefined ? "PROPAGATION_PRIVATE" : propagations[propagation],
  recursiveReadOnly: recursiveReadOnly ?? false,
});

const propagations = {
  HostToContainer: "PROPAGATION_HOST_TO_CONTAINER",
  Bidirectional: "PROPAGATION_BIDIRECTIONAL",
} as const;

/** What of /proc and /sys a container does not see, or cannot change, unless procMount says so. */
const defaultPaths = {
  maskedPaths: [
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
  ],
  readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
};
