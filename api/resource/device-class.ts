import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { any, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** Which devices belong to the class, and how they are set up. */
export const deviceClassSpec = object("DeviceClassSpec", {
  /** Set-up for every device that is given under this class. */
  config: optional(list(ref<DeviceClassConfiguration>(() => deviceClassConfiguration))),
  /** Name under which containers may ask for such a device in their resources: `example.com/gpu`. */
  extendedResourceName: optional(string()),
  /** Conditions that a device must all meet. */
  selectors: optional(list(ref<DeviceSelector>(() => deviceSelector))),
});
export interface DeviceClassSpec extends Infer<typeof deviceClassSpec> {}

/** A condition on devices. */
export const deviceSelector = object("DeviceSelector", {
  /** The condition, in CEL. */
  cel: optional(ref<CELDeviceSelector>(() => celDeviceSelector)),
});
export interface DeviceSelector extends Infer<typeof deviceSelector> {}

/** An expression that must be true of a device. */
export const celDeviceSelector = object("CELDeviceSelector", {
  /** True of the devices that are meant; sees `device` with its driver, attributes and capacity. */
  expression: string({ nonEmpty: true }),
});
export interface CELDeviceSelector extends Infer<typeof celDeviceSelector> {}

/** Set-up of the devices of a class. */
export const deviceClassConfiguration = object("DeviceClassConfiguration", {
  /** Settings for a driver. */
  opaque: optional(ref<OpaqueDeviceConfiguration>(() => opaqueDeviceConfiguration)),
});
export interface DeviceClassConfiguration extends Infer<typeof deviceClassConfiguration> {}

/** Set-up that only the driver understands. */
export const opaqueDeviceConfiguration = object("OpaqueDeviceConfiguration", {
  /** The driver that reads the settings; others leave them alone. */
  driver: string({ nonEmpty: true }),
  /** The settings, in a form of the driver's own. */
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
