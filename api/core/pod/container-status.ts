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

export const containerStatus = object("ContainerStatus", {
  name: string({ default: "" }),
  state: optional(ref<ContainerState>(() => containerState)),
  lastState: optional(ref<ContainerState>(() => containerState)),
  ready: boolean({ default: false }),
  started: optional(boolean()),
  restartCount: int32({ default: 0 }),
  image: string({ default: "" }),
  imageID: string({ default: "" }),
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

export const containerState = object("ContainerState", {
  waiting: optional(ref<ContainerStateWaiting>(() => containerStateWaiting)),
  running: optional(ref<ContainerStateRunning>(() => containerStateRunning)),
  terminated: optional(ref<ContainerStateTerminated>(() => containerStateTerminated)),
});
export interface ContainerState extends Infer<typeof containerState> {}

export const containerStateWaiting = object("ContainerStateWaiting", {
  reason: optional(string()),
  message: optional(string()),
});
export interface ContainerStateWaiting extends Infer<typeof containerStateWaiting> {}

export const containerStateRunning = object("ContainerStateRunning", {
  startedAt: optional(time()),
});
export interface ContainerStateRunning extends Infer<typeof containerStateRunning> {}

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

export const containerUser = object("ContainerUser", {
  linux: optional(ref<LinuxContainerUser>(() => linuxContainerUser)),
});
export interface ContainerUser extends Infer<typeof containerUser> {}

export const linuxContainerUser = object("LinuxContainerUser", {
  gid: int64({ default: 0 }),
  uid: int64({ default: 0 }),
  supplementalGroups: optional(list(int64())),
});
export interface LinuxContainerUser extends Infer<typeof linuxContainerUser> {}

export const volumeMountStatus = object("VolumeMountStatus", {
  mountPath: string({ default: "" }),
  name: string({ default: "" }),
  readOnly: optional(boolean()),
  recursiveReadOnly: optional(string()),
  volumeStatus: optional(ref<VolumeStatus>(() => volumeStatus)),
});
export interface VolumeMountStatus extends Infer<typeof volumeMountStatus> {}

export const volumeStatus = object("VolumeStatus", {
  image: optional(ref<ImageVolumeStatus>(() => imageVolumeStatus)),
});
export interface VolumeStatus extends Infer<typeof volumeStatus> {}

export const imageVolumeStatus = object("ImageVolumeStatus", {
  imageRef: string({ default: "" }),
});
export interface ImageVolumeStatus extends Infer<typeof imageVolumeStatus> {}

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

export const resourceHealth = object("ResourceHealth", {
  resourceID: string({ default: "" }),
  health: optional(string()),
  message: optional(string()),
});
export interface ResourceHealth extends Infer<typeof resourceHealth> {}
