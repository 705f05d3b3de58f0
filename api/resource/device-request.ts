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
  /** Set-up for the devices; goes to their drivers. */
  config: optional(list(ref<DeviceClaimConfiguration>(() => deviceClaimConfiguration))),
  /** A choice of devices that breaks any of these is not made. */
  constraints: optional(list(ref<DeviceConstraint>(() => deviceConstraint))),
  /** What is asked for; all of it must be met, each name once. */
  requests: optional(list(ref<DeviceRequest>(() => deviceRequest))),
});
export interface DeviceClaim extends Infer<typeof deviceClaim> {}
addRules(deviceClaim, { validate: deviceClaimRules });

/** Asks for one sort of device, or the first of several that can be had. */
export const deviceRequest = object("DeviceRequest", {
  /** Name by which constraints, set-up and containers refer to the request. */
  name: string({ nonEmpty: true }),
  /** What is asked for; instead of `firstAvailable`. */
  exactly: optional(ref<ExactDeviceRequest>(() => exactDeviceRequest)),
  /** Alternatives; the first that can be met is taken. Instead of `exactly`. */
  firstAvailable: optional(list(ref<DeviceSubRequest>(() => deviceSubRequest))),
});
export interface DeviceRequest extends Infer<typeof deviceRequest> {}
addRules(deviceRequest, { validate: deviceRequestRules });

/** Asks for devices of one class. */
export const exactDeviceRequest = object("ExactDeviceRequest", {
  /** Whether devices are wanted for watching over them, in use or not. */
  adminAccess: optional(boolean()),
  /** Whether `count` devices (ExactCount, the default) or every one that fits (All) is wanted. */
  allocationMode: oneOf(["All", "ExactCount"], { default: "ExactCount" }),
  /** Least amounts that each device must have, or give where it is shared. */
  capacity: optional(ref<CapacityRequirements>(() => capacityRequirements)),
  /** How many devices; 1 unless given, not with allocation mode All. */
  count: optional(int64({ omitZero: true, min: 1 })),
  /** Name of the class that the devices must be of. */
  deviceClassName: string({ nonEmpty: true }),
  /** Conditions that a device must all meet, beside those of its class. */
  selectors: optional(list(ref<DeviceSelector>(() => deviceSelector))),
  /** Taints of devices that are put up with. */
  tolerations: optional(list(ref<DeviceToleration>(() => deviceToleration))),
});
export interface ExactDeviceRequest extends Infer<typeof exactDeviceRequest> {}
addRules(exactDeviceRequest, { defaults: countDefault });

/** One of several ways to fulfil a request. */
export const deviceSubRequest = object("DeviceSubRequest", {
  /** Name of the alternative; others refer to it as `REQUEST/NAME`. */
  name: string({ nonEmpty: true }),
  /** Whether `count` devices (ExactCount, the default) or every one that fits (All) is wanted. */
  allocationMode: oneOf(["All", "ExactCount"], { default: "ExactCount" }),
  /** Least amounts that each device must have, or give where it is shared. */
  capacity: optional(ref<CapacityRequirements>(() => capacityRequirements)),
  /** How many devices; 1 unless given, not with allocation mode All. */
  count: optional(int64({ omitZero: true, min: 1 })),
  /** Name of the class that the devices must be of. */
  deviceClassName: string({ nonEmpty: true }),
  /** Conditions that a device must all meet, beside those of its class. */
  selectors: optional(list(ref<DeviceSelector>(() => deviceSelector))),
  /** Taints of devices that are put up with. */
  tolerations: optional(list(ref<DeviceToleration>(() => deviceToleration))),
});
export interface DeviceSubRequest extends Infer<typeof deviceSubRequest> {}
addRules(deviceSubRequest, { defaults: countDefault });

/** A taint of devices that does not matter. */
export const deviceToleration = object("DeviceToleration", {
  /** Key of the taint; absent, with operator Exists, means every taint. */
  key: optional(string()),
  /** Equal (the default): `value` must be the taint's; Exists: any value will do. */
  operator: oneOf(["Equal", "Exists"], { default: "Equal" }),
  /** Effect of the taint: NoSchedule or NoExecute; absent means every effect. */
  effect: optional(oneOf(["NoExecute", "NoSchedule", "None"])),
  /** Seconds for which a taint with NoExecute is put up with; absent means for ever. */
  tolerationSeconds: optional(int64()),
  /** Value of the taint; none with operator Exists. */
  value: optional(string()),
});
export interface DeviceToleration extends Infer<typeof deviceToleration> {}

/** How much of a device is needed. */
export const capacityRequirements = object("CapacityRequirements", {
  /** Amount by name of the capacity. */
  requests: optional(map(quantity())),
});
export interface CapacityRequirements extends Infer<typeof capacityRequirements> {}

/** What must hold between the devices of several requests. */
export const deviceConstraint = object("DeviceConstraint", {
  /** Attribute that must differ between any two of the devices: `DOMAIN/NAME`. */
  distinctAttribute: optional(string()),
  /** Attribute that must be equal on all of the devices: `DOMAIN/NAME`. */
  matchAttribute: optional(string()),
  /** Requests whose devices are meant; none given means all. */
  requests: optional(list(string())),
});
export interface DeviceConstraint extends Infer<typeof deviceConstraint> {}

/** Set-up of the devices of a claim. */
export const deviceClaimConfiguration = object("DeviceClaimConfiguration", {
  /** Settings for a driver. */
  opaque: optional(ref<OpaqueDeviceConfiguration>(() => opaqueDeviceConfiguration)),
  /** Requests that this is for; none given means all. */
  requests: optional(list(string())),
});
export interface DeviceClaimConfiguration extends Infer<typeof deviceClaimConfiguration> {}
