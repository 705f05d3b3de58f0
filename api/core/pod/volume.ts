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
    /** Shows a file or folder of the node; what is written outlives the pod. */
    hostPath: optional(ref<HostPathVolumeSource>(() => hostPathVolumeSource)),
    /** A volume of a storage driver that lives as long as the pod. */
    csi: optional(ref<CSIVolumeSource>(() => csiVolumeSource)),
    /** A directory of a file server. */
    nfs: optional(ref<NFSVolumeSource>(() => nfsVolumeSource)),
    /** The content of an image. */
    image: optional(ref<ImageVolumeSource>(() => imageVolumeSource)),
    /** EBS disk; kept for old manifests, use a CSI driver. */
    awsElasticBlockStore: optional(ref<AWSElasticBlockStoreVolumeSource>(() => awsElasticBlockStoreVolumeSource)),
    /** Data disk of Azure; kept for old manifests, use a CSI driver. */
    azureDisk: optional(ref<AzureDiskVolumeSource>(() => azureDiskVolumeSource)),
    /** Share of Azure Files; kept for old manifests, use a CSI driver. */
    azureFile: optional(ref<AzureFileVolumeSource>(() => azureFileVolumeSource)),
    /** Folder of CephFS; kept for old manifests, its driver is gone. */
    cephfs: optional(ref<CephFSVolumeSource>(() => cephFSVolumeSource)),
    /** OpenStack Cinder volume; kept for old manifests, use a CSI driver. */
    cinder: optional(ref<CinderVolumeSource>(() => cinderVolumeSource)),
    /** Disk reached over Fibre Channel, attached to the node. */
    fc: optional(ref<FCVolumeSource>(() => fcVolumeSource)),
    /** Volume of a driver program installed on nodes; kept for old manifests, use a CSI driver. */
    flexVolume: optional(ref<FlexVolumeSource>(() => flexVolumeSource)),
    /** Flocker dataset; kept for old manifests, its driver is gone. */
    flocker: optional(ref<FlockerVolumeSource>(() => flockerVolumeSource)),
    /** Disk of Google Compute Engine; kept for old manifests, use a CSI driver. */
    gcePersistentDisk: optional(ref<GCEPersistentDiskVolumeSource>(() => gcePersistentDiskVolumeSource)),
    /** Git repository cloned into an empty directory; kept for old manifests, an init container does the same. */
    gitRepo: optional(ref<GitRepoVolumeSource>(() => gitRepoVolumeSource)),
    /** Gluster volume mounted on the node; kept for old manifests, its driver is gone. */
    glusterfs: optional(ref<GlusterfsVolumeSource>(() => glusterfsVolumeSource)),
    /** Disk reached over iSCSI, attached to the node. */
    iscsi: optional(ref<ISCSIVolumeSource>(() => iscsiVolumeSource)),
    /** Photon disk; kept for old manifests, its driver is gone. */
    photonPersistentDisk: optional(ref<PhotonPersistentDiskVolumeSource>(() => photonPersistentDiskVolumeSource)),
    /** Portworx volume; kept for old manifests, use a CSI driver. */
    portworxVolume: optional(ref<PortworxVolumeSource>(() => portworxVolumeSource)),
    /** Quobyte volume mounted on the node; kept for old manifests, its driver is gone. */
    quobyte: optional(ref<QuobyteVolumeSource>(() => quobyteVolumeSource)),
    /** Ceph image mounted on the node; kept for old manifests, its driver is gone. */
    rbd: optional(ref<RBDVolumeSource>(() => rbdVolumeSource)),
    /** ScaleIO volume attached to the node; kept for old manifests, its driver is gone. */
    scaleIO: optional(ref<ScaleIOVolumeSource>(() => scaleIOVolumeSource)),
    /** StorageOS volume attached to the node; kept for old manifests, its driver is gone. */
    storageos: optional(ref<StorageOSVolumeSource>(() => storageOSVolumeSource)),
    /** vSphere disk attached to the node; kept for old manifests, use a CSI driver. */
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
  /** Field of the pod to write: its name, namespace, uid, labels or annotations. */
  fieldRef: optional(ref<ObjectFieldSelector>(() => objectFieldSelector)),
  /** Permission bits of this file, 0 to 0777 (511 as decimal); the volume's `defaultMode` where absent. */
  mode: optional(int32()),
  /** Request or limit to write; the container must be named. */
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
