import {
  type Infer,
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
import { type ContainerStatus, containerStatus } from "./container-status.js";
import { type ResourceRequirements, resourceRequirements } from "./resources.js";

export const podStatus = object("PodStatus", {
  phase: oneOf(["Pending", "Running", "Succeeded", "Failed", "Unknown"], { default: "Pending" }),
  observedGeneration: optional(int64({ omitZero: true })),
  conditions: optional(
    list(
      ref<PodCondition>(() => podCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  message: optional(string()),
  reason: optional(string()),
  hostIP: optional(string()),
  hostIPs: optional(
    list(
      ref<HostIP>(() => hostIP),
      { mergeKey: "ip" },
    ),
  ),
  podIP: optional(string()),
  podIPs: optional(
    list(
      ref<PodIP>(() => podIP),
      { mapKeys: ["ip"], mergeKey: "ip" },
    ),
  ),
  startTime: optional(time()),
  initContainerStatuses: optional(list(ref<ContainerStatus>(() => containerStatus))),
  containerStatuses: optional(list(ref<ContainerStatus>(() => containerStatus))),
  ephemeralContainerStatuses: optional(list(ref<ContainerStatus>(() => containerStatus))),
  qosClass: optional(oneOf(["Guaranteed", "Burstable", "BestEffort"])),
  nominatedNodeName: optional(string()),
  allocatedResources: optional(map(quantity())),
  extendedResourceClaimStatus: optional(ref<PodExtendedResourceClaimStatus>(() => podExtendedResourceClaimStatus)),
  nodeAllocatableResourceClaimStatuses: optional(
    list(ref<NodeAllocatableResourceClaimStatus>(() => nodeAllocatableResourceClaimStatus)),
  ),
  resize: optional(string()),
  resourceClaimStatuses: optional(
    list(
      ref<PodResourceClaimStatus>(() => podResourceClaimStatus),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  resources: optional(ref<ResourceRequirements>(() => resourceRequirements)),
});
export interface PodStatus extends Infer<typeof podStatus> {}

export const podCondition = object("PodCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  observedGeneration: optional(int64()),
  reason: optional(string()),
  message: optional(string()),
  lastProbeTime: optional(time()),
  lastTransitionTime: optional(time()),
});
export interface PodCondition extends Infer<typeof podCondition> {}

export const podIP = object("PodIP", {
  ip: string({ default: "" }),
});
export interface PodIP extends Infer<typeof podIP> {}

export const hostIP = object("HostIP", {
  ip: string({ default: "" }),
});
export interface HostIP extends Infer<typeof hostIP> {}

export const podResourceClaimStatus = object("PodResourceClaimStatus", {
  name: string({ default: "" }),
  resourceClaimName: optional(string()),
});
export interface PodResourceClaimStatus extends Infer<typeof podResourceClaimStatus> {}

export const podExtendedResourceClaimStatus = object("PodExtendedResourceClaimStatus", {
  requestMappings: list(ref<ContainerExtendedResourceRequest>(() => containerExtendedResourceRequest)),
  resourceClaimName: string({ default: "" }),
});
export interface PodExtendedResourceClaimStatus extends Infer<typeof podExtendedResourceClaimStatus> {}

export const containerExtendedResourceRequest = object("ContainerExtendedResourceRequest", {
  containerName: string({ default: "" }),
  requestName: string({ default: "" }),
  resourceName: string({ default: "" }),
});
export interface ContainerExtendedResourceRequest extends Infer<typeof containerExtendedResourceRequest> {}

export const nodeAllocatableResourceClaimStatus = object("NodeAllocatableResourceClaimStatus", {
  resourceClaimName: string({ default: "" }),
  resources: map(quantity()),
  containers: optional(list(string())),
});
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof nodeAllocatableResourceClaimStatus> {}
