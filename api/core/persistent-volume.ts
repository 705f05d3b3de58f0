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
  capacity: optional(map(quantity())),
  accessModes: optional(list(oneOf(["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]))),
  volumeMode: oneOf(["Block", "Filesystem"], { default: "Filesystem" }),
  storageClassName: optional(string()),
  /** What becomes of the volume once its claim is gone. */
  persistentVolumeReclaimPolicy: oneOf(["Delete", "Recycle", "Retain"], { default: "Retain" }),
  /** The claim that has the volume, or for which it is kept. */
  claimRef: optional(ref<ObjectReference>(() => objectReference)),
  /** Nodes from which the volume can be reached. */
  nodeAffinity: optional(ref<VolumeNodeAffinity>(() => volumeNodeAffinity)),
  mountOptions: optional(list(string())),
  volumeAttributesClassName: optional(string()),
  awsElasticBlockStore: optional(ref<AWSElasticBlockStoreVolumeSource>(() => awsElasticBlockStoreVolumeSource)),
  azureDisk: optional(ref<AzureDiskVolumeSource>(() => azureDiskVolumeSource)),
  azureFile: optional(ref<AzureFilePersistentVolumeSource>(() => azureFilePersistentVolumeSource)),
  cephfs: optional(ref<CephFSPersistentVolumeSource>(() => cephFSPersistentVolumeSource)),
  cinder: optional(ref<CinderPersistentVolumeSource>(() => cinderPersistentVolumeSource)),
  csi: optional(ref<CSIPersistentVolumeSource>(() => csiPersistentVolumeSource)),
  fc: optional(ref<FCVolumeSource>(() => fcVolumeSource)),
  flexVolume: optional(ref<FlexPersistentVolumeSource>(() => flexPersistentVolumeSource)),
  flocker: optional(ref<FlockerVolumeSource>(() => flockerVolumeSource)),
  gcePersistentDisk: optional(ref<GCEPersistentDiskVolumeSource>(() => gcePersistentDiskVolumeSource)),
  glusterfs: optional(ref<GlusterfsPersistentVolumeSource>(() => glusterfsPersistentVolumeSource)),
  hostPath: optional(ref<HostPathVolumeSource>(() => hostPathVolumeSource)),
  iscsi: optional(ref<ISCSIPersistentVolumeSource>(() => iscsiPersistentVolumeSource)),
  local: optional(ref<LocalVolumeSource>(() => localVolumeSource)),
  nfs: optional(ref<NFSVolumeSource>(() => nfsVolumeSource)),
  photonPersistentDisk: optional(ref<PhotonPersistentDiskVolumeSource>(() => photonPersistentDiskVolumeSource)),
  portworxVolume: optional(ref<PortworxVolumeSource>(() => portworxVolumeSource)),
  quobyte: optional(ref<QuobyteVolumeSource>(() => quobyteVolumeSource)),
  rbd: optional(ref<RBDPersistentVolumeSource>(() => rbdPersistentVolumeSource)),
  scaleIO: optional(ref<ScaleIOPersistentVolumeSource>(() => scaleIOPersistentVolumeSource)),
  storageos: optional(ref<StorageOSPersistentVolumeSource>(() => storageOSPersistentVolumeSource)),
  vsphereVolume: optional(ref<VsphereVirtualDiskVolumeSource>(() => vsphereVirtualDiskVolumeSource)),
});
export interface PersistentVolumeSpec extends Infer<typeof persistentVolumeSpec> {}
addRules(persistentVolumeSpec, { validate: volumeSpecRules });

/** Nodes from which a volume can be reached. */
export const volumeNodeAffinity = object("VolumeNodeAffinity", {
  required: optional(ref<NodeSelector>(() => nodeSelector)),
});
export interface VolumeNodeAffinity extends Infer<typeof volumeNodeAffinity> {}

/** Whether a volume is in use. */
export const persistentVolumeStatus = object("PersistentVolumeStatus", {
  lastPhaseTransitionTime: optional(time()),
  message: optional(string()),
  phase: string({ default: "Pending" }),
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
