import type { Duplex } from "node:stream";
import type { ContainerSecurity, DnsConfig, PortMapping } from "./isolation.js";

/**
 * What the agent asks of whatever runs containers: plain processes, a CRI runtime such as containerd, or a simulation.
 * The words and the division of labour are CRI's: a sandbox is what a pod's containers share (address, namespaces,
 * logs); a container is one run of a program and is never started twice; a restart is another container with a higher
 * `attempt`. Nothing above this interface knows what a container is made of.
 */
export interface Runtime {
  /** Scheme of container IDs (`process://...`) and name of the runtime in Node status. */
  readonly name: string;
  readonly version: string;
  /** What it can honour, as far as it is known yet. The agent refuses by name what is missing here. */
  readonly features: RuntimeFeatures;

  conditions(): Promise<readonly RuntimeCondition[]>;
  /** Throws RuntimeError `Unavailable`, soon, where calls would wait for a runtime that is not there. Absent: it always is. */
  reachable?(): Promise<void>;
  /** CRI's UpdateRuntimeConfig: the range from which sandboxes get their addresses. NetworkReady is false before. */
  setPodCidr(cidr: string): Promise<void>;

  /** Makes what the pod's containers share and gives it an address. Answers its id. */
  runSandbox(config: SandboxConfig): Promise<string>;
  /** Ends every container in it at once, frees its address. Idempotent; an unknown id is fine. */
  stopSandbox(id: string): Promise<void>;
  /** Stops it and forgets it with its containers and their logs. Idempotent; an unknown id is fine. */
  removeSandbox(id: string): Promise<void>;
  /** All, or those of one pod. */
  sandboxes(filter?: SandboxFilter): Promise<readonly Sandbox[]>;

  /** Prepares a run and answers its id. Throws RuntimeError when the configuration cannot be honoured. */
  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Throws RuntimeError when the program cannot be started; the container is then exited with code 128. */
  startContainer(id: string): Promise<void>;
  /**
   * Sends `signal` (SIGTERM unless said), after `graceMs` SIGKILL, and resolves when nothing of it runs any more.
   * A second call with less grace shortens the first. Idempotent; an unknown id is fine.
   */
  stopContainer(id: string, graceMs: number, signal?: string): Promise<void>;
  /** Forgets an ended container and its log. Ends it first when it runs. Idempotent. */
  removeContainer(id: string): Promise<void>;
  /** All, or those of one sandbox or pod. */
  containers(filter?: ContainerFilter): Promise<readonly ContainerRecord[]>;
  /** What running containers use now: all, or those of one sandbox or pod. Ones of which nothing is known are left out. */
  stats(filter?: ContainerFilter): Promise<readonly ContainerStats[]>;
  /** Gives a running container other limits, without a restart. Absent: this runtime cannot. */
  updateContainerResources?(id: string, resources: ContainerResources): Promise<void>;
  /** The same for all containers of a sandbox together. Absent: nothing holds them as a whole. */
  updateSandboxResources?(id: string, resources: ContainerResources): Promise<void>;

  /** Undefined: not on this node. */
  imageStatus(image: string): Promise<Image | undefined>;
  /** Brings the image to this node, or throws RuntimeError with the reason that the pod's status shows. */
  pullImage(image: string, options: PullOptions): Promise<Image>;
  images(): Promise<readonly Image[]>;
  /** Idempotent. Throws RuntimeError `ImageInUse` where the runtime keeps an image that containers use. */
  removeImage(id: string): Promise<void>;
  /** The file systems that images lie on. */
  imageFsInfo(): Promise<readonly FilesystemUsage[]>;

