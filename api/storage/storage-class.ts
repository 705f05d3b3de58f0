import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  boolean,
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { storageClassColumns } from "./columns.js";
import { forbiddenChanges } from "./rules.js";

/** Where volumes may be made: everything stated here must hold. */
export const topologySelectorTerm = object(
  "TopologySelectorTerm",
  {
    /** Requirements on the node's labels, all of which must hold. */
    matchLabelExpressions: optional(
      list(ref<TopologySelectorLabelRequirement>(() => topologySelectorLabelRequirement)),
    ),
  },
  { mapType: "atomic" },
);
export interface TopologySelectorTerm extends Infer<typeof topologySelectorTerm> {}

/** A label of the node, and what its value may be. */
export const topologySelectorLabelRequirement = object("TopologySelectorLabelRequirement", {
  /** Label of the node. */
  key: string({ nonEmpty: true }),
  /** Any one of these is right. */
  values: list(string(), { default: [] }),
});
export interface TopologySelectorLabelRequirement extends Infer<typeof topologySelectorLabelRequirement> {}

/** A sort of storage that claims can ask for, and who makes volumes of it. */
export const storageClasses = defineResource({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  scope: "Cluster",
  fields: {
    /** Who makes the volumes; never changes. */
    provisioner: string({ nonEmpty: true }),
    /** Settings that the provisioner gets as they are; never change. */
    parameters: optional(map(string())),
    /** What becomes of a volume once its claim is gone: Delete (the default), Retain or Recycle; never changes. */
    reclaimPolicy: oneOf(["Delete", "Recycle", "Retain"], { default: "Delete" }),
    /** Options with which the volumes are mounted; a wrong one shows only at mount. */
    mountOptions: optional(list(string())),
    /** Whether claims may ask for more than they have. */
    allowVolumeExpansion: optional(boolean()),
    /** When a claim gets its volume: Immediate (the default) or WaitForFirstConsumer; never changes. */
    volumeBindingMode: oneOf(["Immediate", "WaitForFirstConsumer"], { default: "Immediate" }),
    /** A place must fit any one of these; absent means anywhere. */
    allowedTopologies: optional(list(ref<TopologySelectorTerm>(() => topologySelectorTerm))),
  },
  notBuilt: "effect",
  immutable: ["volumeBindingMode"],
  validate: (storageClass, old) =>
    old ? forbiddenChanges(storageClass, old, ["parameters", "provisioner", "reclaimPolicy"]) : [],
  columns: storageClassColumns,
});
export interface StorageClass extends ObjectOf<typeof storageClasses> {}
