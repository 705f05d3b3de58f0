import {
  boolean,
  type Infer,
  int32,
  int64,
  list,
  map,
  object,
  optional,
  quantity,
  ref,
  string,
  time,
} from "../../../apimachinery/schema/schema.js";
import { type ResourceRequirements, resourceRequirements } from "./resources.js";

/** How one container is. */
export const containerStatus = object("ContainerStatus", {
  /** Container of the pod's spec that this is about. */
  name: string({ default: "" }),
  /** How it is now. */
  state: optional(ref<ContainerState>(() => containerState)),
  /** How the run before this one ended. */
  lastState: optional(ref<ContainerState>(() => containerState)),
  /** True while its readiness probe succeeds, or while it runs if it has none. */
  ready: boolean({ default: false }),
  /** Its startup probe has succeeded, or it has none. */
  started: optional(boolean()),
  /** How often it was started again after it had ended; a restart of the agent does not reset it. */
  restartCount: int32({ default: 0 }),
  /** Name of the image that it runs, as the runtime resolved it. */
  image: string({ default: "" }),
  /** Digest of the image that it runs. */
  imageID: string({ default: "" }),
  /** `<runtime>://<id>`. */
  containerID: optional(string()),
  /** Requests and limits that really hold now; lags behind the spec while a resize is under way. */
  resources: optional(ref<ResourceRequirements>(() => resourceRequirements)),
  /** Requests that the node has granted. */
  allocatedResources: optional(map(quantity())),
  /** How well the devices given to it are. */
  allocatedResourcesStatus: optional(
    list(
      ref<ResourceStatus>(() => resourceStatus),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** How each of its mounts turned out. */
  volumeMounts: optional(
    list(
      ref<VolumeMountStatus>(() => volumeMountStatus),
      { mapKeys: ["mountPath"], mergeKey: "mountPath" },
    ),
  ),
  /** User and groups that its first process started with. */
  user: optional(ref<ContainerUser>(() => containerUser)),
  /** Signal that asks it to end, from the spec, the image, or the runtime. */
  stopSignal: optional(string()),
});
export interface ContainerStatus extends Infer<typeof containerStatus> {}

/** What a container is doing: one of these. */
export const containerState = object("ContainerState", {
  /** Set while it is not running and has not ended: the reason says what it waits for. */
  waiting: optional(ref<ContainerStateWaiting>(() => containerStateWaiting)),
  /** Set while its process runs. */
  running: optional(ref<ContainerStateRunning>(() => containerStateRunning)),
  /** Set once its process is gone and no other was started. */
  terminated: optional(ref<ContainerStateTerminated>(() => containerStateTerminated)),
});
export interface ContainerState extends Infer<typeof containerState> {}

/** Not running yet, or between two runs. */
export const containerStateWaiting = object("ContainerStateWaiting", {
  /** What it waits for, such as ContainerCreating, ImagePullBackOff or CrashLoopBackOff. */
  reason: optional(string()),
  /** The same for people, with what went wrong. */
  message: optional(string()),
});
export interface ContainerStateWaiting extends Infer<typeof containerStateWaiting> {}

/** Running. */
export const containerStateRunning = object("ContainerStateRunning", {
  /** When the process was started. */
  startedAt: optional(time()),
});
export interface ContainerStateRunning extends Infer<typeof containerStateRunning> {}

/** Ended. */
export const containerStateTerminated = object("ContainerStateTerminated", {
  /** Exit code of the process; 128 and the signal's number where a signal ended it. */
  exitCode: int32({ default: 0 }),
  /** Number of the signal that ended it. */
  signal: optional(int32()),
  /** Such as Completed, Error or OOMKilled. */
  reason: optional(string()),
  /** Last words of the container, from its termination message. */
  message: optional(string()),
  /** When this run began. */
  startedAt: optional(time()),
  /** When this run ended. */
  finishedAt: optional(time()),
  /** Which run it was, as `<runtime>://<id>`. */
  containerID: optional(string()),
});
export interface ContainerStateTerminated extends Infer<typeof containerStateTerminated> {}

/** Who the container's first process runs as. */
export const containerUser = object("ContainerUser", {
  /** Set on Linux nodes. */
  linux: optional(ref<LinuxContainerUser>(() => linuxContainerUser)),
});
export interface ContainerUser extends Infer<typeof containerUser> {}

/** User and groups of the container's first process on Linux. */
export const linuxContainerUser = object("LinuxContainerUser", {
  /** Number of the main group. */
  gid: int64({ default: 0 }),
  /** Number of the user. */
  uid: int64({ default: 0 }),
  /** Numbers of all further groups. */
  supplementalGroups: optional(list(int64())),
});
export interface LinuxContainerUser extends Infer<typeof linuxContainerUser> {}

/** How a volume was mounted. */
export const volumeMountStatus = object("VolumeMountStatus", {
  /** Path in the container, as the spec has it. */
  mountPath: string({ default: "" }),
  /** Volume of the pod that is mounted. */
  name: string({ default: "" }),
  /** True where the container cannot write to it. */
  readOnly: optional(boolean()),
  /** Whether mounts below are read-only too: Disabled or Enabled; IfPossible is settled by then. */
  recursiveReadOnly: optional(string()),
  /** More about the volume, for kinds that have it. */
  volumeStatus: optional(ref<VolumeStatus>(() => volumeStatus)),
});
export interface VolumeMountStatus extends Infer<typeof volumeMountStatus> {}

/** What became of a volume, by its kind. */
export const volumeStatus = object("VolumeStatus", {
  /** Set for volumes with the content of an image. */
  image: optional(ref<ImageVolumeStatus>(() => imageVolumeStatus)),
});
export interface VolumeStatus extends Infer<typeof volumeStatus> {}

/** The image behind a volume. */
export const imageVolumeStatus = object("ImageVolumeStatus", {
  /** Digest of the image that is mounted. */
  imageRef: string({ default: "" }),
});
export interface ImageVolumeStatus extends Infer<typeof imageVolumeStatus> {}

/** Health of the devices behind one resource of a container. */
export const resourceStatus = object("ResourceStatus", {
  /** The resource, or `claim:<claim>/<request>` for claimed devices. */
  name: string({ default: "" }),
  /** One entry for each device given out. */
  resources: optional(
    list(
      ref<ResourceHealth>(() => resourceHealth),
      { mapKeys: ["resourceID"] },
    ),
  ),
});
export interface ResourceStatus extends Infer<typeof resourceStatus> {}

/** Health of one device. */
export const resourceHealth = object("ResourceHealth", {
  /** Identifier of the device, unique on its node. */
  resourceID: string({ default: "" }),
  /** Healthy, Unhealthy or Unknown. */
  health: optional(string()),
  /** What is known about it, for people. */
  message: optional(string()),
});
export interface ResourceHealth extends Infer<typeof resourceHealth> {}
