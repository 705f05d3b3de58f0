import {
  addRules,
  boolean,
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
} from "../../apimachinery/schema/schema.js";
import {
  type DeviceSelector,
  deviceSelector,
  type OpaqueDeviceConfiguration,
  opaqueDeviceConfiguration,
} from "./device-class.js";
import { countDefault, deviceClaimRules, deviceRequestRules } from "./rules.js";

/** Requests for devices, and what must hold between them. */
export const deviceClaim = object("DeviceClaim", {
  config: optional(list(ref<DeviceClaimConfiguration>(() => deviceClaimConfiguration))),
  constraints: optional(list(ref<DeviceConstraint>(() => deviceConstraint))),
  requests: optional(list(ref<DeviceRequest>(() => deviceRequest))),
});
export interface DeviceClaim extends Infer<typeof deviceClaim> {}
addRules(deviceClaim, { validate: deviceClaimRules });

/** Asks for one sort of device, or the first of several that can be had. */
export const deviceRequest = object("DeviceRequest", {
  name: string({ nonEmpty: true }),
  exactly: optional(ref<ExactDeviceRequest>(() => exactDeviceRequest)),
  firstAvailable: optional(list(ref<DeviceSubRequest>(() => deviceSubRequest))),
});
export interface DeviceRequest extends Infer<typeof deviceRequest> {}
addRules(deviceRequest, { validate: deviceRequestRules });

/** Asks for devices of one class. */
export const exactDeviceRequest = object("ExactDeviceRequest", {
  adminAccess: optional(boolean()),
  allocationMode: oneOf(["All", "ExactCount"], { default: "ExactCount" }),
  capacity: optional(ref<CapacityRequirements>(() => capacityRequirements)),
  count: optional(int64({ omitZero: true, min: 1 })),
  deviceClassName: string({ nonEmpty: true }),
  selectors: optional(list(ref<DeviceSelector>(() => deviceSelector))),
  tolerations: optional(list(ref<DeviceToleration>(() => deviceToleration))),
});
export interface ExactDeviceRequest extends Infer<typeof exactDeviceRequest> {}
addRules(exactDeviceRequest, { defaults: countDefault });

/** One of several ways to fulfil a request. */
export const deviceSubRequest = object("DeviceSubRequest", {
  name: string({ nonEmpty: true }),
  allocationMode: oneOf(["All", "ExactCount"], { default: "ExactCount" }),
  capacity: optional(ref<CapacityRequirements>(() => capacityRequirements)),
  count: optional(int64({ omitZero: true, min: 1 })),
  deviceClassName: string({ nonEmpty: true }),
  selectors: optional(list(ref<DeviceSelector>(() => deviceSelector))),
  tolerations: optional(list(ref<DeviceToleration>(() => deviceToleration))),
});
export interface DeviceSubRequest extends Infer<typeof deviceSubRequest> {}
addRules(deviceSubRequest, { defaults: countDefault });

/** A taint of devices that does not matter. */
export const deviceToleration = object("DeviceToleration", {
  key: optional(string()),
  operator: oneOf(["Equal", "Exists"], { default: "Equal" }),
  effect: optional(oneOf(["NoExecute", "NoSchedule", "None"])),
  tolerationSeconds: optional(int64()),
  value: optional(string()),
});
export interface DeviceToleration extends Infer<typeof deviceToleration> {}

/** How much of a device is needed. */
export const capacityRequirements = object("CapacityRequirements", {
  requests: optional(map(quantity())),
});
export interface CapacityRequirements extends Infer<typeof capacityRequirements> {}

/** What must hold between the devices of several requests. */
export const deviceConstraint = object("DeviceConstraint", {
  distinctAttribute: optional(string()),
  matchAttribute: optional(string()),
  requests: optional(list(string())),
});
export interface DeviceConstraint extends Infer<typeof deviceConstraint> {}

/** Set-up of the devices of a claim. */
export const deviceClaimConfiguration = object("DeviceClaimConfiguration", {
  opaque: optional(ref<OpaqueDeviceConfiguration>(() => opaqueDeviceConfiguration)),
  requests: optional(list(string())),
});
export interface DeviceClaimConfiguration extends Infer<typeof deviceClaimConfiguration> {}
