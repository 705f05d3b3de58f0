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
  /** Qualified name of the iSCSI target. */
  iqn: string({ default: "" }),
  /** Number of the disk within the target. */
  lun: int32({ default: 0 }),
  /** Address of the target, with a port where it is not 3260. */
  targetPortal: string({ default: "" }),
  /** Whether finding the target asks for a CHAP login. */
  chapAuthDiscovery: optional(boolean()),
  /** Whether the session with the target asks for a CHAP login. */
  chapAuthSession: optional(boolean()),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Qualified name under which the node introduces itself; its own where absent. */
  initiatorName: optional(string()),
  /** Interface of the node's iSCSI software that carries the session; `default` (TCP) where nothing is said. */
  iscsiInterface: string({ default: "default" }),
  /** Further addresses of the same target, for more than one path to the disk. */
  portals: optional(list(string())),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the names and passwords of the CHAP logins. */
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface ISCSIVolumeSource extends Infer<typeof iscsiVolumeSource> {}

/** A disk on Fibre Channel. */
export const fcVolumeSource = object("FCVolumeSource", {
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Number of the disk within the target; goes with `targetWWNs`. */
  lun: optional(int32()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** World-wide names of the target's ports; with `lun`, one of the two ways to name the disk. */
  targetWWNs: optional(list(string())),
  /** World-wide identifiers of the disk; the other way to name it, in place of `targetWWNs` and `lun`. */
  wwids: optional(list(string())),
});
export interface FCVolumeSource extends Infer<typeof fcVolumeSource> {}

/** A directory of a Ceph file system; the driver has left the tree. */
export const cephFSVolumeSource = object("CephFSVolumeSource", {
  /** Addresses of the Ceph monitors. */
  monitors: list(string()),
  /** Folder of the Ceph file system that becomes the volume's root; `/` where absent. */
  path: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** File on the node with the user's key; `/etc/ceph/user.secret` where absent. */
  secretFile: optional(string()),
  /** Secret with the Ceph user's key; takes the place of `secretFile`. */
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  /** Ceph user to log in as; `admin` where absent. */
  user: optional(string()),
});
export interface CephFSVolumeSource extends Infer<typeof cephFSVolumeSource> {}

/** A Ceph block device; the driver has left the tree. */
export const rbdVolumeSource = object("RBDVolumeSource", {
  /** Name of the image within its pool. */
  image: string({ default: "" }),
  /** Addresses of the Ceph monitors. */
  monitors: list(string()),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** File on the node with the user's key; used where there is no `secretRef`. */
  keyring: string({ default: "/etc/ceph/keyring" }),
  /** Ceph pool that holds the image; `rbd` where nothing is said. */
  pool: string({ default: "rbd" }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the Ceph user's key; takes the place of `keyring`. */
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  /** Ceph user to log in as; `admin` where nothing is said. */
  user: string({ default: "admin" }),
});
export interface RBDVolumeSource extends Infer<typeof rbdVolumeSource> {}

/** A Gluster volume; the driver has left the tree. */
export const glusterfsVolumeSource = object("GlusterfsVolumeSource", {
  /** Name of the Endpoints object with the addresses of the Gluster servers. */
  endpoints: string({ default: "" }),
  /** Name of the Gluster volume. */
  path: string({ default: "" }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface GlusterfsVolumeSource extends Infer<typeof glusterfsVolumeSource> {}

/** A volume made by an executable on the node; superseded by CSI. */
export const flexVolumeSource = object("FlexVolumeSource", {
  /** Name of the executable that mounts the volume, as `vendor/driver`. */
  driver: string({ default: "" }),
  /** File system that the driver is told to mount; its own choice where absent. */
  fsType: optional(string()),
  /** Settings passed on to the driver by name. */
  options: optional(map(string())),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret whose values are handed to the driver. */
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
});
export interface FlexVolumeSource extends Infer<typeof flexVolumeSource> {}

/** A Quobyte volume; the driver has left the tree. */
export const quobyteVolumeSource = object("QuobyteVolumeSource", {
  /** Quobyte registries to ask, as `host:port`, parted by commas. */
  registry: string({ default: "" }),
  /** Name of the Quobyte volume. */
  volume: string({ default: "" }),
  /** Group that the mount is made as; none where absent. */
  group: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Quobyte tenant that owns the volume. */
  tenant: optional(string()),
  /** User that the mount is made as. */
  user: optional(string()),
});
export interface QuobyteVolumeSource extends Infer<typeof quobyteVolumeSource> {}

/** A ScaleIO volume; the driver has left the tree. */
export const scaleIOVolumeSource = object("ScaleIOVolumeSource", {
  /** Address of the ScaleIO gateway. */
  gateway: string({ default: "" }),
  /** Secret with the user and password for the gateway. */
  secretRef: ref<LocalObjectReference>(() => localObjectReference),
  /** Name of the storage system as configured in ScaleIO. */
  system: string({ default: "" }),
  /** File system on the disk; `xfs` where nothing is said. */
  fsType: string({ default: "xfs" }),
  /** Protection domain that holds the storage pool. */
  protectionDomain: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Whether the gateway is spoken to over TLS; false where absent. */
  sslEnabled: optional(boolean()),
  /** ThinProvisioned (the default) or ThickProvisioned. */
  storageMode: string({ default: "ThinProvisioned" }),
  /** Pool of the protection domain that holds the volume. */
  storagePool: optional(string()),
  /** Name of the volume in ScaleIO. */
  volumeName: optional(string()),
});
export interface ScaleIOVolumeSource extends Infer<typeof scaleIOVolumeSource> {}

/** A StorageOS volume; the driver has left the tree. */
export const storageOSVolumeSource = object("StorageOSVolumeSource", {
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the login for the StorageOS API. */
  secretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  /** Name of the StorageOS volume, unique within its StorageOS namespace. */
  volumeName: optional(string()),
  /** StorageOS namespace of the volume; named as the pod's namespace where absent. */
  volumeNamespace: optional(string()),
});
export interface StorageOSVolumeSource extends Infer<typeof storageOSVolumeSource> {}

/** A Portworx volume; served by a CSI driver. */
export const portworxVolumeSource = object("PortworxVolumeSource", {
  /** Identifier of the volume in Portworx. */
  volumeID: string({ default: "" }),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface PortworxVolumeSource extends Infer<typeof portworxVolumeSource> {}

/** A Flocker dataset; the driver has left the tree. */
export const flockerVolumeSource = object("FlockerVolumeSource", {
  /** Name of the Flocker dataset; older than `datasetUUID`. */
  datasetName: optional(string()),
  /** Identifier of the Flocker dataset. */
  datasetUUID: optional(string()),
});
export interface FlockerVolumeSource extends Infer<typeof flockerVolumeSource> {}

/** A clone of a git repository; no longer served. */
export const gitRepoVolumeSource = object("GitRepoVolumeSource", {
  /** Address of the repository. */
  repository: string({ default: "" }),
  /** Folder below the volume's root that gets the clone; `.` makes it the root itself. */
  directory: optional(string()),
  /** Commit to check out. */
  revision: optional(string()),
});
export interface GitRepoVolumeSource extends Infer<typeof gitRepoVolumeSource> {}
