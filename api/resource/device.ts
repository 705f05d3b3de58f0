import {
  boolean,
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
} from "../../apimachinery/schema/schema.js";
import { type NodeSelector, nodeSelector } from "../core/pod/affinity.js";
import { type Counter, counter } from "./resource-slice.js";

/** One device, and what can be said of it. */
export const device = object("Device", {
  /** Name of the device, once in its pool; a DNS label. */
  name: string({ nonEmpty: true }),
  /** Whether every node can use it; only with the slice's `perDeviceNodeSelection`. */
  allNodes: optional(boolean()),
  /** Whether several claims may share it. */
  allowMultipleAllocations: optional(boolean()),
  /** What can be asked of it in conditions, by name. */
  attributes: optional(map(ref<DeviceAttribute>(() => deviceAttribute))),
  /** Conditions of its status that must all be true before a pod is bound. */
  bindingConditions: optional(list(string())),
  /** Conditions of its status of which any one makes the scheduler look elsewhere. */
  bindingFailureConditions: optional(list(string())),
  /** Whether the claim is tied to the node on which it was given. */
  bindsToNode: optional(boolean()),
  /** Amounts that it has, by name. */
  capacity: optional(map(ref<DeviceCapacity>(() => deviceCapacity))),
  /** What it takes from the counters that devices of the pool share. */
  consumesCounters: optional(list(ref<DeviceCounterConsumption>(() => deviceCounterConsumption))),
  /** What it takes from the node's own resources, by resource. */
  nodeAllocatableResourceMappings: optional(
    map(ref<NodeAllocatableResourceMapping>(() => nodeAllocatableResourceMapping)),
  ),
  /** The one node that can use it; only with the slice's `perDeviceNodeSelection`. */
  nodeName: optional(string()),
  /** Nodes that can use it; only with the slice's `perDeviceNodeSelection`. */
  nodeSelector: optional(ref<NodeSelector>(() => nodeSelector)),
  /** Keep away every request that does not put up with them. */
  taints: optional(list(ref<DeviceTaint>(() => deviceTaint))),
});
export interface Device extends Infer<typeof device> {}

/** One thing that can be said of a device. */
export const deviceAttribute = object("DeviceAttribute", {
  /** A truth value; one field alone is filled. */
  bool: optional(boolean()),
  /** Several truth values. */
  bools: optional(list(boolean())),
  /** A whole number; one field alone is filled. */
  int: optional(exactInt64()),
  /** Several whole numbers. */
  ints: optional(list(exactInt64())),
  /** A text; one field alone is filled. */
  string: optional(string()),
  /** Several texts. */
  strings: optional(list(string())),
  /** A version by the rules of semver.org; one field alone is filled. */
  version: optional(string()),
  /** Several versions. */
  versions: optional(list(string())),
});
export interface DeviceAttribute extends Infer<typeof deviceAttribute> {}

/** How much of something a device has. */
export const deviceCapacity = object("DeviceCapacity", {
  /** In which portions a shared device is given. */
  requestPolicy: optional(ref<CapacityRequestPolicy>(() => capacityRequestPolicy)),
  /** How much there is in all. */
  value: quantity(),
});
export interface DeviceCapacity extends Infer<typeof deviceCapacity> {}

/** Which amounts may be asked for. */
export const capacityRequestPolicy = object("CapacityRequestPolicy", {
  /** Portion of a request that names none. */
  default: optional(quantity()),
  /** Portions from one amount to another; instead of `validValues`. */
  validRange: optional(ref<CapacityRequestPolicyRange>(() => capacityRequestPolicyRange)),
  /** The portions that there are, in ascending order; instead of `validRange`. */
  validValues: optional(list(quantity())),
});
export interface CapacityRequestPolicy extends Infer<typeof capacityRequestPolicy> {}

/** A range of amounts that may be asked for. */
export const capacityRequestPolicyRange = object("CapacityRequestPolicyRange", {
  /** The greatest portion; absent means all that there is. */
  max: optional(quantity()),
  /** The smallest portion; lesser requests are rounded up to it. */
  min: quantity(),
  /** Portions grow from `min` by this; requests between are rounded up. */
  step: optional(quantity()),
});
export interface CapacityRequestPolicyRange extends Infer<typeof capacityRequestPolicyRange> {}

/** Keeps away claims that do not tolerate it. */
export const deviceTaint = object("DeviceTaint", {
  /** Name of the taint: `example.com/broken`. */
  key: string({ nonEmpty: true }),
  /** NoSchedule: no new pods; NoExecute: pods that use the device go too; None: for information. */
  effect: oneOf(["NoExecute", "NoSchedule", "None"]),
  /** When it was added. */
  timeAdded: optional(time()),
  /** Value that tolerations are compared with. */
  value: optional(string()),
});
export interface DeviceTaint extends Infer<typeof deviceTaint> {}

/** What a device takes of shared counters. */
export const deviceCounterConsumption = object("DeviceCounterConsumption", {
  /** Name of the set of counters. */
  counterSet: string({ nonEmpty: true }),
  /** Amount that it takes, by counter. */
  counters: map(ref<Counter>(() => counter)),
});
export interface DeviceCounterConsumption extends Infer<typeof deviceCounterConsumption> {}

/** How a device counts towards a resource of its node. */
export const nodeAllocatableResourceMapping = object("NodeAllocatableResourceMapping", {
  /** Amount of the node's resource for one device, or for one unit of `capacityKey`. */
  allocationMultiplier: optional(quantity()),
  /** Capacity of the device that is multiplied; absent counts whole devices. */
  capacityKey: optional(string()),
});
export interface NodeAllocatableResourceMapping extends Infer<typeof nodeAllocatableResourceMapping> {}
