import {
  addRules,
  boolean,
  type Infer,
  int32,
  int64,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
  time,
} from "../../../apimachinery/schema/schema.js";
import { allocatableDefault, nodeStatusRules } from "./rules.js";

export const nodeStatus = object("NodeStatus", {
  capacity: optional(map(quantity())),
  allocatable: optional(map(quantity())),
  conditions: optional(
    list(
      ref<NodeCondition>(() => nodeCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  addresses: optional(
    list(
      ref<NodeAddress>(() => nodeAddress),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  daemonEndpoints: optional(ref<NodeDaemonEndpoints>(() => nodeDaemonEndpoints)),
  nodeInfo: optional(ref<NodeSystemInfo>(() => nodeSystemInfo)),
  images: optional(list(ref<ContainerImage>(() => containerImage))),
  config: optional(ref<NodeConfigStatus>(() => nodeConfigStatus)),
  declaredFeatures: optional(list(string())),
  features: optional(ref<NodeFeatures>(() => nodeFeatures)),
  phase: optional(oneOf(["Pending", "Running", "Terminated"])),
  runtimeHandlers: optional(list(ref<NodeRuntimeHandler>(() => nodeRuntimeHandler))),
  volumesAttached: optional(list(ref<AttachedVolume>(() => attachedVolume))),
  volumesInUse: optional(list(string())),
});
export interface NodeStatus extends Infer<typeof nodeStatus> {}
addRules(nodeStatus, { defaults: allocatableDefault, validate: nodeStatusRules });

export const nodeAddress = object("NodeAddress", {
  address: string({ default: "" }),
  type: string({ default: "" }),
});
export interface NodeAddress extends Infer<typeof nodeAddress> {}

export const nodeCondition = object("NodeCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  reason: optional(string()),
  message: optional(string()),
  lastHeartbeatTime: optional(time()),
  lastTransitionTime: optional(time()),
});
export interface NodeCondition extends Infer<typeof nodeCondition> {}

export const nodeSystemInfo = object("NodeSystemInfo", {
  machineID: string({ default: "" }),
  systemUUID: string({ default: "" }),
  bootID: string({ default: "" }),
  kernelVersion: string({ default: "" }),
  osImage: string({ default: "" }),
  containerRuntimeVersion: string({ default: "" }),
  kubeletVersion: string({ default: "" }),
  kubeProxyVersion: string({ default: "" }),
  operatingSystem: string({ default: "" }),
  architecture: string({ default: "" }),
  swap: optional(ref<NodeSwapStatus>(() => nodeSwapStatus)),
});
export interface NodeSystemInfo extends Infer<typeof nodeSystemInfo> {}

export const nodeSwapStatus = object("NodeSwapStatus", {
  capacity: optional(int64()),
});
export interface NodeSwapStatus extends Infer<typeof nodeSwapStatus> {}

export const nodeDaemonEndpoints = object("NodeDaemonEndpoints", {
  kubeletEndpoint: optional(ref<DaemonEndpoint>(() => daemonEndpoint)),
});
export interface NodeDaemonEndpoints extends Infer<typeof nodeDaemonEndpoints> {}

export const daemonEndpoint = object("DaemonEndpoint", {
  Port: int32({ default: 0 }),
});
export interface DaemonEndpoint extends Infer<typeof daemonEndpoint> {}

export const containerImage = object("ContainerImage", {
  names: optional(list(string())),
  sizeBytes: optional(int64()),
});
export interface ContainerImage extends Infer<typeof containerImage> {}

export const attachedVolume = object("AttachedVolume", {
  devicePath: string({ default: "" }),
  name: string({ default: "" }),
});
export interface AttachedVolume extends Infer<typeof attachedVolume> {}

export const nodeRuntimeHandler = object("NodeRuntimeHandler", {
  features: optional(ref<NodeRuntimeHandlerFeatures>(() => nodeRuntimeHandlerFeatures)),
  name: optional(string()),
});
export interface NodeRuntimeHandler extends Infer<typeof nodeRuntimeHandler> {}

export const nodeRuntimeHandlerFeatures = object("NodeRuntimeHandlerFeatures", {
  recursiveReadOnlyMounts: optional(boolean()),
  userNamespaces: optional(boolean()),
});
export interface NodeRuntimeHandlerFeatures extends Infer<typeof nodeRuntimeHandlerFeatures> {}

export const nodeFeatures = object("NodeFeatures", {
  supplementalGroupsPolicy: optional(boolean()),
});
export interface NodeFeatures extends Infer<typeof nodeFeatures> {}

export const nodeConfigStatus = object("NodeConfigStatus", {
  active: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  assigned: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  error: optional(string()),
  lastKnownGood: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
});
export interface NodeConfigStatus extends Infer<typeof nodeConfigStatus> {}

export const nodeConfigSource = object("NodeConfigSource", {
  configMap: optional(ref<ConfigMapNodeConfigSource>(() => configMapNodeConfigSource)),
});
export interface NodeConfigSource extends Infer<typeof nodeConfigSource> {}

export const configMapNodeConfigSource = object("ConfigMapNodeConfigSource", {
  kubeletConfigKey: string({ default: "" }),
  name: string({ default: "" }),
  namespace: string({ default: "" }),
  resourceVersion: optional(string()),
  uid: optional(string()),
});
export interface ConfigMapNodeConfigSource extends Infer<typeof configMapNodeConfigSource> {}
