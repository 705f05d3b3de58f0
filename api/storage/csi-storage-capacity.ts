import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { optional, quantity, ref, string } from "../../apimachinery/schema/schema.js";

/** How much room a storage class has in one part of the cluster. */
export const csiStorageCapacities = defineResource({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  allowUnconditionalUpdate: false,
  fields: {
    /** The storage class that the figures are for; never changes. */
    storageClassName: string({ nonEmpty: true }),
    /** The nodes for which this holds; absent means none. */
    nodeTopology: optional(ref<LabelSelector>(() => labelSelector)),
    /** Bytes that are free in all; absent if unknown. */
    capacity: optional(quantity()),
    /** Size of the largest volume that could be made; absent if unknown. */
    maximumVolumeSize: optional(quantity()),
  },
  notBuilt: "effect",
  immutable: ["nodeTopology", "storageClassName"],
  columns: [
    nameColumn,
    { name: "StorageClassName", cell: ({ storageClassName }) => storageClassName },
    { name: "Capacity", cell: ({ capacity }) => capacity },
  ],
});
export interface CSIStorageCapacity extends ObjectOf<typeof csiStorageCapacities> {}
