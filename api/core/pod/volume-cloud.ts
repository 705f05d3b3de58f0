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
  /** Identifier of the EBS disk. */
  volumeID: string({ default: "" }),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Partition of the disk to mount, counted from 1; 0 or absent takes the whole disk. */
  partition: optional(int32()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof awsElasticBlockStoreVolumeSource> {}

/** A persistent disk of Google Cloud; served by a CSI driver. */
export const gcePersistentDiskVolumeSource = object("GCEPersistentDiskVolumeSource", {
  /** Name of the disk in Google Cloud. */
  pdName: string({ default: "" }),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Partition of the disk to mount, counted from 1; 0 or absent takes the whole disk. */
  partition: optional(int32()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface GCEPersistentDiskVolumeSource extends Infer<typeof gcePersistentDiskVolumeSource> {}

/** A disk of Azure; served by a CSI driver. */
export const azureDiskVolumeSource = object("AzureDiskVolumeSource", {
  /** Name of the disk in Azure. */
  diskName: string({ default: "" }),
  /** Address of the disk within Azure: of the blob, or of the managed disk. */
  diskURI: string({ default: "" }),
  /** How the host caches the disk: None, ReadOnly or ReadWrite (the default). */
  cachingMode: oneOf(["None", "ReadOnly", "ReadWrite"], { default: "ReadWrite" }),
  /** File system on the disk; `ext4` where nothing is said. */
  fsType: string({ default: "ext4" }),
  /** Where the disk is kept: in a Shared (the default) or Dedicated storage account, or Managed by Azure. */
  kind: oneOf(["Shared", "Dedicated", "Managed"], { default: "Shared" }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: boolean({ default: false }),
});
export interface AzureDiskVolumeSource extends Infer<typeof azureDiskVolumeSource> {}

/** A file share of Azure; served by a CSI driver. */
export const azureFileVolumeSource = object("AzureFileVolumeSource", {
  /** Secret with the name and key of the storage account. */
  secretName: string({ default: "" }),
  /** Name of the file share. */
  shareName: string({ default: "" }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface AzureFileVolumeSource extends Infer<typeof azureFileVolumeSource> {}

/** A Cinder volume of OpenStack; served by a CSI driver. */
export const cinderVolumeSource = object("CinderVolumeSource", {
  /** Identifier of the volume in Cinder. */
  volumeID: string({ default: "" }),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the login for OpenStack. */
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface CinderVolumeSource extends Infer<typeof cinderVolumeSource> {}

/** A disk of a Photon controller; the driver has left the tree. */
export const photonPersistentDiskVolumeSource = object("PhotonPersistentDiskVolumeSource", {
  /** Identifier of the disk on the Photon controller. */
  pdID: string({ default: "" }),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
});
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof photonPersistentDiskVolumeSource> {}

/** A disk of vSphere; served by a CSI driver. */
export const vsphereVirtualDiskVolumeSource = object("VsphereVirtualDiskVolumeSource", {
  /** Path of the virtual disk in its datastore. */
  volumePath: string({ default: "" }),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Identifier of the storage policy named by `storagePolicyName`. */
  storagePolicyID: optional(string()),
  /** Name of the storage policy that the disk keeps to. */
  storagePolicyName: optional(string()),
});
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof vsphereVirtualDiskVolumeSource> {}
