import type { KubeObject, ObjectMeta } from "../../apimachinery/meta.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import type { CSIDriverSpec } from "./csi-driver.js";

/** What kubectl shows of storage classes and drivers. */

const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** The class for claims that name none. */
export const isDefaultClass = ({ annotations = {} }: ObjectMeta): boolean =>
  defaultAnnotations.some((key) => annotations[key] === "true");

type Class = KubeObject & {
  readonly provisioner: string;
  readonly reclaimPolicy: string;
  readonly volumeBindingMode: string;
  readonly allowVolumeExpansion?: boolean;
};

export const storageClassColumns: readonly Column<Class>[] = [
  {
    ...nameColumn,
    cell: ({ metadata }) => (isDefaultClass(metadata) ? `${metadata.name} (default)` : metadata.name),
  },
  { name: "Provisioner", cell: ({ provisioner }) => provisioner },
  { name: "ReclaimPolicy", cell: ({ reclaimPolicy }) => reclaimPolicy },
  { name: "VolumeBindingMode", cell: ({ volumeBindingMode }) => volumeBindingMode },
  { name: "AllowVolumeExpansion", type: "boolean", cell: ({ allowVolumeExpansion = false }) => allowVolumeExpansion },
  ageColumn,
];

export const csiDriverColumns: readonly Column<ObjectWith<CSIDriverSpec>>[] = [
  nameColumn,
  { name: "AttachRequired", type: "boolean", cell: ({ spec }) => spec.attachRequired },
  { name: "PodInfoOnMount", type: "boolean", cell: ({ spec }) => spec.podInfoOnMount },
  { name: "StorageCapacity", type: "boolean", cell: ({ spec }) => spec.storageCapacity },
  {
    name: "TokenRequests",
    cell: ({ spec }) => (spec.tokenRequests ?? []).map(({ audience }) => audience).join(",") || "<unset>",
  },
  { name: "RequiresRepublish", type: "boolean", cell: ({ spec }) => spec.requiresRepublish },
  { name: "Modes", cell: ({ spec }) => spec.volumeLifecycleModes.join(",") },
  ageColumn,
];
