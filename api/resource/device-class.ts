import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { any, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** Which devices belong to the class, and how they are set up. */
export const deviceClassSpec = object("DeviceClassSpec", {
  config: optional(list(ref<DeviceClassConfiguration>(() => deviceClassConfiguration))),
  extendedResourceName: optional(string()),
  selectors: optional(list(ref<DeviceSelector>(() => deviceSelector))),
});
export interface DeviceClassSpec extends Infer<typeof deviceClassSpec> {}

/** A condition on devices. */
export const deviceSelector = object("DeviceSelector", {
  cel: optional(ref<CELDeviceSelector>(() => celDeviceSelector)),
});
export interface DeviceSelector extends Infer<typeof deviceSelector> {}

/** An expression that must be true of a device. */
export const celDeviceSelector = object("CELDeviceSelector", {
  expression: string({ nonEmpty: true }),
});
export interface CELDeviceSelector extends Infer<typeof celDeviceSelector> {}

/** Set-up of the devices of a class. */
export const deviceClassConfiguration = object("DeviceClassConfiguration", {
  opaque: optional(ref<OpaqueDeviceConfiguration>(() => opaqueDeviceConfiguration)),
});
export interface DeviceClassConfiguration extends Infer<typeof deviceClassConfiguration> {}

/** Set-up that only the driver understands. */
export const opaqueDeviceConfiguration = object("OpaqueDeviceConfiguration", {
  driver: string({ nonEmpty: true }),
  parameters: any(),
});
export interface OpaqueDeviceConfiguration extends Infer<typeof opaqueDeviceConfiguration> {}

/** A sort of device that claims can ask for. */
export const deviceClasses = defineResource({
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  spec: deviceClassSpec,
  notBuilt: "effect",
});
export interface DeviceClass extends ObjectOf<typeof deviceClasses> {}
