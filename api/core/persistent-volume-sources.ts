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
} from "../../apimachinery/schema/schema.js";
import { type ObjectReference, objectReference } from "./reference.js";

/** A disk or folder of one node. */
export const localVolumeSource = object("LocalVolumeSource", {
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Path on the node: a folder, or a block device. */
  path: string({ nonEmpty: true }),
});
export interface LocalVolumeSource extends Infer<typeof localVolumeSource> {}

/** A volume that a storage driver brings. */
export const csiPersistentVolumeSource = object("CSIPersistentVolumeSource", {
  /** Secret given to the driver's controller when it enlarges the volume. */
  controllerExpandSecretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Secret given to the driver's controller when it attaches the volume to a node or detaches it. */
  controllerPublishSecretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Name under which the storage driver is registered on nodes; at most 63 characters. */
  driver: string({ nonEmpty: true }),
  /** File system that the driver is to mount; its own choice where absent. */
  fsType: optional(string()),
  /** Secret given to the driver on the node when it enlarges the volume's file system. */
  nodeExpandSecretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Secret given to the driver when a pod's node mounts the volume. */
  nodePublishSecretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Secret given to the driver when the node prepares the volume, before any pod mounts it. */
  nodeStageSecretRef: optional(ref<SecretReference>(() => secretReference)),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Settings of the volume that only its driver understands. */
  volumeAttributes: optional(map(string())),
  /** Name of the volume within its driver; the driver chose it and it never changes. */
  volumeHandle: string({ nonEmpty: true }),
});
export interface CSIPersistentVolumeSource extends Infer<typeof csiPersistentVolumeSource> {}

/** Names a secret of any namespace. */
export const secretReference = object(
  "SecretReference",
  {
    /** Name of the Secret. */
    name: optional(string()),
    /** Namespace that holds the Secret. */
    namespace: optional(string()),
  },
  { mapType: "atomic" },
);
export interface SecretReference extends Infer<typeof secretReference> {}

