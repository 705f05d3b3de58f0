import {
  addRules,
  boolean,
  type Infer,
  int32,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { type LocalObjectReference, localObjectReference } from "../reference.js";
import {
  type ObjectFieldSelector,
  objectFieldSelector,
  type ResourceFieldSelector,
  resourceFieldSelector,
} from "./env.js";
import { type EphemeralVolumeSource, ephemeralVolumeSource } from "./volume-claim.js";
import {
  type AWSElasticBlockStoreVolumeSource,
  type AzureDiskVolumeSource,
  type AzureFileVolumeSource,
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  type CinderVolumeSource,
  cinderVolumeSource,
  type GCEPersistentDiskVolumeSource,
  gcePersistentDiskVolumeSource,
  type PhotonPersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  type VsphereVirtualDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from "./volume-cloud.js";
import {
  type CephFSVolumeSource,
  cephFSVolumeSource,
  type FCVolumeSource,
  type FlexVolumeSource,
  type FlockerVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  type GitRepoVolumeSource,
  type GlusterfsVolumeSource,
  gitRepoVolumeSource,
  glusterfsVolumeSource,
  type ISCSIVolumeSource,
  iscsiVolumeSource,
  type PortworxVolumeSource,
  portworxVolumeSource,
  type QuobyteVolumeSource,
  quobyteVolumeSource,
  type RBDVolumeSource,
  rbdVolumeSource,
  type ScaleIOVolumeSource,
  type StorageOSVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
} from "./volume-network.js";
import { type ProjectedVolumeSource, projectedVolumeSource } from "./volume-projected.js";
import {
  defaultModeRules,
  defaultSource,
  downwardFileRules,
  emptyDirRules,
  hostPathRules,
  imagePullDefault,
  imageVolumeRules,
  keyToPathRules,
  volumeRules,
} from "./volume-rules.js";

/** A directory or device that containers of the pod may share: one source each. */
export const volume = object(
  "Volume",
  {
    /** Unique within the pod. */
    name: string({ nonEmpty: true }),
    /** A directory that lives as long as the pod. */
    emptyDir: optional(ref<EmptyDirVolumeSource>(() => emptyDirVolumeSource)),
    /** Keys of a ConfigMap as files. */
    configMap: optional(ref<ConfigMapVolumeSource>(() => configMapVolumeSource)),
    /** Keys of a Secret as files. */
    secret: optional(ref<SecretVolumeSource>(() => secretVolumeSource)),
    /** Several sources in one directory. */
    projected: optional(ref<ProjectedVolumeSource>(() => projectedVolumeSource)),
    /** Fields of the pod as files. */
    downwardAPI: optional(ref<DownwardAPIVolumeSource>(() => downwardAPIVolumeSource)),
    /** The volume of a claim. */
    persistentVolumeClaim: optional(ref<PersistentVolumeClaimVolumeSource>(() => persistentVolumeClaimVolumeSource)),
    /** A claim that lives as long as the pod. */
    ephemeral: optional(ref<EphemeralVolumeSource>(() => ephemeralVolumeSource)),
    /** A path of the node. */
    hostPath: optional(ref<HostPathVolumeSource>(() => hostPathVolumeSource)),
    /** A volume of a storage driver that lives as long as the pod. */
    csi: optional(ref<CSIVolumeSource>(() => csiVolumeSource)),
    /** A directory of a file server. */
    nfs: optional(ref<NFSVolumeSource>(() => nfsVolumeSource)),
    /** The content of an image. */
    image: optional(ref<ImageVolumeSource>(() => imageVolumeSource)),
    awsElasticBlockStore: optional(ref<AWSElasticBlockStoreVolumeSource>(() => awsElasticBlockStoreVolumeSource)),
    azureDisk: optional(ref<AzureDiskVolumeSource>(() => azureDiskVolumeSource)),
    azureFile: optional(ref<AzureFileVolumeSource>(() => azureFileVolumeSource)),
    cephfs: optional(ref<CephFSVolumeSource>(() => cephFSVolumeSource)),
    cinder: optional(ref<CinderVolumeSource>(() => cinderVolumeSource)),
    fc: optional(ref<FCVolumeSource>(() => fcVolumeSource)),
    flexVolume: optional(ref<FlexVolumeSource>(() => flexVolumeSource)),
    flocker: optional(ref<FlockerVolumeSource>(() => flockerVolumeSource)),
    gcePersistentDisk: optional(ref<GCEPersistentDiskVolumeSource>(() => gcePersistentDiskVolumeSource)),
    gitRepo: optional(ref<GitRepoVolumeSource>(() => gitRepoVolumeSource)),
    glusterfs: optional(ref<GlusterfsVolumeSource>(() => glusterfsVolumeSource)),
    iscsi: optional(ref<ISCSIVolumeSource>(() => iscsiVolumeSource)),
    photonPersistentDisk: optional(ref<PhotonPersistentDiskVolumeSource>(() => photonPersistentDiskVolumeSource)),
    portworxVolume: optional(ref<PortworxVolumeSource>(() => portworxVolumeSource)),
    quobyte: optional(ref<QuobyteVolumeSource>(() => quobyteVolumeSource)),
    rbd: optional(ref<RBDVolumeSource>(() => rbdVolumeSource)),
    scaleIO: optional(ref<ScaleIOVolumeSource>(() => scaleIOVolumeSource)),
    storageos: optional(ref<StorageOSVolumeSource>(() => storageOSVolumeSource)),
    vsphereVolume: optional(ref<VsphereVirtualDiskVolumeSource>(() => vsphereVirtualDiskVolumeSource)),
  },
  { retainKeys: true },
);
export interface Volume extends Infer<typeof volume> {}
addRules(volume, { defaults: defaultSource, validate: volumeRules });

/** A directory that starts empty and goes with the pod. */
export const emptyDirVolumeSource = object("EmptyDirVolumeSource", {
  /** `Memory` for a file system in memory, `HugePages` and the like. */
  medium: optional(string()),
  sizeLimit: optional(quantity()),
});
export interface EmptyDirVolumeSource extends Infer<typeof emptyDirVolumeSource> {}
addRules(emptyDirVolumeSource, { validate: emptyDirRules });

/** A path of the node. */
export const hostPathVolumeSource = object("HostPathVolumeSource", {
  path: string({ nonEmpty: true }),
  /** What must be there, or is made; empty asks for nothing. */
  type: string({ default: "", keepEmpty: true }),
});
export interface HostPathVolumeSource extends Infer<typeof hostPathVolumeSource> {}
addRules(hostPathVolumeSource, { validate: hostPathRules });

/** The keys of a ConfigMap as files. */
export const configMapVolumeSource = object("ConfigMapVolumeSource", {
  defaultMode: int32({ default: 0o644 }),
  /** Only these keys; absent means all. */
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  name: optional(string()),
  /** The volume may be without its source. */
  optional: optional(boolean()),
});
export interface ConfigMapVolumeSource extends Infer<typeof configMapVolumeSource> {}
addRules(configMapVolumeSource, { validate: defaultModeRules });

/** The keys of a Secret as files. */
export const secretVolumeSource = object("SecretVolumeSource", {
  defaultMode: int32({ default: 0o644 }),
  /** Only these keys; absent means all. */
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  optional: optional(boolean()),
  secretName: optional(string()),
});
export interface SecretVolumeSource extends Infer<typeof secretVolumeSource> {}
addRules(secretVolumeSource, { validate: defaultModeRules });

/** Which file a key becomes. */
export const keyToPath = object("KeyToPath", {
  key: string({ nonEmpty: true }),
  path: string({ nonEmpty: true }),
  mode: optional(int32()),
});
export interface KeyToPath extends Infer<typeof keyToPath> {}
addRules(keyToPath, { validate: keyToPathRules });

/** Facts about the pod as files. */
export const downwardAPIVolumeSource = object("DownwardAPIVolumeSource", {
  defaultMode: int32({ default: 0o644 }),
  items: optional(list(ref<DownwardAPIVolumeFile>(() => downwardAPIVolumeFile))),
});
export interface DownwardAPIVolumeSource extends Infer<typeof downwardAPIVolumeSource> {}
addRules(downwardAPIVolumeSource, { validate: defaultModeRules });

/** One fact about the pod, and the file that holds it. */
export const downwardAPIVolumeFile = object("DownwardAPIVolumeFile", {
  path: string({ nonEmpty: true }),
  fieldRef: optional(ref<ObjectFieldSelector>(() => objectFieldSelector)),
  mode: optional(int32()),
  resourceFieldRef: optional(ref<ResourceFieldSelector>(() => resourceFieldSelector)),
});
export interface DownwardAPIVolumeFile extends Infer<typeof downwardAPIVolumeFile> {}
addRules(downwardAPIVolumeFile, { validate: downwardFileRules });

/** The volume behind a claim of the same namespace. */
export const persistentVolumeClaimVolumeSource = object("PersistentVolumeClaimVolumeSource", {
  claimName: string({ nonEmpty: true }),
  readOnly: optional(boolean()),
});
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof persistentVolumeClaimVolumeSource> {}

/** An export of an NFS server. */
export const nfsVolumeSource = object("NFSVolumeSource", {
  path: string({ nonEmpty: true }),
  server: string({ nonEmpty: true }),
  readOnly: optional(boolean()),
});
export interface NFSVolumeSource extends Infer<typeof nfsVolumeSource> {}

/** A volume that a storage driver makes for this pod alone. */
export const csiVolumeSource = object("CSIVolumeSource", {
  driver: string({ nonEmpty: true }),
  fsType: optional(string()),
  nodePublishSecretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  readOnly: optional(boolean()),
  volumeAttributes: optional(map(string())),
});
export interface CSIVolumeSource extends Infer<typeof csiVolumeSource> {}

/** The content of an OCI image or artifact, read-only. */
export const imageVolumeSource = object("ImageVolumeSource", {
  pullPolicy: optional(oneOf(["Always", "IfNotPresent", "Never"])),
  reference: optional(string()),
});
export interface ImageVolumeSource extends Infer<typeof imageVolumeSource> {}
addRules(imageVolumeSource, { defaults: imagePullDefault, validate: imageVolumeRules });
