import {
  boolean,
  type Infer,
  int32,
  list,
  map,
  object,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { type LocalObjectReference, localObjectReference } from "../reference.js";

/** A disk of an iSCSI target. */
export const iscsiVolumeSource = object("ISCSIVolumeSource", {
  iqn: string({ default: "" }),
  lun: int32({ default: 0 }),
  targetPortal: string({ default: "" }),
  chapAuthDiscovery: optional(boolean()),
  chapAuthSession: optional(boolean()),
  fsType: optional(string()),
  initiatorName: optional(string()),
  iscsiInterface: string({ default: "default" }),
  portals: optional(list(string())),
  readOnly: optional(boolean()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface ISCSIVolumeSource extends Infer<typeof iscsiVolumeSource> {}

/** A disk on Fibre Channel. */
export const fcVolumeSource = object("FCVolumeSource", {
  fsType: optional(string()),
  lun: optional(int32()),
  readOnly: optional(boolean()),
  targetWWNs: optional(list(string())),
  wwids: optional(list(string())),
});
export interface FCVolumeSource extends Infer<typeof fcVolumeSource> {}

/** A directory of a Ceph file system; the driver has left the tree. */
export const cephFSVolumeSource = object("CephFSVolumeSource", {
  monitors: list(string()),
  path: optional(string()),
  readOnly: optional(boolean()),
  secretFile: optional(string()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  user: optional(string()),
});
export interface CephFSVolumeSource extends Infer<typeof cephFSVolumeSource> {}

/** A Ceph block device; the driver has left the tree. */
export const rbdVolumeSource = object("RBDVolumeSource", {
  image: string({ default: "" }),
  monitors: list(string()),
  fsType: optional(string()),
  keyring: string({ default: "/etc/ceph/keyring" }),
  pool: string({ default: "rbd" }),
  readOnly: optional(boolean()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  user: string({ default: "admin" }),
});
export interface RBDVolumeSource extends Infer<typeof rbdVolumeSource> {}

/** A Gluster volume; the driver has left the tree. */
export const glusterfsVolumeSource = object("GlusterfsVolumeSource", {
  endpoints: string({ default: "" }),
  path: string({ default: "" }),
  readOnly: optional(boolean()),
});
export interface GlusterfsVolumeSource extends Infer<typeof glusterfsVolumeSource> {}

/** A volume made by an executable on the node; superseded by CSI. */
export const flexVolumeSource = object("FlexVolumeSource", {
  driver: string({ default: "" }),
  fsType: optional(string()),
  options: optional(map(string())),
  readOnly: optional(boolean()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface FlexVolumeSource extends Infer<typeof flexVolumeSource> {}

/** A Quobyte volume; the driver has left the tree. */
export const quobyteVolumeSource = object("QuobyteVolumeSource", {
  registry: string({ default: "" }),
  volume: string({ default: "" }),
  group: optional(string()),
  readOnly: optional(boolean()),
  tenant: optional(string()),
  user: optional(string()),
});
export interface QuobyteVolumeSource extends Infer<typeof quobyteVolumeSource> {}

/** A ScaleIO volume; the driver has left the tree. */
export const scaleIOVolumeSource = object("ScaleIOVolumeSource", {
  gateway: string({ default: "" }),
  secretRef: ref<LocalObjectReference>(() => localObjectReference),
  system: string({ default: "" }),
  fsType: string({ default: "xfs" }),
  protectionDomain: optional(string()),
  readOnly: optional(boolean()),
  sslEnabled: optional(boolean()),
  storageMode: string({ default: "ThinProvisioned" }),
  storagePool: optional(string()),
  volumeName: optional(string()),
});
export interface ScaleIOVolumeSource extends Infer<typeof scaleIOVolumeSource> {}

/** A StorageOS volume; the driver has left the tree. */
export const storageOSVolumeSource = object("StorageOSVolumeSource", {
  fsType: optional(string()),
  readOnly: optional(boolean()),
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  volumeName: optional(string()),
  volumeNamespace: optional(string()),
});
export interface StorageOSVolumeSource extends Infer<typeof storageOSVolumeSource> {}

/** A Portworx volume; served by a CSI driver. */
export const portworxVolumeSource = object("PortworxVolumeSource", {
  volumeID: string({ default: "" }),
  fsType: optional(string()),
  readOnly: optional(boolean()),
});
export interface PortworxVolumeSource extends Infer<typeof portworxVolumeSource> {}

/** A Flocker dataset; the driver has left the tree. */
export const flockerVolumeSource = object("FlockerVolumeSource", {
  datasetName: optional(string()),
  datasetUUID: optional(string()),
});
export interface FlockerVolumeSource extends Infer<typeof flockerVolumeSource> {}

/** A clone of a git repository; no longer served. */
export const gitRepoVolumeSource = object("GitRepoVolumeSource", {
  repository: string({ default: "" }),
  directory: optional(string()),
  revision: optional(string()),
});
export interface GitRepoVolumeSource extends Infer<typeof gitRepoVolumeSource> {}