  /** Starts another program inside a running container. Throws RuntimeError where it cannot be started. */
  exec(id: string, options: ExecOptions): Promise<ExecSession>;
  /**
   * Joins a running container's own input and output: what it writes from now on, until it ends or, where its input
   * stays open for others, until the caller's input ends. `exitCode` is the container's, 0 where it runs on.
   */
  attach(id: string, options: AttachOptions): Promise<ExecSession>;
  /**
   * A connection to a port that a program of the sandbox listens on, half-closable. Throws RuntimeError or the system's
   * error where nobody answers; a failure that comes later destroys the connection with it.
   */
  connect(sandboxId: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Entries in the order written. Ends at the end of the log, or with `follow` when the container has ended. */
  logs(id: string, options: LogOptions): AsyncIterable<LogEntry>;
  /**
   * The socket addresses on which the sandbox's processes listen, as far as the runtime can tell; undefined: cannot. May
   * be a second old unless a `fresh` look is asked for.
   */
  listeners(sandboxId: string, fresh?: boolean): Promise<readonly Listener[] | undefined>;

  /** Called as soon as anything of a pod changed, with its uid. Answers the function that ends it. */
  onEvent(listener: (event: RuntimeEvent) => void): () => void;
  /** Called when `conditions` may have changed. Absent: they change with `setPodCidr` alone. */
  onReadiness?(listener: () => void): () => void;
  /** Lets go of everything that the runtime holds in this process. Containers keep running. */
  close(): Promise<void>;
}

export interface RuntimeFeatures {
  /** Mounts appear at their mountPath. Where false, only mounts with `optional` may be asked for. */
  readonly mounts: boolean;
  /** A sandbox has a hostname of its own. */
  readonly hostname: boolean;
  /** Pods do not see each other's processes, nor the host's. */
  readonly ownProcessView: boolean;
  /** A terminal can be allocated, for a container and for exec. */
  readonly tty: boolean;
  /** stdout and stderr are one stream in the log. Absent: each entry tells which of the two. */
  readonly mergesOutputs?: boolean;
  /** limits are enforced. Where false they count for scheduling only. */
  readonly resourceLimits: boolean;
  /** The address of a sandbox is the host's loopback: programs share ports unless they bind their own address. */
  readonly sharesHostNetwork: boolean;
  /** Fields of securityContext that are honoured when set to anything but their neutral value. */
  readonly securityContext: ReadonlySet<string>;
  /** All containers run as this user, where the runtime cannot choose. */
  readonly runsAs: { readonly uid: number; readonly gid: number } | undefined;
  /** Volumes, environment and probes are real; false in a simulation, which then needs none of them made. */
  readonly isReal: boolean;
  /** hostPath, hostPID, hostIPC and hostNetwork may be used. */
  readonly hostAccess: boolean;
  /** Ports of the host can be led to a pod's own. */
  readonly hostPorts: boolean;
  /** The pod's containers can share one view of processes, or that of the host. */
  readonly processNamespaces: boolean;
  /** Sysctls, runtime handlers and mount propagation are honoured. */
  readonly sandboxSettings: boolean;
  /** Mounts below a read-only one can be made read-only, too. */
  readonly recursiveReadOnly: boolean;
  /** Programs may bind ports from here on; any where absent. */
  readonly lowestPort?: number;
}

export interface RuntimeCondition {
  readonly type: "RuntimeReady" | "NetworkReady";
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export interface SandboxConfig {
  readonly pod: PodIdentity;
  /** Counts the sandboxes of one pod from 0. */
  readonly attempt: number;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** What the pod's containers share with the host instead of having it to themselves. */
  readonly hostNamespaces?: { readonly network?: boolean; readonly pid?: boolean; readonly ipc?: boolean };
  /** All containers see each other's processes. */
  readonly shareProcesses?: boolean;
  /** What /etc/resolv.conf is made of; the host's own where absent. */
  readonly dns?: DnsConfig;
  readonly portMappings?: readonly PortMapping[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Of the RuntimeClass; the runtime's default where absent. */
  readonly runtimeHandler?: string;
  /** Where in the node's tree of pods its cgroup lies, and what all of it together may use. */
  readonly qosClass?: "Guaranteed" | "Burstable" | "BestEffort";
  readonly resources?: ContainerResources;
  /** Of what holds the sandbox open; containers bring their own. */
  readonly security?: ContainerSecurity;
}

export interface Sandbox {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly state: "ready" | "notReady";
  readonly createdAtMs: number;
  /** Empty before the network is there. */
  readonly ips: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ContainerConfig {
  readonly name: string;
  /** Counts the runs of this container in this pod from 0: its restart count. */
  readonly attempt: number;
  readonly image: string;
  /** Empty: the image's own. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** The image's own where absent. */
  readonly workingDir?: string;
  readonly env: readonly EnvVar[];
  readonly mounts: readonly Mount[];
  /** Kept with the container and given back with it. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly resources?: ContainerResources;
  /** It cannot gain rights that it did not start with. */
  readonly noNewPrivileges?: boolean;
  readonly readOnlyRoot?: boolean;
  readonly user?: { readonly uid?: number; readonly name?: string; readonly gid?: number };
  readonly security?: ContainerSecurity;
  readonly tty?: boolean;
  /** Its input stays open, for callers that attach. */
  readonly stdin?: boolean;
  /** Standard input ends when the first client that wrote to it has gone. */
  readonly stdinOnce?: boolean;
  /** It sees the processes of this container of its sandbox. */
  readonly targetContainerId?: string;
}

export interface EnvVar {
  readonly name: string;
  readonly value: string;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  /** Nobody asked for it by name: it may be left out by a runtime without mounts. */
  readonly optional: boolean;
  /** hostPath holds no link, and lies where containers write: one that took its place meanwhile is not followed. */
  readonly exact?: boolean;
  /** Whether mounts made later on one side are seen on the other. Private where absent. */
  readonly propagation?: "HostToContainer" | "Bidirectional";
  /** Mounts below it are read-only, too. */
  readonly recursiveReadOnly?: boolean;
}

export interface ContainerResources {
  readonly cpuRequestMilli?: number;
  readonly cpuLimitMilli?: number;
  readonly memoryLimitBytes?: number;
  /** -1000 to 1000: how early the kernel kills it when the node is out of memory. */
  readonly oomScoreAdj?: number;
}

export interface ContainerStats {
  /** The container's. */
  readonly id: string;
  /** When it was measured. */
  readonly atMs: number;
  /** CPU time of all its processes since it started, ended ones included; never goes back. */
  readonly cpuNanoseconds: number;
  /** Memory that cannot be taken from it without harm: what eviction and `top` look at. */
  readonly workingSetBytes: number;
  /** Memory in use, caches included. */
  readonly usageBytes?: number;
  readonly rssBytes?: number;
  readonly pageFaults?: number;
  readonly majorPageFaults?: number;
  readonly processes?: number;
  /** On disk, in its own layer: neither its log nor its volumes. */
  readonly writableLayer?: { readonly usedBytes: number; readonly inodesUsed: number };
  readonly logBytes?: number;
}

export interface SandboxFilter {
  readonly podUid?: string;
}

export interface ContainerFilter {
  readonly podUid?: string;
  readonly sandboxId?: string;
}

export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly pod: PodIdentity;
  readonly name: string;
  readonly attempt: number;
  readonly state: "created" | "running" | "exited";
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`. */
  readonly reason?: string;
  readonly message?: string;
  readonly image: string;
  readonly imageId: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Image {
  readonly id: string;
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** As whom its program runs unless told: a number where it says one, else a name. */
  readonly user?: { readonly uid: number } | { readonly name: string };
  /** Never to be removed: the runtime itself needs it. */
  readonly pinned?: boolean;
}

/** What a registry asks for. */
export interface ImageAuth {
  readonly username?: string;
  readonly password?: string;
  readonly serverAddress?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}

export interface FilesystemUsage {
  readonly atMs: number;
  readonly mountpoint: string;
  readonly usedBytes: number;
  readonly inodesUsed: number | undefined;
}

export interface PullOptions {
  readonly containerName: string;
  /** The container brings its own command: the image need only give it a file system. */
  readonly hasCommand: boolean;
  readonly pod: PodIdentity;
  /** Annotations of the pod: the simulated runtime takes its faults from them. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly auth?: ImageAuth;
  readonly signal: AbortSignal;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Short and soon over, without input: its output may come at its end. */
  readonly brief?: boolean;
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
}

export interface AttachOptions {
  /** Takes the caller's input, if the container was made with `stdin`. */
  readonly stdin: boolean;
  /** Begins with what the container wrote before. */
  readonly fromStart?: boolean;
  /** Leaves the container alone. */
  readonly signal: AbortSignal;
}

export interface ExecSession {
  /** Resolves when the program took the bytes; writing after its end is silently dropped. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the program's standard input. */
  endInput(): void;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly exitCode: Promise<number>;
  resize?(columns: number, rows: number): void;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Only the last lines. */
  readonly tailLines?: number;
  /** Only lines written at or after this time. */
  readonly sinceMs?: number;
  readonly signal: AbortSignal;
}

/** One line, without its newline. */
export interface LogEntry {
  /** RFC 3339 with nanoseconds. */
  readonly timestamp: string;
  readonly stream: "stdout" | "stderr";
  readonly line: Uint8Array;
  /** The line goes on in the next entry (or the program ended without a newline). */
  readonly partial: boolean;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

export interface RuntimeEvent {
  readonly podUid: string;
  /** Absent: something about the sandbox. */
  readonly containerId?: string;
  /** A warning that the pod's author should read; shown as an event of the pod. */
  readonly warning?: { readonly reason: string; readonly message: string };
}

/** The runtime refused; `reason` is what a container's waiting or terminated state shows. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly reason: RuntimeFailure;

  constructor(reason: RuntimeFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}
export type RuntimeFailure =
  | "ErrImagePull"
  | "ErrImageNeverPull"
  | "ImageInspectError"
  | "InvalidImageName"
  | "CreateContainerConfigError"
  | "CreateContainerError"
  | "RunContainerError"
  | "CreatePodSandboxError"
  | "NotFound"
  | "NotRunning"
  | "ImageInUse"
  /** The runtime itself could not be asked: nothing is wrong with what it was asked for. */
  | "Unavailable"
  | "NotSupported";
