import type { ObjectMeta } from "../../apimachinery/meta.js";
import { dnsSubdomain } from "../../apimachinery/names.js";
import { compareQuantity } from "../../apimachinery/quantity.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { forbidden, invalid, invalidFor, notSupported, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { equal } from "../../base/equal.js";
import { accessModesText } from "./access-modes.js";
import type { PersistentVolumeSpec, PersistentVolumeStatus } from "./persistent-volume.js";

/** Rules and columns of volumes: one source each, which never changes. */

type Volume = ObjectWith<PersistentVolumeSpec, PersistentVolumeStatus>;

/** Fields of the spec that say where the volume lies. */
const sourceFields = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
] as const;

const given = (spec: PersistentVolumeSpec): readonly (typeof sourceFields)[number][] =>
  sourceFields.filter((field) => spec[field] !== undefined);

export const newVolumeStatus = ({ creationTimestamp }: ObjectMeta): PersistentVolumeStatus => ({
  phase: "Pending",
  ...(creationTimestamp === undefined ? {} : { lastPhaseTransitionTime: creationTimestamp }),
});

export function volumeSpecRules(spec: PersistentVolumeSpec): FieldError[] {
  const { accessModes = [], capacity = {}, storageClassName, mountOptions = [], nodeAffinity } = spec;
  const errors: FieldError[] = [];
  if (accessModes.length === 0) errors.push(required("accessModes"));
  if (accessModes.length > 1 && accessModes.includes("ReadWriteOncePod"))
    errors.push(forbidden("accessModes", "may not use ReadWriteOncePod with other access modes"));
  if (Object.keys(capacity).length === 0) errors.push(required("capacity"));
  else if (capacity.storage === undefined || Object.keys(capacity).length > 1)
    errors.push(notSupported("capacity", capacity, ["storage"]));
  for (const [name, amount] of Object.entries(capacity))
    if (compareQuantity(amount, "0") <= 0)
      errors.push(invalid(`capacity[${name}]`, amount, "must be greater than zero"));
  if (storageClassName !== undefined)
    errors.push(...invalidFor("storageClassName", storageClassName, dnsSubdomain(storageClassName)));
  if (nodeAffinity && !nodeAffinity.required)
    errors.push(required("nodeAffinity.required", "must specify required node constraints"));
  if (mountOptions.length > 0 && spec.hostPath)
    errors.push(forbidden("metadata.annotations", "may not specify mount options for this volume type"));
  return [...errors, ...sourceErrors(spec)];
}

function sourceErrors(spec: PersistentVolumeSpec): FieldError[] {
  const [first, ...more] = given(spec);
  if (first === undefined) return [required("", "must specify a volume type")];
  const errors = more.map((field) => forbidden(field, "may not specify more than 1 volume type"));
  const { local, hostPath, nodeAffinity, csi, persistentVolumeReclaimPolicy } = spec;
  if (local && !nodeAffinity) errors.push(required("nodeAffinity", "Local volume requires node affinity"));
  if (local?.path.split("/").includes("..")) errors.push(invalid("local.path", local.path, "must not contain '..'"));
  if (hostPath?.path === "/" && persistentVolumeReclaimPolicy === "Recycle")
    errors.push(forbidden("persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"));
  if (csi) errors.push(...invalidFor("csi.driver", csi.driver, dnsSubdomain(csi.driver.toLowerCase())));
  return errors;
}

export function volumeUpdateErrors(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): FieldError[] {
  const errors: FieldError[] = [];
  const sourceOf = (of: PersistentVolumeSpec): object =>
    Object.fromEntries(given(of).map((field) => [field, of[field]]));
  if (!equal(sourceOf(spec), sourceOf(old)))
    errors.push(forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
  if (spec.volumeMode !== old.volumeMode)
    errors.push(invalid("spec.volumeMode", spec.volumeMode, "field is immutable"));
  if (old.nodeAffinity && !equal(spec.nodeAffinity, old.nodeAffinity))
    errors.push(invalid("spec.nodeAffinity", spec.nodeAffinity ?? null, "field is immutable"));
  return errors;
}

export const volumeColumns: readonly Column<Volume>[] = [
  nameColumn,
  { name: "Capacity", cell: ({ spec }) => spec.capacity?.storage ?? "" },
  { name: "Access Modes", cell: ({ spec }) => accessModesText(spec.accessModes) },
  { name: "Reclaim Policy", cell: ({ spec }) => spec.persistentVolumeReclaimPolicy },
  {
    name: "Status",
    cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating"),
  },
  {
    name: "Claim",
    cell: ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}` : ""),
  },
  { name: "StorageClass", cell: ({ spec }) => spec.storageClassName ?? "" },
  { name: "VolumeAttributesClass", cell: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>" },
  { name: "Reason", cell: ({ status }) => status?.reason ?? "" },
  ageColumn,
  { name: "VolumeMode", priority: 1, cell: ({ spec }) => spec.volumeMode },
];
