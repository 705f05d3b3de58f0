import {
  exactInt64,
  type Infer,
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

/** How a pod is, as the agent of its node and other controllers report it. */
export const podStatus = object("PodStatus", {
  /** Pending, Running, Succeeded (all ended well), Failed (all ended, one of them badly), or Unknown. */
  phase: oneOf(["Pending", "Running", "Succeeded", "Failed", "Unknown"], { default: "Pending" }),
  /** The generation that this status is about. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** Stages that the pod has passed or lost: PodScheduled, Initialized, ContainersReady, Ready and more. */
  conditions: optional(
    list(
      ref<PodCondition>(() => podCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Why the pod is in this state, in a sentence. */
  message: optional(string()),
  /** Why the pod is in this state, in a word. */
  reason: optional(string()),
  /** Address of the node. */
  hostIP: optional(string()),
  /** The first is `hostIP`; at most one for each IP family. */
  hostIPs: optional(
    list(
      ref<HostIP>(() => hostIP),
      { mergeKey: "ip" },
    ),
  ),
  /** The first of `podIPs`. */
  podIP: optional(string()),
  /** The first is `podIP`; at most one for each IP family. Empty until the pod has its network. */
  podIPs: optional(
    list(
      ref<PodIP>(() => podIP),
      { mapKeys: ["ip"], mergeKey: "ip" },
    ),
  ),
  /** When the node's agent took the pod on, before any image was fetched. */
  startTime: optional(time()),
  /** What has become of the init containers. */
  initContainerStatuses: optional(list(ref<ContainerStatus>(() => containerStatus))),
  /** What has become of the containers. */
  containerStatuses: optional(list(ref<ContainerStatus>(() => containerStatus))),
  /** What has become of the ephemeral containers. */
  ephemeralContainerStatuses: optional(list(ref<ContainerStatus>(() => containerStatus))),
  /** Guaranteed, Burstable or BestEffort, by requests and limits: the last is evicted first. */
  qosClass: optional(oneOf(["Guaranteed", "Burstable", "BestEffort"])),
  /** The node on which others are ending to make room. */
  nominatedNodeName: optional(string()),
  /** Requests that the node has granted to the pod as a whole. */
  allocatedResources: optional(map(quantity())),
  /** Set where the scheduler turned extended resources into requests for devices. */
  extendedResourceClaimStatus: optional(ref<PodExtendedResourceClaimStatus>(() => podExtendedResourceClaimStatus)),
  /** What the pod's claims take of CPU, memory and the like. */
  nodeAllocatableResourceClaimStatuses: optional(
    list(ref<NodeAllocatableResourceClaimStatus>(() => nodeAllocatableResourceClaimStatus)),
  ),
  /** Left over from an earlier form of resizing. */
  resize: optional(string()),
  /** Claims that were made from the templates in `resourceClaims`. */
  resourceClaimStatuses: optional(
    list(
      ref<PodResourceClaimStatus>(() => podResourceClaimStatus),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Requests and limits that really hold for the pod as a whole. */
  resources: optional(ref<ResourceRequirements>(() => resourceRequirements)),
});
export interface PodStatus extends Infer<typeof podStatus> {}

/** One aspect of a pod's state. */
export const podCondition = object("PodCondition", {
  /** What it is about. */
  type: string({ default: "" }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** The pod's generation that the condition was set for. */
  observedGeneration: optional(exactInt64()),
  /** Why, in a word. */
  reason: optional(string()),
  /** Why, in a sentence. */
  message: optional(string()),
  /** When it was looked at last. */
  lastProbeTime: optional(time()),
  /** When `status` changed last. */
  lastTransitionTime: optional(time()),
});
export interface PodCondition extends Infer<typeof podCondition> {}

/** One of the pod's addresses. */
export const podIP = object("PodIP", {
  /** IPv4 or IPv6 address. */
  ip: string({ default: "" }),
});
export interface PodIP extends Infer<typeof podIP> {}

/** One of the node's addresses. */
export const hostIP = object("HostIP", {
  /** IPv4 or IPv6 address. */
  ip: string({ default: "" }),
});
export interface HostIP extends Infer<typeof hostIP> {}

/** The claim that was made from a template for the pod. */
export const podResourceClaimStatus = object("PodResourceClaimStatus", {
  /** Entry of the pod's `resourceClaims` that it belongs to. */
  name: string({ default: "" }),
  /** Claim that was made; absent where none was needed. */
  resourceClaimName: optional(string()),
});
export interface PodResourceClaimStatus extends Infer<typeof podResourceClaimStatus> {}

/** The claim that was made for extended resources that the pod asks for. */
export const podExtendedResourceClaimStatus = object("PodExtendedResourceClaimStatus", {
  /** Which container and resource each request of the claim serves. */
  requestMappings: list(ref<ContainerExtendedResourceRequest>(() => containerExtendedResourceRequest)),
  /** Claim in the pod's namespace. */
  resourceClaimName: string({ default: "" }),
});
export interface PodExtendedResourceClaimStatus extends Infer<typeof podExtendedResourceClaimStatus> {}

/** Which request of the claim stands for a container's extended resource. */
export const containerExtendedResourceRequest = object("ContainerExtendedResourceRequest", {
  /** Container that asks for the resource. */
  containerName: string({ default: "" }),
  /** Request of the claim that stands for it. */
  requestName: string({ default: "" }),
  /** Extended resource that the container asks for. */
  resourceName: string({ default: "" }),
});
export interface ContainerExtendedResourceRequest extends Infer<typeof containerExtendedResourceRequest> {}

/** What a claim takes of the node's own resources. */
export const nodeAllocatableResourceClaimStatus = object("NodeAllocatableResourceClaimStatus", {
  /** Claim that was allocated. */
  resourceClaimName: string({ default: "" }),
  /** Amounts that the claim takes, by resource. */
  resources: map(quantity()),
  /** Containers that use the claim. */
  containers: optional(list(string())),
});
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof nodeAllocatableResourceClaimStatus> {}
