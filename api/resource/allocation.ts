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
  allocationTimestamp: optional(time()),
  devices: optional(ref<DeviceAllocationResult>(() => deviceAllocationResult)),
  nodeSelector: optional(ref<NodeSelector>(() => nodeSelector)),
});
export interface AllocationResult extends Infer<typeof allocationResult> {}

/** The devices given to a claim, and their set-up. */
export const deviceAllocationResult = object("DeviceAllocationResult", {
  config: optional(list(ref<DeviceAllocationConfiguration>(() => deviceAllocationConfiguration))),
  results: optional(list(ref<DeviceRequestAllocationResult>(() => deviceRequestAllocationResult))),
});
export interface DeviceAllocationResult extends Infer<typeof deviceAllocationResult> {}

/** A device given for one request. */
export const deviceRequestAllocationResult = object("DeviceRequestAllocationResult", {
  adminAccess: optional(boolean()),
  bindingConditions: optional(list(string())),
  bindingFailureConditions: optional(list(string())),
  consumedCapacity: optional(map(quantity())),
  device: string({ nonEmpty: true }),
  driver: string({ nonEmpty: true }),
  pool: string({ nonEmpty: true }),
  request: string({ nonEmpty: true }),
  shareID: optional(string()),
  tolerations: optional(list(ref<DeviceToleration>(() => deviceToleration))),
});
export interface DeviceRequestAllocationResult extends Infer<typeof deviceRequestAllocationResult> {}

/** Set-up of devices that were given. */
export const deviceAllocationConfiguration = object("DeviceAllocationConfiguration", {
  opaque: optional(ref<OpaqueDeviceConfiguration>(() => opaqueDeviceConfiguration)),
  requests: optional(list(string())),
  source: oneOf(["FromClaim", "FromClass"]),
});
export interface DeviceAllocationConfiguration extends Infer<typeof deviceAllocationConfiguration> {}

/** Somebody who uses a claim. */
export const resourceClaimConsumerReference = object("ResourceClaimConsumerReference", {
  name: string({ nonEmpty: true }),
  apiGroup: optional(string()),
  resource: string({ nonEmpty: true }),
  uid: string({ nonEmpty: true }),
});
export interface ResourceClaimConsumerReference extends Infer<typeof resourceClaimConsumerReference> {}

/** What the driver says of a device that was given. */
export const allocatedDeviceStatus = object("AllocatedDeviceStatus", {
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"] },
    ),
  ),
  data: optional(any()),
  device: string({ default: "" }),
  driver: string({ default: "" }),
  networkData: optional(ref<NetworkDeviceData>(() => networkDeviceData)),
  pool: string({ default: "" }),
  shareID: optional(string()),
});
export interface AllocatedDeviceStatus extends Infer<typeof allocatedDeviceStatus> {}

/** Addresses of a network device. */
export const networkDeviceData = object("NetworkDeviceData", {
  hardwareAddress: optional(string()),
  interfaceName: optional(string()),
  ips: optional(list(string())),
});
export interface NetworkDeviceData extends Infer<typeof networkDeviceData> {}
