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
  name: string({ nonEmpty: true }),
  allNodes: optional(boolean()),
  allowMultipleAllocations: optional(boolean()),
  attributes: optional(map(ref<DeviceAttribute>(() => deviceAttribute))),
  bindingConditions: optional(list(string())),
  bindingFailureConditions: optional(list(string())),
  bindsToNode: optional(boolean()),
  capacity: optional(map(ref<DeviceCapacity>(() => deviceCapacity))),
  consumesCounters: optional(list(ref<DeviceCounterConsumption>(() => deviceCounterConsumption))),
  nodeAllocatableResourceMappings: optional(
    map(ref<NodeAllocatableResourceMapping>(() => nodeAllocatableResourceMapping)),
  ),
  nodeName: optional(string()),
  nodeSelector: optional(ref<NodeSelector>(() => nodeSelector)),
  taints: optional(list(ref<DeviceTaint>(() => deviceTaint))),
});
export interface Device extends Infer<typeof device> {}

/** One thing that can be said of a device. */
export const deviceAttribute = object("DeviceAttribute", {
  bool: optional(boolean()),
  bools: optional(list(boolean())),
  int: optional(exactInt64()),
  ints: optional(list(exactInt64())),
  string: optional(string()),
  strings: optional(list(string())),
  version: optional(string()),
  versions: optional(list(string())),
});
export interface DeviceAttribute extends Infer<typeof deviceAttribute> {}

/** How much of something a device has. */
export const deviceCapacity = object("DeviceCapacity", {
  requestPolicy: optional(ref<CapacityRequestPolicy>(() => capacityRequestPolicy)),
  value: quantity(),
});
export interface DeviceCapacity extends Infer<typeof deviceCapacity> {}

/** Which amounts may be asked for. */
export const capacityRequestPolicy = object("CapacityRequestPolicy", {
  default: optional(quantity()),
  validRange: optional(ref<CapacityRequestPolicyRange>(() => capacityRequestPolicyRange)),
  validValues: optional(list(quantity())),
});
export interface CapacityRequestPolicy extends Infer<typeof capacityRequestPolicy> {}

/** A range of amounts that may be asked for. */
export const capacityRequestPolicyRange = object("CapacityRequestPolicyRange", {
  max: optional(quantity()),
  min: quantity(),
  step: optional(quantity()),
});
export interface CapacityRequestPolicyRange extends Infer<typeof capacityRequestPolicyRange> {}

/** Keeps away claims that do not tolerate it. */
export const deviceTaint = object("DeviceTaint", {
  key: string({ nonEmpty: true }),
  effect: oneOf(["NoExecute", "NoSchedule", "None"]),
  timeAdded: optional(time()),
  value: optional(string()),
});
export interface DeviceTaint extends Infer<typeof deviceTaint> {}

/** What a device takes of shared counters. */
export const deviceCounterConsumption = object("DeviceCounterConsumption", {
  counterSet: string({ nonEmpty: true }),
  counters: map(ref<Counter>(() => counter)),
});
export interface DeviceCounterConsumption extends Infer<typeof deviceCounterConsumption> {}

/** How a device counts towards a resource of its node. */
export const nodeAllocatableResourceMapping = object("NodeAllocatableResourceMapping", {
  allocationMultiplier: optional(quantity()),
  capacityKey: optional(string()),
});
export interface NodeAllocatableResourceMapping extends Infer<typeof nodeAllocatableResourceMapping> {}
