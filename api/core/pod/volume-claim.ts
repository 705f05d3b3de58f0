import { type LabelSelector, labelSelector } from "../../../apimachinery/label-selector.js";
import { type ObjectMeta, objectMeta } from "../../../apimachinery/meta.js";
import {
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import {
  type TypedLocalObjectReference,
  type TypedObjectReference,
  typedLocalObjectReference,
  typedObjectReference,
} from "../reference.js";

/** A claim made for this pod, gone with it. */
export const ephemeralVolumeSource = object("EphemeralVolumeSource", {
  /** Claim to make; it is named after pod and volume, and the pod owns it. */
  volumeClaimTemplate: optional(ref<PersistentVolumeClaimTemplate>(() => persistentVolumeClaimTemplate)),
});
export interface EphemeralVolumeSource extends Infer<typeof ephemeralVolumeSource> {}

/** What the claim made for a pod looks like. */
export const persistentVolumeClaimTemplate = object("PersistentVolumeClaimTemplate", {
  /** Copied into the claim as it stands. */
  spec: ref<PersistentVolumeClaimSpec>(() => persistentVolumeClaimSpec),
  /** Labels and annotations of the claim; nothing else may be set. */
  metadata: optional(ref<ObjectMeta>(() => objectMeta)),
});
export interface PersistentVolumeClaimTemplate extends Infer<typeof persistentVolumeClaimTemplate> {}

/** What kind of storage is asked for. */
export const persistentVolumeClaimSpec = object("PersistentVolumeClaimSpec", {
  /** By how many nodes it is written and read. */
  accessModes: optional(list(oneOf(["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]))),
  /** What it is filled from. */
  dataSource: optional(ref<TypedLocalObjectReference>(() => typedLocalObjectReference)),
  /** What it is filled from, of any kind. */
  dataSourceRef: optional(ref<TypedObjectReference>(() => typedObjectReference)),
  /** How large it has to be. */
  resources: ref<VolumeResourceRequirements>(() => volumeResourceRequirements, { default: {} }),
  /** Labels of volumes that suit. */
  selector: optional(ref<LabelSelector>(() => labelSelector)),
  /** By whose rules its volume is made. */
  storageClassName: optional(string({ keepEmpty: true })),
  /** VolumeAttributesClass whose parameters the volume gets; may change while the volume is in use. */
  volumeAttributesClassName: optional(string({ keepEmpty: true })),
  /** Filesystem or Block. */
  volumeMode: oneOf(["Filesystem", "Block"], { default: "Filesystem" }),
  /** The volume that it has. */
  volumeName: optional(string()),
});
export interface PersistentVolumeClaimSpec extends Infer<typeof persistentVolumeClaimSpec> {}

/** How much storage is asked for. */
export const volumeResourceRequirements = object("VolumeResourceRequirements", {
  /** Largest size that suits, under `storage`. */
  limits: optional(map(quantity())),
  /** Smallest size that suits, under `storage`; may grow later where the storage class allows it. */
  requests: optional(map(quantity())),
});
export interface VolumeResourceRequirements extends Infer<typeof volumeResourceRequirements> {}
