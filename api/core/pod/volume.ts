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
    /** A file for each key, renewed when the ConfigMap changes. */
    configMap: optional(ref<ConfigMapVolumeSource>(() => configMapVolumeSource)),
    /** A file for each key, renewed when the Secret changes. */
    secret: optional(ref<SecretVolumeSource>(() => secretVolumeSource)),
    /** ConfigMaps, Secrets, fields of the pod and tokens side by side. */
    projected: optional(ref<ProjectedVolumeSource>(() => projectedVolumeSource)),
    /** A file for each chosen field of the pod, such as its labels. */
    downwardAPI: optional(ref<DownwardAPIVolumeSource>(() => downwardAPIVolumeSource)),
    /** Mounts what the claim is bound to; it outlives the pod. */
    persistentVolumeClaim: optional(ref<PersistentVolumeClaimVolumeSource>(() => persistentVolumeClaimVolumeSource)),
    /** A claim that lives as long as the pod. */
    ephemeral: optional(ref<EphemeralVolumeSource>(() => ephemeralVolumeSource)),
    /** Shows a file or folder of the node; what is written outlives the pod. */
    hostPath: optional(ref<HostPathVolumeSource>(() => hostPathVolumeSource)),
    /** Made by its driver when the pod starts and thrown away when it ends. */
    csi: optional(ref<CSIVolumeSource>(() => csiVolumeSource)),
    /** A directory of a file server. */
    nfs: optional(ref<NFSVolumeSource>(() => nfsVolumeSource)),
    /** Fetched like a container's image; containers see its files but cannot write. */
    image: optional(ref<ImageVolumeSource>(() => imageVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    awsElasticBlockStore: optional(ref<AWSElasticBlockStoreVolumeSource>(() => awsElasticBlockStoreVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    azureDisk: optional(ref<AzureDiskVolumeSource>(() => azureDiskVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    azureFile: optional(ref<AzureFileVolumeSource>(() => azureFileVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    cephfs: optional(ref<CephFSVolumeSource>(() => cephFSVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    cinder: optional(ref<CinderVolumeSource>(() => cinderVolumeSource)),
    /** Attached to the node by its Fibre Channel adapter before containers start. */
    fc: optional(ref<FCVolumeSource>(() => fcVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    flexVolume: optional(ref<FlexVolumeSource>(() => flexVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    flocker: optional(ref<FlockerVolumeSource>(() => flockerVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    gcePersistentDisk: optional(ref<GCEPersistentDiskVolumeSource>(() => gcePersistentDiskVolumeSource)),
    /** Kept for old manifests; an init container that clones into an emptyDir does the same. */
    gitRepo: optional(ref<GitRepoVolumeSource>(() => gitRepoVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    glusterfs: optional(ref<GlusterfsVolumeSource>(() => glusterfsVolumeSource)),
    /** Attached to the node by its iSCSI initiator before containers start. */
    iscsi: optional(ref<ISCSIVolumeSource>(() => iscsiVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    photonPersistentDisk: optional(ref<PhotonPersistentDiskVolumeSource>(() => photonPersistentDiskVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
    portworxVolume: optional(ref<PortworxVolumeSource>(() => portworxVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    quobyte: optional(ref<QuobyteVolumeSource>(() => quobyteVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    rbd: optional(ref<RBDVolumeSource>(() => rbdVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    scaleIO: optional(ref<ScaleIOVolumeSource>(() => scaleIOVolumeSource)),
    /** Kept for old manifests; nothing mounts it any longer. */
    storageos: optional(ref<StorageOSVolumeSource>(() => storageOSVolumeSource)),
    /** Kept for old manifests; new ones use `csi`. */
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
  /** Most that the files may take, in bytes; a pod above it is evicted. No bound where absent. */
  sizeLimit: optional(quantity()),
});
export interface EmptyDirVolumeSource extends Infer<typeof emptyDirVolumeSource> {}
addRules(emptyDirVolumeSource, { validate: emptyDirRules });

/** A path of the node. */
export const hostPathVolumeSource = object("HostPathVolumeSource", {
  /** Path on the node, from the root; links are followed and `..` is refused. */
  path: string({ nonEmpty: true }),
  /** What must be there, or is made; empty asks for nothing. */
  type: string({ default: "", keepEmpty: true }),
});
export interface HostPathVolumeSource extends Infer<typeof hostPathVolumeSource> {}
addRules(hostPathVolumeSource, { validate: hostPathRules });

/** The keys of a ConfigMap as files. */
export const configMapVolumeSource = object("ConfigMapVolumeSource", {
  /** Permission bits of files that name none, 0 to 0777 (511 as decimal); 0644 where nothing is said. */
  defaultMode: int32({ default: 0o644 }),
  /** Only these keys; absent means all. */
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  /** ConfigMap of the pod's namespace. */
  name: optional(string()),
  /** The volume may be without its source. */
  optional: optional(boolean()),
});
export interface ConfigMapVolumeSource extends Infer<typeof configMapVolumeSource> {}
addRules(configMapVolumeSource, { validate: defaultModeRules });

/** The keys of a Secret as files. */
export const secretVolumeSource = object("SecretVolumeSource", {
  /** Permission bits of files that name none, 0 to 0777 (511 as decimal); 0644 where nothing is said. */
  defaultMode: int32({ default: 0o644 }),
  /** Only these keys; absent means all. */
  items: optional(list(ref<KeyToPath>(() => keyToPath))),
  /** True lets the pod start though the Secret or one of its keys is missing. */
  optional: optional(boolean()),
  /** Secret of the pod's namespace. */
  secretName: optional(string()),
});
export interface SecretVolumeSource extends Infer<typeof secretVolumeSource> {}
addRules(secretVolumeSource, { validate: defaultModeRules });

/** Which file a key becomes. */
export const keyToPath = object("KeyToPath", {
  /** Key of the ConfigMap or Secret. */
  key: string({ nonEmpty: true }),
  /** File in the volume that gets the key's value; relative, without `..`. */
  path: string({ nonEmpty: true }),
  /** Permission bits of this file, 0 to 0777 (511 as decimal); the volume's `defaultMode` where absent. */
  mode: optional(int32()),
});
export interface KeyToPath extends Infer<typeof keyToPath> {}
addRules(keyToPath, { validate: keyToPathRules });

/** Facts about the pod as files. */
export const downwardAPIVolumeSource = object("DownwardAPIVolumeSource", {
  /** Permission bits of files that name none, 0 to 0777 (511 as decimal); 0644 where nothing is said. */
  defaultMode: int32({ default: 0o644 }),
  /** Files to write, each with the fact that it holds. */
  items: optional(list(ref<DownwardAPIVolumeFile>(() => downwardAPIVolumeFile))),
});
export interface DownwardAPIVolumeSource extends Infer<typeof downwardAPIVolumeSource> {}
addRules(downwardAPIVolumeSource, { validate: defaultModeRules });

/** One fact about the pod, and the file that holds it. */
export const downwardAPIVolumeFile = object("DownwardAPIVolumeFile", {
  /** File in the volume that gets the value; relative, without `..`. */
  path: string({ nonEmpty: true }),
  /** Name, namespace, uid, labels or annotations to write into the file. */
  fieldRef: optional(ref<ObjectFieldSelector>(() => objectFieldSelector)),
  /** Permission bits of this file, 0 to 0777 (511 as decimal); the volume's `defaultMode` where absent. */
  mode: optional(int32()),
  /** Amount to write into the file, with `containerName`. */
  resourceFieldRef: optional(ref<ResourceFieldSelector>(() => resourceFieldSelector)),
});
export interface DownwardAPIVolumeFile extends Infer<typeof downwardAPIVolumeFile> {}
addRules(downwardAPIVolumeFile, { validate: downwardFileRules });

/** The volume behind a claim of the same namespace. */
export const persistentVolumeClaimVolumeSource = object("PersistentVolumeClaimVolumeSource", {
  /** Name of a PersistentVolumeClaim in the pod's namespace. */
  claimName: string({ nonEmpty: true }),
  /** True makes every mount of the volume in this pod read-only; false where absent. */
  readOnly: optional(boolean()),
});
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof persistentVolumeClaimVolumeSource> {}

/** An export of an NFS server. */
export const nfsVolumeSource = object("NFSVolumeSource", {
  /** Exported folder of the server, from the root. */
  path: string({ nonEmpty: true }),
  /** Host name or address of the NFS server. */
  server: string({ nonEmpty: true }),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
});
export interface NFSVolumeSource extends Infer<typeof nfsVolumeSource> {}

/** A volume that a storage driver makes for this pod alone. */
export const csiVolumeSource = object("CSIVolumeSource", {
  /** Name under which the storage driver is registered on nodes; at most 63 characters. */
  driver: string({ nonEmpty: true }),
  /** File system that the driver is to mount; its own choice where absent. */
  fsType: optional(string()),
  /** Secret given to the driver when a pod's node mounts the volume. */
  nodePublishSecretRef: optional(ref<LocalObjectReference>(() => localObjectReference)),
  /** True forbids every container to write to the volume; false where absent. */
  readOnly: optional(boolean()),
  /** Settings of the volume that only its driver understands. */
  volumeAttributes: optional(map(string())),
});
export interface CSIVolumeSource extends Infer<typeof csiVolumeSource> {}

/** The content of an OCI image or artifact, read-only. */
export const imageVolumeSource = object("ImageVolumeSource", {
  /**
   * When the image is fetched: Always, IfNotPresent or Never. The default is Always for the tag `latest` or none, else
   * IfNotPresent.
   */
  pullPolicy: optional(oneOf(["Always", "IfNotPresent", "Never"])),
  /** Name of the image or artifact, written as for containers. */
  reference: optional(string()),
});
export interface ImageVolumeSource extends Infer<typeof imageVolumeSource> {}
addRules(imageVolumeSource, { defaults: imagePullDefault, validate: imageVolumeRules });
