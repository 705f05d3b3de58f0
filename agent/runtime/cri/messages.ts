import { boolean, bytes, choice, integer, integers, many, message, one, string, stringMap, strings } from "./wire.js";

/** What is used of CRI's runtime.v1: names and numbers of the protocol. https://kubernetes.io/docs/concepts/architecture/cri/ */
const int64Value = message({ value: integer(1) });
const uint64Value = message({ value: integer(1) });

export const versionResponse = message({
  version: string(1),
  runtimeName: string(2),
  runtimeVersion: string(3),
  runtimeApiVersion: string(4),
});

export const statusRequest = message({ verbose: boolean(1) });
const runtimeCondition = message({ type: string(1), status: boolean(2), reason: string(3), message: string(4) });
const runtimeHandler = message({
  name: string(1),
  features: one(2, message({ recursiveReadOnlyMounts: boolean(1), userNamespaces: boolean(2) })),
});
export const statusResponse = message({
  status: one(1, message({ conditions: many(1, runtimeCondition) })),
  info: stringMap(2),
  runtimeHandlers: many(3, runtimeHandler),
  features: one(4, message({ supplementalGroupsPolicy: boolean(1) })),
});
export const updateRuntimeConfigRequest = message({
  runtimeConfig: one(1, message({ networkConfig: one(1, message({ podCidr: string(1) })) })),
});

export const namespaceOption = message({
  network: choice(1, ["POD", "CONTAINER", "NODE", "TARGET"]),
  pid: choice(2, ["POD", "CONTAINER", "NODE", "TARGET"]),
  ipc: choice(3, ["POD", "CONTAINER", "NODE", "TARGET"]),
  targetId: string(4),
});
export const securityProfile = message({
  profileType: choice(1, ["RuntimeDefault", "Unconfined", "Localhost"]),
  localhostRef: string(2),
});
const seLinuxOption = message({ user: string(1), role: string(2), type: string(3), level: string(4) });
export const linuxContainerResources = message({
  cpuPeriod: integer(1),
  cpuQuota: integer(2),
  cpuShares: integer(3),
  memoryLimitInBytes: integer(4),
  oomScoreAdj: integer(5),
});
const linuxSandboxSecurityContext = message({
  namespaceOptions: one(1, namespaceOption),
  seLinuxOptions: one(2, seLinuxOption),
  runAsUser: one(3, int64Value),
  readonlyRootfs: boolean(4),
  supplementalGroups: integers(5),
  privileged: boolean(6),
  runAsGroup: one(8, int64Value),
  seccomp: one(9, securityProfile),
  apparmor: one(10, securityProfile),
});
const sandboxMetadata = message({ name: string(1), uid: string(2), namespace: string(3), attempt: integer(4) });
export const podSandboxConfig = message({
  metadata: one(1, sandboxMetadata),
  hostname: string(2),
  logDirectory: string(3),
  dnsConfig: one(4, message({ servers: strings(1), searches: strings(2), options: strings(3) })),
  portMappings: many(
    5,
    message({
      protocol: choice(1, ["TCP", "UDP", "SCTP"]),
      containerPort: integer(2),
      hostPort: integer(3),
      hostIp: string(4),
    }),
  ),
  labels: stringMap(6),
  annotations: stringMap(7),
  linux: one(
    8,
    message({
      cgroupParent: string(1),
      securityContext: one(2, linuxSandboxSecurityContext),
      sysctls: stringMap(3),
      overhead: one(4, linuxContainerResources),
      resources: one(5, linuxContainerResources),
    }),
  ),
});
export const runPodSandboxRequest = message({ config: one(1, podSandboxConfig), runtimeHandler: string(2) });
export const sandboxId = message({ podSandboxId: string(1) });

const sandboxState = (number: number) => choice(number, ["SANDBOX_READY", "SANDBOX_NOTREADY"]);
const podSandbox = message({
  id: string(1),
  metadata: one(2, sandboxMetadata),
  state: sandboxState(3),
  createdAt: integer(4),
  labels: stringMap(5),
  annotations: stringMap(6),
});
export const listPodSandboxRequest = message({
  filter: one(1, message({ id: string(1), labelSelector: stringMap(3) })),
});
export const listPodSandboxResponse = message({ items: many(1, podSandbox) });
export const podSandboxStatusResponse = message({
  status: one(
    1,
    message({
      id: string(1),
      state: sandboxState(3),
      network: one(5, message({ ip: string(1), additionalIps: many(2, message({ ip: string(1) })) })),
    }),
  ),
});

export const imageSpec = message({ image: string(1), userSpecifiedImage: string(18), runtimeHandler: string(19) });
const containerMetadata = message({ name: string(1), attempt: integer(2) });
export const mount = message({
  containerPath: string(1),
  hostPath: string(2),
  readonly: boolean(3),
  selinuxRelabel: boolean(4),
  propagation: choice(5, ["PROPAGATION_PRIVATE", "PROPAGATION_HOST_TO_CONTAINER", "PROPAGATION_BIDIRECTIONAL"]),
  recursiveReadOnly: boolean(8),
});
const linuxContainerSecurityContext = message({
  capabilities: one(1, message({ addCapabilities: strings(1), dropCapabilities: strings(2) })),
  privileged: boolean(2),
  namespaceOptions: one(3, namespaceOption),
  seLinuxOptions: one(4, seLinuxOption),
  runAsUser: one(5, int64Value),
  runAsUsername: string(6),
  readonlyRootfs: boolean(7),
  supplementalGroups: integers(8),
  noNewPrivs: boolean(11),
  runAsGroup: one(12, int64Value),
  maskedPaths: strings(13),
  readonlyPaths: strings(14),
  seccomp: one(15, securityProfile),
  apparmor: one(16, securityProfile),
});
export const containerConfig = message({
  metadata: one(1, containerMetadata),
  image: one(2, imageSpec),
  command: strings(3),
  args: strings(4),
  workingDir: string(5),
  envs: many(6, message({ key: string(1), value: string(2) })),
  mounts: many(7, mount),
  labels: stringMap(9),
  annotations: stringMap(10),
  logPath: string(11),
  stdin: boolean(12),
  stdinOnce: boolean(13),
  tty: boolean(14),
  linux: one(
    15,
    message({ resources: one(1, linuxContainerResources), securityContext: one(2, linuxContainerSecurityContext) }),
  ),
});
export const createContainerRequest = message({
  podSandboxId: string(1),
  config: one(2, containerConfig),
  sandboxConfig: one(3, podSandboxConfig),
});
export const containerId = message({ containerId: string(1) });
export const stopContainerRequest = message({ containerId: string(1), timeout: integer(2) });

