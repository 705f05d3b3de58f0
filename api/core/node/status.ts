import {
  addRules,
  boolean,
  exactInt64,
  type Infer,
  int32,
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

/** What a node has, how it is, and what runs it; reported by its agent. */
export const nodeStatus = object("NodeStatus", {
  /** All that the node has. */
  capacity: optional(map(quantity())),
  /** What pods may use of it. */
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
  /** Volumes that must not be detached yet. */
  volumesInUse: optional(list(string())),
});
export interface NodeStatus extends Infer<typeof nodeStatus> {}
addRules(nodeStatus, { defaults: allocatableDefault, validate: nodeStatusRules });

/** One way to reach a node. */
export const nodeAddress = object("NodeAddress", {
  address: string({ default: "" }),
  type: string({ default: "" }),
});
export interface NodeAddress extends Infer<typeof nodeAddress> {}

/** One aspect of a node's health. */
export const nodeCondition = object("NodeCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  reason: optional(string()),
  message: optional(string()),
  lastHeartbeatTime: optional(time()),
  lastTransitionTime: optional(time()),
});
export interface NodeCondition extends Infer<typeof nodeCondition> {}

/** Identities and versions of a node's hardware, kernel and software. */
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

/** The swap space of a node. */
export const nodeSwapStatus = object("NodeSwapStatus", {
  capacity: optional(exactInt64()),
});
export interface NodeSwapStatus extends Infer<typeof nodeSwapStatus> {}

/** Where the daemons of a node listen. */
export const nodeDaemonEndpoints = object("NodeDaemonEndpoints", {
  kubeletEndpoint: optional(ref<DaemonEndpoint>(() => daemonEndpoint)),
});
export interface NodeDaemonEndpoints extends Infer<typeof nodeDaemonEndpoints> {}

/** The port of one daemon. */
export const daemonEndpoint = object("DaemonEndpoint", {
  Port: int32({ default: 0 }),
});
export interface DaemonEndpoint extends Infer<typeof daemonEndpoint> {}

/** An image that a node holds. */
export const containerImage = object("ContainerImage", {
  names: optional(list(string())),
  sizeBytes: optional(exactInt64()),
});
export interface ContainerImage extends Infer<typeof containerImage> {}

/** A volume that is attached to a node. */
export const attachedVolume = object("AttachedVolume", {
  devicePath: string({ default: "" }),
  name: string({ default: "" }),
});
export interface AttachedVolume extends Infer<typeof attachedVolume> {}

/** One handler of a node's container runtime. */
export const nodeRuntimeHandler = object("NodeRuntimeHandler", {
  features: optional(ref<NodeRuntimeHandlerFeatures>(() => nodeRuntimeHandlerFeatures)),
  name: optional(string()),
});
export interface NodeRuntimeHandler extends Infer<typeof nodeRuntimeHandler> {}

/** What a runtime handler can do. */
export const nodeRuntimeHandlerFeatures = object("NodeRuntimeHandlerFeatures", {
  recursiveReadOnlyMounts: optional(boolean()),
  userNamespaces: optional(boolean()),
});
export interface NodeRuntimeHandlerFeatures extends Infer<typeof nodeRuntimeHandlerFeatures> {}

/** What a node's container runtime can do, whichever handler is chosen. */
export const nodeFeatures = object("NodeFeatures", {
  supplementalGroupsPolicy: optional(boolean()),
});
export interface NodeFeatures extends Infer<typeof nodeFeatures> {}

/** The configuration that a node runs with; no longer used. */
export const nodeConfigStatus = object("NodeConfigStatus", {
  active: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  assigned: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  error: optional(string()),
  lastKnownGood: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
});
export interface NodeConfigStatus extends Infer<typeof nodeConfigStatus> {}

/** Where a node takes its configuration from; no longer used. */
export const nodeConfigSource = object("NodeConfigSource", {
  configMap: optional(ref<ConfigMapNodeConfigSource>(() => configMapNodeConfigSource)),
});
export interface NodeConfigSource extends Infer<typeof nodeConfigSource> {}

/** The ConfigMap key that holds a node's configuration; no longer used. */
export const configMapNodeConfigSource = object("ConfigMapNodeConfigSource", {
  kubeletConfigKey: string({ default: "" }),
  name: string({ default: "" }),
  namespace: string({ default: "" }),
  resourceVersion: optional(string()),
  uid: optional(string()),
});
export interface ConfigMapNodeConfigSource extends Infer<typeof configMapNodeConfigSource> {}