/** A Ceph block device. */
export const rbdPersistentVolumeSource = object("RBDPersistentVolumeSource", {
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Name of the image within its pool. */
  image: string({ nonEmpty: true }),
  /** File on the node with the user's key; used where there is no `secretRef`. */
  keyring: string({ default: "/etc/ceph/keyring" }),
  /** Addresses of the Ceph monitors. */
  monitors: list(string(), { default: [] }),
  /** Ceph pool that holds the image; `rbd` where nothing is said. */
  pool: string({ default: "rbd" }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the Ceph user's key; takes the place of `keyring`. */
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Ceph user to log in as; `admin` where nothing is said. */
  user: string({ default: "admin" }),
});
export interface RBDPersistentVolumeSource extends Infer<typeof rbdPersistentVolumeSource> {}

/** A share of Azure Files. */
export const azureFilePersistentVolumeSource = object("AzureFilePersistentVolumeSource", {
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the name and key of the storage account. */
  secretName: string({ nonEmpty: true }),
  /** Namespace of the secret; that of the bound claim where absent. */
  secretNamespace: optional(string()),
  /** Name of the file share. */
  shareName: string({ nonEmpty: true }),
});
export interface AzureFilePersistentVolumeSource extends Infer<typeof azureFilePersistentVolumeSource> {}

/** A folder of a Ceph file system. */
export const cephFSPersistentVolumeSource = object("CephFSPersistentVolumeSource", {
  /** Addresses of the Ceph monitors. */
  monitors: list(string(), { default: [] }),
  /** Folder of the Ceph file system that becomes the volume's root; `/` where absent. */
  path: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** File on the node with the user's key; `/etc/ceph/user.secret` where absent. */
  secretFile: optional(string()),
  /** Secret with the Ceph user's key; takes the place of `secretFile`. */
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Ceph user to log in as; `admin` where absent. */
  user: optional(string()),
});
export interface CephFSPersistentVolumeSource extends Infer<typeof cephFSPersistentVolumeSource> {}

/** A volume of OpenStack. */
export const cinderPersistentVolumeSource = object("CinderPersistentVolumeSource", {
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the login for OpenStack. */
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Identifier of the volume in Cinder. */
  volumeID: string({ nonEmpty: true }),
});
export interface CinderPersistentVolumeSource extends Infer<typeof cinderPersistentVolumeSource> {}

/** A volume that a program on the node mounts. */
export const flexPersistentVolumeSource = object("FlexPersistentVolumeSource", {
  /** Name of the executable that mounts the volume, as `vendor/driver`. */
  driver: string({ nonEmpty: true }),
  /** File system that the driver is told to mount; its own choice where absent. */
  fsType: optional(string()),
  /** Settings passed on to the driver by name. */
  options: optional(map(string())),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret whose values are handed to the driver. */
  secretRef: optional(ref<SecretReference>(() => secretReference)),
});
export interface FlexPersistentVolumeSource extends Infer<typeof flexPersistentVolumeSource> {}

/** A volume of a Gluster cluster. */
export const glusterfsPersistentVolumeSource = object("GlusterfsPersistentVolumeSource", {
  /** Name of the Endpoints object with the addresses of the Gluster servers. */
  endpoints: string({ nonEmpty: true }),
  /** Namespace of those Endpoints; that of the bound claim where absent. */
  endpointsNamespace: optional(string()),
  /** Name of the Gluster volume. */
  path: string({ nonEmpty: true }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface GlusterfsPersistentVolumeSource extends Infer<typeof glusterfsPersistentVolumeSource> {}

/** A disk reached over iSCSI. */
export const iscsiPersistentVolumeSource = object("ISCSIPersistentVolumeSource", {
  /** Whether finding the target asks for a CHAP login. */
  chapAuthDiscovery: optional(boolean()),
  /** Whether the session with the target asks for a CHAP login. */
  chapAuthSession: optional(boolean()),
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** Qualified name under which the node introduces itself; its own where absent. */
  initiatorName: optional(string()),
  /** Qualified name of the iSCSI target. */
  iqn: string({ nonEmpty: true }),
  /** Interface of the node's iSCSI software that carries the session; `default` (TCP) where nothing is said. */
  iscsiInterface: string({ default: "default" }),
  /** Number of the disk within the target. */
  lun: int32({ default: 0 }),
  /** Further addresses of the same target, for more than one path to the disk. */
  portals: optional(list(string())),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the names and passwords of the CHAP logins. */
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  /** Address of the target, with a port where it is not 3260. */
  targetPortal: string({ nonEmpty: true }),
});
export interface ISCSIPersistentVolumeSource extends Infer<typeof iscsiPersistentVolumeSource> {}

/** A volume of ScaleIO. */
export const scaleIOPersistentVolumeSource = object("ScaleIOPersistentVolumeSource", {
  /** File system on the disk; `xfs` where nothing is said. */
  fsType: string({ default: "xfs" }),
  /** Address of the ScaleIO gateway. */
  gateway: string({ nonEmpty: true }),
  /** Protection domain that holds the storage pool. */
  protectionDomain: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the user and password for the gateway. */
  secretRef: ref<SecretReference>(() => secretReference, { default: {} }),
  /** Whether the gateway is spoken to over TLS; false where absent. */
  sslEnabled: optional(boolean()),
  /** ThinProvisioned (the default) or ThickProvisioned. */
  storageMode: string({ default: "ThinProvisioned" }),
  /** Pool of the protection domain that holds the volume. */
  storagePool: optional(string()),
  /** Name of the storage system as configured in ScaleIO. */
  system: string({ nonEmpty: true }),
  /** Name of the volume in ScaleIO. */
  volumeName: optional(string()),
});
export interface ScaleIOPersistentVolumeSource extends Infer<typeof scaleIOPersistentVolumeSource> {}

/** A volume of StorageOS. */
export const storageOSPersistentVolumeSource = object("StorageOSPersistentVolumeSource", {
  /** File system on the disk, such as `ext4` or `xfs`; left to the driver where absent. */
  fsType: optional(string()),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Secret with the login for the StorageOS API. */
  secretRef: optional(ref<ObjectReference>(() => objectReference)),
  /** Name of the StorageOS volume, unique within its StorageOS namespace. */
  volumeName: optional(string()),
  /** StorageOS namespace of the volume; named as the pod's namespace where absent. */
  volumeNamespace: optional(string()),
});
export interface StorageOSPersistentVolumeSource extends Infer<typeof storageOSPersistentVolumeSource> {}
