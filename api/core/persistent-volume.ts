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
  /** Keeps pods that use the volume on those nodes; fixed once set. */
  nodeAffinity: optional(ref<VolumeNodeAffinity>(() => volumeNodeAffinity)),
  /** Options given to the mount command, unchecked; a wrong one fails the mount. */
  mountOptions: optional(list(string())),
  /** VolumeAttributesClass whose parameters the volume has; empty means none. */
  volumeAttributesClassName: optional(string()),
  /** Kept for old manifests; new ones use `csi`. */
  awsElasticBlockStore: optional(ref<AWSElasticBlockStoreVolumeSource>(() => awsElasticBlockStoreVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
  azureDisk: optional(ref<AzureDiskVolumeSource>(() => azureDiskVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
  azureFile: optional(ref<AzureFilePersistentVolumeSource>(() => azureFilePersistentVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  cephfs: optional(ref<CephFSPersistentVolumeSource>(() => cephFSPersistentVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
  cinder: optional(ref<CinderPersistentVolumeSource>(() => cinderPersistentVolumeSource)),
  /** Made, attached and mounted by a CSI driver, which is the usual way. */
  csi: optional(ref<CSIPersistentVolumeSource>(() => csiPersistentVolumeSource)),
  /** Attached to the node by its Fibre Channel adapter before containers start. */
  fc: optional(ref<FCVolumeSource>(() => fcVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
  flexVolume: optional(ref<FlexPersistentVolumeSource>(() => flexPersistentVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  flocker: optional(ref<FlockerVolumeSource>(() => flockerVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
  gcePersistentDisk: optional(ref<GCEPersistentDiskVolumeSource>(() => gcePersistentDiskVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  glusterfs: optional(ref<GlusterfsPersistentVolumeSource>(() => glusterfsPersistentVolumeSource)),
  /** Folder of a node, for trials on a single node: nothing ties pods to that node. */
  hostPath: optional(ref<HostPathVolumeSource>(() => hostPathVolumeSource)),
  /** Attached to the node by its iSCSI initiator before containers start. */
  iscsi: optional(ref<ISCSIPersistentVolumeSource>(() => iscsiPersistentVolumeSource)),
  /** Ties its pods to one machine: `nodeAffinity` must say which. */
  local: optional(ref<LocalVolumeSource>(() => localVolumeSource)),
  /** Mounted from a file server; many nodes may write at once. */
  nfs: optional(ref<NFSVolumeSource>(() => nfsVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  photonPersistentDisk: optional(ref<PhotonPersistentDiskVolumeSource>(() => photonPersistentDiskVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
  portworxVolume: optional(ref<PortworxVolumeSource>(() => portworxVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  quobyte: optional(ref<QuobyteVolumeSource>(() => quobyteVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  rbd: optional(ref<RBDPersistentVolumeSource>(() => rbdPersistentVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  scaleIO: optional(ref<ScaleIOPersistentVolumeSource>(() => scaleIOPersistentVolumeSource)),
  /** Kept for old manifests; nothing mounts it any longer. */
  storageos: optional(ref<StorageOSPersistentVolumeSource>(() => storageOSPersistentVolumeSource)),
  /** Kept for old manifests; new ones use `csi`. */
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
