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
  /** Whether the node is Ready, and what it is short of. */
  conditions: optional(
    list(
      ref<NodeCondition>(() => nodeCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Names and addresses of the machine. */
  addresses: optional(
    list(
      ref<NodeAddress>(() => nodeAddress),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Ports of what runs on the node. */
  daemonEndpoints: optional(ref<NodeDaemonEndpoints>(() => nodeDaemonEndpoints)),
  /** Machine, kernel and software, as read when the agent started. */
  nodeInfo: optional(ref<NodeSystemInfo>(() => nodeSystemInfo)),
  /** The largest images on the node, at most 50; the scheduler prefers nodes that have them. */
  images: optional(list(ref<ContainerImage>(() => containerImage))),
  /** Kept for old objects; no longer reported. */
  config: optional(ref<NodeConfigStatus>(() => nodeConfigStatus)),
  /** Optional features that the node's agent has, in alphabetical order. */
  declaredFeatures: optional(list(string())),
  /** Abilities of the container runtime as a whole. */
  features: optional(ref<NodeFeatures>(() => nodeFeatures)),
  /** Kept for old objects; no longer reported. */
  phase: optional(oneOf(["Pending", "Running", "Terminated"])),
  /** Handlers that RuntimeClasses can choose on this node. */
  runtimeHandlers: optional(list(ref<NodeRuntimeHandler>(() => nodeRuntimeHandler))),
  /** Volumes whose disks are connected to the machine. */
  volumesAttached: optional(list(ref<AttachedVolume>(() => attachedVolume))),
  /** Volumes that must not be detached yet. */
  volumesInUse: optional(list(string())),
});
export interface NodeStatus extends Infer<typeof nodeStatus> {}
addRules(nodeStatus, { defaults: allocatableDefault, validate: nodeStatusRules });

/** One way to reach a node. */
export const nodeAddress = object("NodeAddress", {
  /** The IP address or name. */
  address: string({ default: "" }),
  /** Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS. */
  type: string({ default: "" }),
});
export interface NodeAddress extends Infer<typeof nodeAddress> {}

/** One aspect of a node's health. */
export const nodeCondition = object("NodeCondition", {
  /** Ready, or a trouble: MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable. */
  type: string({ default: "" }),
  /** Whether it holds: True, False, or Unknown where nobody can tell. */
  status: oneOf(["True", "False", "Unknown"]),
  /** Cause of the last change, as one CamelCase word for programs. */
  reason: optional(string()),
  /** Details for people; may be empty. */
  message: optional(string()),
  /** When the node's agent last reported it. */
  lastHeartbeatTime: optional(time()),
  /** When `status` changed last. */
  lastTransitionTime: optional(time()),
});
export interface NodeCondition extends Infer<typeof nodeCondition> {}

/** Identities and versions of a node's hardware, kernel and software. */
export const nodeSystemInfo = object("NodeSystemInfo", {
  /** Content of /etc/machine-id. */
  machineID: string({ default: "" }),
  /** Identifier of the hardware, from its firmware. */
  systemUUID: string({ default: "" }),
  /** Differs after each boot of the machine. */
  bootID: string({ default: "" }),
  /** Release of the kernel, as `uname -r` has it. */
  kernelVersion: string({ default: "" }),
  /** Name of the operating system, from /etc/os-release. */
  osImage: string({ default: "" }),
  /** Runtime and version, as `containerd://1.6.20`. */
  containerRuntimeVersion: string({ default: "" }),
  /** Version of the node's agent. */
  kubeletVersion: string({ default: "" }),
  /** Version of the service proxy; no longer maintained. */
  kubeProxyVersion: string({ default: "" }),
  /** Such as `linux`. */
  operatingSystem: string({ default: "" }),
  /** Such as `amd64` or `arm64`. */
  architecture: string({ default: "" }),
  /** Absent where it is not known. */
  swap: optional(ref<NodeSwapStatus>(() => nodeSwapStatus)),
});
export interface NodeSystemInfo extends Infer<typeof nodeSystemInfo> {}

/** The swap space of a node. */
export const nodeSwapStatus = object("NodeSwapStatus", {
  /** Bytes of swap space in all. */
  capacity: optional(exactInt64()),
});
export interface NodeSwapStatus extends Infer<typeof nodeSwapStatus> {}

/** Where the daemons of a node listen. */
export const nodeDaemonEndpoints = object("NodeDaemonEndpoints", {
  /** Port of the node's agent, which serves logs and exec. */
  kubeletEndpoint: optional(ref<DaemonEndpoint>(() => daemonEndpoint)),
});
export interface NodeDaemonEndpoints extends Infer<typeof nodeDaemonEndpoints> {}

/** The port of one daemon. */
export const daemonEndpoint = object("DaemonEndpoint", {
  /** TCP port on which it listens. */
  Port: int32({ default: 0 }),
});
export interface DaemonEndpoint extends Infer<typeof daemonEndpoint> {}

/** An image that a node holds. */
export const containerImage = object("ContainerImage", {
  /** Names of the image on the node, by tag and by digest; at most five. */
  names: optional(list(string())),
  /** Bytes that the image takes on the node. */
  sizeBytes: optional(exactInt64()),
});
export interface ContainerImage extends Infer<typeof containerImage> {}

/** A volume that is attached to a node. */
export const attachedVolume = object("AttachedVolume", {
  /** Path of its device on the node. */
  devicePath: string({ default: "" }),
  /** Identifier of the volume, unique within the cluster. */
  name: string({ default: "" }),
});
export interface AttachedVolume extends Infer<typeof attachedVolume> {}

/** One handler of a node's container runtime. */
export const nodeRuntimeHandler = object("NodeRuntimeHandler", {
  /** Abilities of containers that it runs. */
  features: optional(ref<NodeRuntimeHandlerFeatures>(() => nodeRuntimeHandlerFeatures)),
  /** As RuntimeClasses name it; empty for the default one. */
  name: optional(string()),
});
export interface NodeRuntimeHandler extends Infer<typeof nodeRuntimeHandler> {}

/** What a runtime handler can do. */
export const nodeRuntimeHandlerFeatures = object("NodeRuntimeHandlerFeatures", {
  /** It can make mounts below a read-only mount read-only. */
  recursiveReadOnlyMounts: optional(boolean()),
  /** It can give pods user namespaces of their own. */
  userNamespaces: optional(boolean()),
});
export interface NodeRuntimeHandlerFeatures extends Infer<typeof nodeRuntimeHandlerFeatures> {}

/** What a node's container runtime can do, whichever handler is chosen. */
export const nodeFeatures = object("NodeFeatures", {
  /** The runtime can keep an image's own groups out of its containers. */
  supplementalGroupsPolicy: optional(boolean()),
});
export interface NodeFeatures extends Infer<typeof nodeFeatures> {}

/** The configuration that a node runs with; no longer used. */
export const nodeConfigStatus = object("NodeConfigStatus", {
  /** Source in use; kept for old objects. */
  active: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  /** Source to change to; kept for old objects. */
  assigned: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  /** Why the assigned source is not used; kept for old objects. */
  error: optional(string()),
  /** Source to fall back to; kept for old objects. */
  lastKnownGood: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
});
export interface NodeConfigStatus extends Infer<typeof nodeConfigStatus> {}

/** Where a node takes its configuration from; no longer used. */
export const nodeConfigSource = object("NodeConfigSource", {
  /** Kept so that old objects can be read; has no effect. */
  configMap: optional(ref<ConfigMapNodeConfigSource>(() => configMapNodeConfigSource)),
});
export interface NodeConfigSource extends Infer<typeof nodeConfigSource> {}

/** The ConfigMap key that holds a node's configuration; no longer used. */
export const configMapNodeConfigSource = object("ConfigMapNodeConfigSource", {
  /** Key with the configuration. */
  kubeletConfigKey: string({ default: "" }),
  /** Name of the ConfigMap. */
  name: string({ default: "" }),
  /** Namespace of the ConfigMap. */
  namespace: string({ default: "" }),
  /** Revision of the ConfigMap that was read; only in status. */
  resourceVersion: optional(string()),
  /** Uid of the ConfigMap that was read; only in status. */
  uid: optional(string()),
});
export interface ConfigMapNodeConfigSource extends Infer<typeof configMapNodeConfigSource> {}
