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
  fsType: optional(string()),
  path: string({ nonEmpty: true }),
});
export interface LocalVolumeSource extends Infer<typeof localVolumeSource> {}

/** A volume that a storage driver brings. */
export const csiPersistentVolumeSource = object("CSIPersistentVolumeSource", {
  controllerExpandSecretRef: optional(ref<SecretReference>(() => secretReference)),
  controllerPublishSecretRef: optional(ref<SecretReference>(() => secretReference)),
  driver: string({ nonEmpty: true }),
  fsType: optional(string()),
  nodeExpandSecretRef: optional(ref<SecretReference>(() => secretReference)),
  nodePublishSecretRef: optional(ref<SecretReference>(() => secretReference)),
  nodeStageSecretRef: optional(ref<SecretReference>(() => secretReference)),
  readOnly: optional(boolean()),
  volumeAttributes: optional(map(string())),
  volumeHandle: string({ nonEmpty: true }),
});
export interface CSIPersistentVolumeSource extends Infer<typeof csiPersistentVolumeSource> {}

/** Names a secret of any namespace. */
export const secretReference = object(
  "SecretReference",
  {
    name: optional(string()),
    namespace: optional(string()),
  },
  { mapType: "atomic" },
);
export interface SecretReference extends Infer<typeof secretReference> {}

/** A Ceph block device. */
export const rbdPersistentVolumeSource = object("RBDPersistentVolumeSource", {
  fsType: optional(string()),
  image: string({ nonEmpty: true }),
  keyring: string({ default: "/etc/ceph/keyring" }),
  monitors: list(string(), { default: [] }),
  pool: string({ default: "rbd" }),
  readOnly: optional(boolean()),
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  user: string({ default: "admin" }),
});
export interface RBDPersistentVolumeSource extends Infer<typeof rbdPersistentVolumeSource> {}

/** A share of Azure Files. */
export const azureFilePersistentVolumeSource = object("AzureFilePersistentVolumeSource", {
  readOnly: optional(boolean()),
  secretName: string({ nonEmpty: true }),
  secretNamespace: optional(string()),
  shareName: string({ nonEmpty: true }),
});
export interface AzureFilePersistentVolumeSource extends Infer<typeof azureFilePersistentVolumeSource> {}

/** A folder of a Ceph file system. */
export const cephFSPersistentVolumeSource = object("CephFSPersistentVolumeSource", {
  monitors: list(string(), { default: [] }),
  path: optional(string()),
  readOnly: optional(boolean()),
  secretFile: optional(string()),
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  user: optional(string()),
});
export interface CephFSPersistentVolumeSource extends Infer<typeof cephFSPersistentVolumeSource> {}

/** A volume of OpenStack. */
export const cinderPersistentVolumeSource = object("CinderPersistentVolumeSource", {
  fsType: optional(string()),
  readOnly: optional(boolean()),
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  volumeID: string({ nonEmpty: true }),
});
export interface CinderPersistentVolumeSource extends Infer<typeof cinderPersistentVolumeSource> {}

/** A volume that a program on the node mounts. */
export const flexPersistentVolumeSource = object("FlexPersistentVolumeSource", {
  driver: string({ nonEmpty: true }),
  fsType: optional(string()),
  options: optional(map(string())),
  readOnly: optional(boolean()),
  secretRef: optional(ref<SecretReference>(() => secretReference)),
});
export interface FlexPersistentVolumeSource extends Infer<typeof flexPersistentVolumeSource> {}

/** A volume of a Gluster cluster. */
export const glusterfsPersistentVolumeSource = object("GlusterfsPersistentVolumeSource", {
  endpoints: string({ nonEmpty: true }),
  endpointsNamespace: optional(string()),
  path: string({ nonEmpty: true }),
  readOnly: optional(boolean()),
});
export interface GlusterfsPersistentVolumeSource extends Infer<typeof glusterfsPersistentVolumeSource> {}

/** A disk reached over iSCSI. */
export const iscsiPersistentVolumeSource = object("ISCSIPersistentVolumeSource", {
  chapAuthDiscovery: optional(boolean()),
  chapAuthSession: optional(boolean()),
  fsType: optional(string()),
  initiatorName: optional(string()),
  iqn: string({ nonEmpty: true }),
  iscsiInterface: string({ default: "default" }),
  lun: int32({ default: 0 }),
  portals: optional(list(string())),
  readOnly: optional(boolean()),
  secretRef: optional(ref<SecretReference>(() => secretReference)),
  targetPortal: string({ nonEmpty: true }),
});
export interface ISCSIPersistentVolumeSource extends Infer<typeof iscsiPersistentVolumeSource> {}

/** A volume of ScaleIO. */
export const scaleIOPersistentVolumeSource = object("ScaleIOPersistentVolumeSource", {
  fsType: string({ default: "xfs" }),
  gateway: string({ nonEmpty: true }),
  protectionDomain: optional(string()),
  readOnly: optional(boolean()),
  secretRef: ref<SecretReference>(() => secretReference, { default: {} }),
  sslEnabled: optional(boolean()),
  storageMode: string({ default: "ThinProvisioned" }),
  storagePool: optional(string()),
  system: string({ nonEmpty: true }),
  volumeName: optional(string()),
});
export interface ScaleIOPersistentVolumeSource extends Infer<typeof scaleIOPersistentVolumeSource> {}

/** A volume of StorageOS. */
export const storageOSPersistentVolumeSource = object("StorageOSPersistentVolumeSource", {
  fsType: optional(string()),
  readOnly: optional(boolean()),
  secretRef: optional(ref<ObjectReference>(() => objectReference)),
  volumeName: optional(string()),
  volumeNamespace: optional(string()),
});
export interface StorageOSPersistentVolumeSource extends Infer<typeof storageOSPersistentVolumeSource> {}
