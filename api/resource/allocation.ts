import { type Condition, condition } from "../../apimachinery/condition.js";
import {
  any,
  boolean,
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
import { type OpaqueDeviceConfiguration, opaqueDeviceConfiguration } from "./device-class.js";
import { type DeviceToleration, deviceToleration } from "./device-request.js";

/** What was given to a claim. */
export const allocationResult = object("AllocationResult", {
  /** When the devices were given. */
  allocationTimestamp: optional(time()),
  /** Which devices were given, and how they are set up. */
  devices: optional(ref<DeviceAllocationResult>(() => deviceAllocationResult)),
  /** Nodes where the devices can be used; absent means all. */
  nodeSelector: optional(ref<NodeSelector>(() => nodeSelector)),
});
export interface AllocationResult extends Infer<typeof allocationResult> {}

/** The devices given to a claim, and their set-up. */
export const deviceAllocationResult = object("DeviceAllocationResult", {
  /** Of the classes first, then of the claim; each driver reads its own. */
  config: optional(list(ref<DeviceAllocationConfiguration>(() => deviceAllocationConfiguration))),
  /** One entry for each device that was given. */
  results: optional(list(ref<DeviceRequestAllocationResult>(() => deviceRequestAllocationResult))),
});
export interface DeviceAllocationResult extends Infer<typeof deviceAllocationResult> {}

/** A device given for one request. */
export const deviceRequestAllocationResult = object("DeviceRequestAllocationResult", {
  /** Whether the device was given for watching over it, which takes it from nobody. */
  adminAccess: optional(boolean()),
  /** Conditions that must all be true before the pod is bound; as the device said. */
  bindingConditions: optional(list(string())),
  /** Conditions of which any one gives the device back; as the device said. */
  bindingFailureConditions: optional(list(string())),
  /** How much of a shared device was given, by name of the capacity. */
  consumedCapacity: optional(map(quantity())),
  /** Name of the device in its pool. */
  device: string({ nonEmpty: true }),
  /** Driver that offers the device. */
  driver: string({ nonEmpty: true }),
  /** Pool that the device is in. */
  pool: string({ nonEmpty: true }),
  /** The request that it answers; `REQUEST/SUBREQUEST` where the request had alternatives. */
  request: string({ nonEmpty: true }),
  /** Unique id of this part of a shared device; absent if the device is given whole. */
  shareID: optional(string()),
  /** Taints of the device that the request puts up with. */
  tolerations: optional(list(ref<DeviceToleration>(() => deviceToleration))),
});
export interface DeviceRequestAllocationResult extends Infer<typeof deviceRequestAllocationResult> {}

/** Set-up of devices that were given. */
export const deviceAllocationConfiguration = object("DeviceAllocationConfiguration", {
  /** Settings for a driver. */
  opaque: optional(ref<OpaqueDeviceConfiguration>(() => opaqueDeviceConfiguration)),
  /** Requests that this is for; none given means all. */
  requests: optional(list(string())),
  /** Whether it was written in the class (FromClass) or in the claim (FromClaim). */
  source: oneOf(["FromClaim", "FromClass"]),
});
export interface DeviceAllocationConfiguration extends Infer<typeof deviceAllocationConfiguration> {}

/** Somebody who uses a claim. */
export const resourceClaimConsumerReference = object("ResourceClaimConsumerReference", {
  /** Name of the user of the claim. */
  name: string({ nonEmpty: true }),
  /** Group of its resource; absent means the core group. */
  apiGroup: optional(string()),
  /** Its resource, in lower-case plural: `pods`. */
  resource: string({ nonEmpty: true }),
  /** Its unique id. */
  uid: string({ nonEmpty: true }),
});
export interface ResourceClaimConsumerReference extends Infer<typeof resourceClaimConsumerReference> {}

/** What the driver says of a device that was given. */
export const allocatedDeviceStatus = object("AllocatedDeviceStatus", {
  /** What the driver says of the device, one entry a type. */
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"] },
    ),
  ),
  /** More that the driver says, in a form of its own. */
  data: optional(any()),
  /** Name of the device in its pool. */
  device: string({ default: "" }),
  /** Driver that offers the device. */
  driver: string({ default: "" }),
  /** Filled by drivers of network interfaces. */
  networkData: optional(ref<NetworkDeviceData>(() => networkDeviceData)),
  /** Pool that the device is in. */
  pool: string({ default: "" }),
  /** Which part of a shared device this is about. */
  shareID: optional(string()),
});
export interface AllocatedDeviceStatus extends Infer<typeof allocatedDeviceStatus> {}

/** Addresses of a network device. */
export const networkDeviceData = object("NetworkDeviceData", {
  /** Address of the interface on its link, such as its MAC address. */
  hardwareAddress: optional(string()),
  /** Name of the interface in the pod. */
  interfaceName: optional(string()),
  /** Addresses of the interface with the length of their network: `192.0.2.5/24`. */
  ips: optional(list(string())),
});
export interface NetworkDeviceData extends Infer<typeof networkDeviceData> {}
