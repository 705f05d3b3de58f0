import {
  boolean,
  type Infer,
  int32,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { type LocalObjectReference, localObjectReference } from "../reference.js";

export const awsElasticBlockStoreVolumeSource = object("AWSElasticBlockStoreVolumeSource", {
  volumeID: string({ default: "" }),
  fsType: optional(string()),
  partition: optional(int32()),
  readOnly: optional(boolean()),
});
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof awsElasticBlockStoreVolumeSource> {}

export const gcePersistentDiskVolumeSource = object("GCEPersistentDiskVolumeSource", {
  pdName: string({ default: "" }),
  fsType: optional(string()),
  partition: optional(int32()),
  readOnly: optional(boolean()),
});
export interface GCEPersistentDiskVolumeSource extends Infer<typeof gcePersistentDiskVolumeSource> {}

export const azureDiskVolumeSource = object("AzureDiskVolumeSource", {
  diskName: string({ default: "" }),
  diskURI: string({ default: "" }),
  cachingMode: oneOf(["None", "ReadOnly", "ReadWrite"], { default: "ReadWrite" }),
  fsType: string({ default: "ext4" }),
  kind: oneOf(["Shared", "Dedicated", "Managed"], { default: "Shared" }),
  readOnly: boolean({ default: false }),
});
export interface AzureDiskVolumeSource extends Infer<typeof azureDiskVolumeSource> {}

export const azureFileVolumeSource = object("AzureFileVolumeSource", {
  secretName: string({ default: "" }),
  shareName: string({ default: "" }),
  readOnly: optional(boolean()),
});
export interface AzureFileVolumeSource extends Infer<typeof azureFileVolumeSource> {}

export const cinderVolumeSource = object("CinderVolumeSource", {
  volumeID: string({ default: "" }),
  fsType: optional(string()),
  readOnly: optional(boolean()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface CinderVolumeSource extends Infer<typeof cinderVolumeSource> {}

export const photonPersistentDiskVolumeSource = object("PhotonPersistentDiskVolumeSource", {
  pdID: string({ default: "" }),
  fsType: optional(string()),
});
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof photonPersistentDiskVolumeSource> {}

export const vsphereVirtualDiskVolumeSource = object("VsphereVirtualDiskVolumeSource", {
  volumePath: string({ default: "" }),
  fsType: optional(string()),
  storagePolicyID: optional(string()),
  storagePolicyName: optional(string()),
});
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof vsphereVirtualDiskVolumeSource> {}
