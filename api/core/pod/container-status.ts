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
  name: string({ default: "" }),
  state: optional(ref<ContainerState>(() => containerState)),
  /** How the run before this one ended. */
  lastState: optional(ref<ContainerState>(() => containerState)),
  /** Takes traffic, as far as this container goes. */
  ready: boolean({ default: false }),
  /** Its startup probe has succeeded, or it has none. */
  started: optional(boolean()),
  restartCount: int32({ default: 0 }),
  image: string({ default: "" }),
  imageID: string({ default: "" }),
  /** `<runtime>://<id>`. */
  containerID: optional(string()),
  resources: optional(ref<ResourceRequirements>(() => resourceRequirements)),
  allocatedResources: optional(map(quantity())),
  allocatedResourcesStatus: optional(
    list(
      ref<ResourceStatus>(() => resourceStatus),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  volumeMounts: optional(
    list(
      ref<VolumeMountStatus>(() => volumeMountStatus),
      { mapKeys: ["mountPath"], mergeKey: "mountPath" },
    ),
  ),
  user: optional(ref<ContainerUser>(() => containerUser)),
  stopSignal: optional(string()),
});
export interface ContainerStatus extends Infer<typeof containerStatus> {}

/** What a container is doing: one of these. */
export const containerState = object("ContainerState", {
  waiting: optional(ref<ContainerStateWaiting>(() => containerStateWaiting)),
  running: optional(ref<ContainerStateRunning>(() => containerStateRunning)),
  terminated: optional(ref<ContainerStateTerminated>(() => containerStateTerminated)),
});
export interface ContainerState extends Infer<typeof containerState> {}

/** Not running yet, or between two runs. */
export const containerStateWaiting = object("ContainerStateWaiting", {
  reason: optional(string()),
  message: optional(string()),
});
export interface ContainerStateWaiting extends Infer<typeof containerStateWaiting> {}

/** Running. */
export const containerStateRunning = object("ContainerStateRunning", {
  startedAt: optional(time()),
});
export interface ContainerStateRunning extends Infer<typeof containerStateRunning> {}

/** Ended. */
export const containerStateTerminated = object("ContainerStateTerminated", {
  exitCode: int32({ default: 0 }),
  signal: optional(int32()),
  reason: optional(string()),
  message: optional(string()),
  startedAt: optional(time()),
  finishedAt: optional(time()),
  containerID: optional(string()),
});
export interface ContainerStateTerminated extends Infer<typeof containerStateTerminated> {}

/** Who the container's first process runs as. */
export const containerUser = object("ContainerUser", {
  linux: optional(ref<LinuxContainerUser>(() => linuxContainerUser)),
});
export interface ContainerUser extends Infer<typeof containerUser> {}

/** User and groups of the container's first process on Linux. */
export const linuxContainerUser = object("LinuxContainerUser", {
  gid: int64({ default: 0 }),
  uid: int64({ default: 0 }),
  supplementalGroups: optional(list(int64())),
});
export interface LinuxContainerUser extends Infer<typeof linuxContainerUser> {}

/** How a volume was mounted. */
export const volumeMountStatus = object("VolumeMountStatus", {
  mountPath: string({ default: "" }),
  name: string({ default: "" }),
  readOnly: optional(boolean()),
  recursiveReadOnly: optional(string()),
  volumeStatus: optional(ref<VolumeStatus>(() => volumeStatus)),
});
export interface VolumeMountStatus extends Infer<typeof volumeMountStatus> {}

/** What became of a volume, by its kind. */
export const volumeStatus = object("VolumeStatus", {
  image: optional(ref<ImageVolumeStatus>(() => imageVolumeStatus)),
});
export interface VolumeStatus extends Infer<typeof volumeStatus> {}

/** The image behind a volume. */
export const imageVolumeStatus = object("ImageVolumeStatus", {
  imageRef: string({ default: "" }),
});
export interface ImageVolumeStatus extends Infer<typeof imageVolumeStatus> {}

/** Health of the devices behind one resource of a container. */
export const resourceStatus = object("ResourceStatus", {
  name: string({ default: "" }),
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
  resourceID: string({ default: "" }),
  health: optional(string()),
  message: optional(string()),
});
export interface ResourceHealth extends Infer<typeof resourceHealth> {}
