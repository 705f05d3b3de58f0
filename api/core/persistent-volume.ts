import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { newVolumeStatus, volumeColumns, volumeSpecRules, volumeUpdateErrors } from "./persistent-volume-rules.js";
import {
  type AzureFilePersistentVolumeSource,
  azureFilePersistentVolumeSource,
  type CephFSPersistentVolumeSource,
  type CinderPersistentVolumeSource,
  type CSIPersistentVolumeSource,
  cephFSPersistentVolumeSource,
  cinderPersistentVolumeSource,
  csiPersistentVolumeSource,
  type FlexPersistentVolumeSource,
  flexPersistentVolumeSource,
  type GlusterfsPersistentVolumeSource,
  glusterfsPersistentVolumeSource,
  type ISCSIPersistentVolumeSource,
  iscsiPersistentVolumeSource,
  type LocalVolumeSource,
  localVolumeSource,
  type RBDPersistentVolumeSource,
  rbdPersistentVolumeSource,
  type ScaleIOPersistentVolumeSource,
  type StorageOSPersistentVolumeSource,
  scaleIOPersistentVolumeSource,
  storageOSPersistentVolumeSource,
} from "./persistent-volume-sources.js";
import { type NodeSelector, nodeSelector } from "./pod/affinity.js";
import {
  type HostPathVolumeSource,
  hostPathVolumeSource,
  type NFSVolumeSource,
  nfsVolumeSource,
} from "./pod/volume.js";
import {
  type AWSElasticBlockStoreVolumeSource,
  type AzureDiskVolumeSource,
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  type GCEPersistentDiskVolumeSource,
  gcePersistentDiskVolumeSource,
  type PhotonPersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  type VsphereVirtualDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from "./pod/volume-cloud.js";
import {
  type FCVolumeSource,
  type FlockerVolumeSource,
  fcVolumeSource,
  flockerVolumeSource,
  type PortworxVolumeSource,
  portworxVolumeSource,
  type QuobyteVolumeSource,
  quobyteVolumeSource,
} from "./pod/volume-network.js";
import { type ObjectReference, objectReference } from "./reference.js";

/** Where a volume lies, how large it is, and who has it. */
export const persistentVolumeSpec = object("PersistentVolumeSpec", {
  /** Size of the volume, under `storage`. */
  capacity: optional(map(quantity())),
  /**
   * How it may be mounted: ReadWriteOnce (one node), ReadOnlyMany, ReadWriteMany (many nodes), ReadWriteOncePod (one
   * pod).
   */
  accessModes: optional(list(oneOf(["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]))),
  /** Whether pods see a mounted Filesystem (the default) or a raw Block device. */
  volumeMode: oneOf(["Block", "Filesystem"], { default: "Filesystem" }),
  /** Class that the volume belongs to; only claims of the same class bind to it. Empty belongs to none. */
  storageClassName: optional(string()),
  /** What becomes of the volume once its claim is gone. */
  persistentVolumeReclaimPolicy: oneOf(["Delete", "Recycle", "Retain"], { default: "Retain" }),
  /** The claim that has the volume, or for which it is kept. */
  claimRef: optional(ref<ObjectReference>(() => objectReference)),
  /** Nodes from which the volume can be reached. */
  nodeAffinity: optional(ref<VolumeNodeAffinity>(() => volumeNodeAffinity)),
  /** Options given to the mount command, unchecked; a wrong one fails the mount. */
  mountOptions: optional(list(string())),
  /** VolumeAttributesClass whose parameters the volume has; empty means none. */
  volumeAttributesClassName: optional(string()),
  /** EBS disk; kept for old manifests, use a CSI driver. */
  awsElasticBlockStore: optional(ref<AWSElasticBlockStoreVolumeSource>(() => awsElasticBlockStoreVolumeSource)),
  /** Data disk of Azure; kept for old manifests, use a CSI driver. */
  azureDisk: optional(ref<AzureDiskVolumeSource>(() => azureDiskVolumeSource)),
  /** Share of Azure Files; kept for old manifests, use a CSI driver. */
  azureFile: optional(ref<AzureFilePersistentVolumeSource>(() => azureFilePersistentVolumeSource)),
  /** Folder of CephFS; kept for old manifests, its driver is gone. */
  cephfs: optional(ref<CephFSPersistentVolumeSource>(() => cephFSPersistentVolumeSource)),
  /** OpenStack Cinder volume; kept for old manifests, use a CSI driver. */
  cinder: optional(ref<CinderPersistentVolumeSource>(() => cinderPersistentVolumeSource)),
  /** Volume that a CSI driver provides and mounts. */
  csi: optional(ref<CSIPersistentVolumeSource>(() => csiPersistentVolumeSource)),
  /** Disk reached over Fibre Channel, attached to the node. */
  fc: optional(ref<FCVolumeSource>(() => fcVolumeSource)),
  /** Volume of a driver program installed on nodes; kept for old manifests, use a CSI driver. */
  flexVolume: optional(ref<FlexPersistentVolumeSource>(() => flexPersistentVolumeSource)),
  /** Flocker dataset; kept for old manifests, its driver is gone. */
  flocker: optional(ref<FlockerVolumeSource>(() => flockerVolumeSource)),
  /** Disk of Google Compute Engine; kept for old manifests, use a CSI driver. */
  gcePersistentDisk: optional(ref<GCEPersistentDiskVolumeSource>(() => gcePersistentDiskVolumeSource)),
  /** Gluster volume mounted on the node; kept for old manifests, its driver is gone. */
  glusterfs: optional(ref<GlusterfsPersistentVolumeSource>(() => glusterfsPersistentVolumeSource)),
  /** Folder of a node, for trials on a single node: nothing ties pods to that node. */
  hostPath: optional(ref<HostPathVolumeSource>(() => hostPathVolumeSource)),
  /** Disk reached over iSCSI, attached to the node. */
  iscsi: optional(ref<ISCSIPersistentVolumeSource>(() => iscsiPersistentVolumeSource)),
  /** Disk or folder mounted on one node; `nodeAffinity` says which. */
  local: optional(ref<LocalVolumeSource>(() => localVolumeSource)),
  /** Folder exported by an NFS server. */
  nfs: optional(ref<NFSVolumeSource>(() => nfsVolumeSource)),
  /** Photon disk; kept for old manifests, its driver is gone. */
  photonPersistentDisk: optional(ref<PhotonPersistentDiskVolumeSource>(() => photonPersistentDiskVolumeSource)),
  /** Portworx volume; kept for old manifests, use a CSI driver. */
  portworxVolume: optional(ref<PortworxVolumeSource>(() => portworxVolumeSource)),
  /** Quobyte volume mounted on the node; kept for old manifests, its driver is gone. */
  quobyte: optional(ref<QuobyteVolumeSource>(() => quobyteVolumeSource)),
  /** Ceph image mounted on the node; kept for old manifests, its driver is gone. */
  rbd: optional(ref<RBDPersistentVolumeSource>(() => rbdPersistentVolumeSource)),
  /** ScaleIO volume attached to the node; kept for old manifests, its driver is gone. */
  scaleIO: optional(ref<ScaleIOPersistentVolumeSource>(() => scaleIOPersistentVolumeSource)),
  /** StorageOS volume attached to the node; kept for old manifests, its driver is gone. */
  storageos: optional(ref<StorageOSPersistentVolumeSource>(() => storageOSPersistentVolumeSource)),
  /** vSphere disk attached to the node; kept for old manifests, use a CSI driver. */
  vsphereVolume: optional(ref<VsphereVirtualDiskVolumeSource>(() => vsphereVirtualDiskVolumeSource)),
});
export interface PersistentVolumeSpec extends Infer<typeof persistentVolumeSpec> {}
addRules(persistentVolumeSpec, { validate: volumeSpecRules });

/** Nodes from which a volume can be reached. */
export const volumeNodeAffinity = object("VolumeNodeAffinity", {
  /** What a node must satisfy for the volume to be reached from it; pods that use the volume go nowhere else. */
  required: optional(ref<NodeSelector>(() => nodeSelector)),
});
export interface VolumeNodeAffinity extends Infer<typeof volumeNodeAffinity> {}

/** Whether a volume is in use. */
export const persistentVolumeStatus = object("PersistentVolumeStatus", {
  /** When `phase` changed last. */
  lastPhaseTransitionTime: optional(time()),
  /** Why it is in this phase, in a sentence. */
  message: optional(string()),
  /** Pending, Available, Bound, Released (its claim is gone) or Failed (reclaiming it went wrong). */
  phase: string({ default: "Pending" }),
  /** Why it failed, as one CamelCase word for programs. */
  reason: optional(string()),
});
export interface PersistentVolumeStatus extends Infer<typeof persistentVolumeStatus> {}

/** A piece of storage that outlives the pods that use it. */
export const persistentVolumes = defineResource({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  shortNames: ["pv"],
  scope: "Cluster",
  spec: persistentVolumeSpec,
  status: persistentVolumeStatus,
  subresources: { status: true },
  notBuilt: "controller",
  countsGeneration: false,
  defaults: ({ status }) => (status ? {} : { status: { phase: "Pending" } }),
  prepare: (volume, old) => (old ? volume : { ...volume, status: newVolumeStatus(volume.metadata) }),
  validate: ({ spec }, old) => (old ? volumeUpdateErrors(spec, old.spec) : []),
  columns: volumeColumns,
});
export interface PersistentVolume extends ObjectOf<typeof persistentVolumes> {}
