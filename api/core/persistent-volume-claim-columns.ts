import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { accessModesText } from "./access-modes.js";
import type { PersistentVolumeClaimStatus } from "./persistent-volume-claim.js";
import type { PersistentVolumeClaimSpec } from "./pod/volume-claim.js";

/** What `kubectl get persistentvolumeclaims` shows. */

type Claim = ObjectWith<PersistentVolumeClaimSpec, PersistentVolumeClaimStatus>;

const isBound = ({ spec }: Claim): boolean => spec.volumeName !== undefined;

export const claimColumns: readonly Column<Claim>[] = [
  nameColumn,
  {
    name: "Status",
    cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating"),
  },
  { name: "Volume", cell: ({ spec }) => spec.volumeName ?? "" },
  { name: "Capacity", cell: (claim) => (isBound(claim) ? (claim.status?.capacity?.storage ?? "") : "") },
  { name: "Access Modes", cell: (claim) => (isBound(claim) ? accessModesText(claim.status?.accessModes) : "") },
  { name: "StorageClass", cell: ({ spec }) => spec.storageClassName ?? "" },
  { name: "VolumeAttributesClass", cell: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>" },
  ageColumn,
  { name: "VolumeMode", priority: 1, cell: ({ spec }) => spec.volumeMode },
];
