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

/** An EBS disk of AWS; served by a CSI driver. */
export const awsElasticBlockStoreVolumeSource = object("AWSElasticBlockStoreVolumeSource", {
  volumeID: string({ default: "" }),
  fsType: optional(string()),
  partition: optional(int32()),
  readOnly: optional(boolean()),
});
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof awsElasticBlockStoreVolumeSource> {}

/** A persistent disk of Google Cloud; served by a CSI driver. */
export const gcePersistentDiskVolumeSource = object("GCEPersistentDiskVolumeSource", {
  pdName: string({ default: "" }),
  fsType: optional(string()),
  partition: optional(int32()),
  readOnly: optional(boolean()),
});
export interface GCEPersistentDiskVolumeSource extends Infer<typeof gcePersistentDiskVolumeSource> {}

/** A disk of Azure; served by a CSI driver. */
export const azureDiskVolumeSource = object("AzureDiskVolumeSource", {
  diskName: string({ default: "" }),
  diskURI: string({ default: "" }),
  cachingMode: oneOf(["None", "ReadOnly", "ReadWrite"], { default: "ReadWrite" }),
  fsType: string({ default: "ext4" }),
  kind: oneOf(["Shared", "Dedicated", "Managed"], { default: "Shared" }),
  readOnly: boolean({ default: false }),
});
export interface AzureDiskVolumeSource extends Infer<typeof azureDiskVolumeSource> {}

/** A file share of Azure; served by a CSI driver. */
export const azureFileVolumeSource = object("AzureFileVolumeSource", {
  secretName: string({ default: "" }),
  shareName: string({ default: "" }),
  readOnly: optional(boolean()),
});
export interface AzureFileVolumeSource extends Infer<typeof azureFileVolumeSource> {}

/** A Cinder volume of OpenStack; served by a CSI driver. */
export const cinderVolumeSource = object("CinderVolumeSource", {
  volumeID: string({ default: "" }),
  fsType: optional(string()),
  readOnly: optional(boolean()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface CinderVolumeSource extends Infer<typeof cinderVolumeSource> {}

/** A disk of a Photon controller; the driver has left the tree. */
export const photonPersistentDiskVolumeSource = object("PhotonPersistentDiskVolumeSource", {
  pdID: string({ default: "" }),
  fsType: optional(string()),
});
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof photonPersistentDiskVolumeSource> {}

/** A disk of vSphere; served by a CSI driver. */
export const vsphereVirtualDiskVolumeSource = object("VsphereVirtualDiskVolumeSource", {
  volumePath: string({ default: "" }),
  fsType: optional(string()),
  storagePolicyID: optional(string()),
  storagePolicyName: optional(string()),
});
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof vsphereVirtualDiskVolumeSource> {}