const containerState = (number: number) =>
  choice(number, ["CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED", "CONTAINER_UNKNOWN"]);
const container = message({
  id: string(1),
  podSandboxId: string(2),
  metadata: one(3, containerMetadata),
  image: one(4, imageSpec),
  imageRef: string(5),
  state: containerState(6),
  createdAt: integer(7),
  labels: stringMap(8),
  annotations: stringMap(9),
});
export const listContainersRequest = message({
  filter: one(1, message({ id: string(1), podSandboxId: string(3), labelSelector: stringMap(4) })),
});
export const listContainersResponse = message({ containers: many(1, container) });
export const containerStatusResponse = message({
  status: one(
    1,
    message({
      id: string(1),
      metadata: one(2, containerMetadata),
      state: containerState(3),
      createdAt: integer(4),
      startedAt: integer(5),
      finishedAt: integer(6),
      exitCode: integer(7),
      image: one(8, imageSpec),
      imageRef: string(9),
      reason: string(10),
      message: string(11),
      labels: stringMap(12),
      annotations: stringMap(13),
      logPath: string(15),
      resources: one(16, message({ linux: one(1, linuxContainerResources) })),
    }),
  ),
});
export const updateContainerResourcesRequest = message({
  containerId: string(1),
  linux: one(2, linuxContainerResources),
});

export const execSyncRequest = message({ containerId: string(1), cmd: strings(2), timeout: integer(3) });
export const execSyncResponse = message({ stdout: bytes(1), stderr: bytes(2), exitCode: integer(3) });
export const execRequest = message({
  containerId: string(1),
  cmd: strings(2),
  tty: boolean(3),
  stdin: boolean(4),
  stdout: boolean(5),
  stderr: boolean(6),
});
export const attachRequest = message({
  containerId: string(1),
  stdin: boolean(2),
  tty: boolean(3),
  stdout: boolean(4),
  stderr: boolean(5),
});
export const portForwardRequest = message({ podSandboxId: string(1), port: integers(2) });
export const urlResponse = message({ url: string(1) });

const image = message({
  id: string(1),
  repoTags: strings(2),
  repoDigests: strings(3),
  size: integer(4),
  uid: one(5, int64Value),
  username: string(6),
  pinned: boolean(8),
});
export const imageRequest = message({ image: one(1, imageSpec) });
export const listImagesResponse = message({ images: many(1, image) });
export const imageStatusResponse = message({ image: one(1, image) });
export const pullImageRequest = message({
  image: one(1, imageSpec),
  auth: one(
    2,
    message({
      username: string(1),
      password: string(2),
      auth: string(3),
      serverAddress: string(4),
      identityToken: string(5),
      registryToken: string(6),
    }),
  ),
  sandboxConfig: one(3, podSandboxConfig),
});
export const pullImageResponse = message({ imageRef: string(1) });
const filesystemUsage = message({
  timestamp: integer(1),
  fsId: one(2, message({ mountpoint: string(1) })),
  usedBytes: one(3, uint64Value),
  inodesUsed: one(4, uint64Value),
});
export const imageFsInfoResponse = message({ imageFilesystems: many(1, filesystemUsage) });

const containerStats = message({
  attributes: one(1, message({ id: string(1), metadata: one(2, containerMetadata), labels: stringMap(3) })),
  cpu: one(2, message({ timestamp: integer(1), usageCoreNanoSeconds: one(2, uint64Value) })),
  memory: one(
    3,
    message({
      timestamp: integer(1),
      workingSetBytes: one(2, uint64Value),
      usageBytes: one(4, uint64Value),
      rssBytes: one(5, uint64Value),
      pageFaults: one(6, uint64Value),
      majorPageFaults: one(7, uint64Value),
    }),
  ),
  writableLayer: one(4, filesystemUsage),
});
export const listContainerStatsRequest = message({
  filter: one(1, message({ id: string(1), podSandboxId: string(2), labelSelector: stringMap(3) })),
});
export const listContainerStatsResponse = message({ stats: many(1, containerStats) });

/** containerd's own, on the same socket. */
export const subscribeRequest = message({ filters: strings(1) });
export const envelope = message({
  namespace: string(2),
  topic: string(3),
  event: one(4, message({ typeUrl: string(1), value: bytes(2) })),
});
/** Of every event about a task and about an image. */
export const taskEvent = message({ containerId: string(1) });
/** `id` is the container's own where its program ended, another where one that runs beside it did. */
export const taskExit = message({ containerId: string(1), id: string(2) });
export const killRequest = message({ containerId: string(1), execId: string(2), signal: integer(3), all: boolean(4) });
/** Only of programs that were started beside a container's own more is told than the pid. */
export const listPidsResponse = message({
  processes: many(1, message({ pid: integer(1), info: one(2, message({ typeUrl: string(1), value: bytes(2) })) })),
});
export const processDetails = message({ execId: string(1) });
