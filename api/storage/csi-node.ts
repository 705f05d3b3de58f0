import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, int32, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { csiNodeRules } from "./rules.js";

/** The storage drivers that a node has. */
export const csiNodeSpec = object("CSINodeSpec", {
  drivers: list(
    ref<CSINodeDriver>(() => csiNodeDriver),
    { mapKeys: ["name"], mergeKey: "name", default: [] },
  ),
});
export interface CSINodeSpec extends Infer<typeof csiNodeSpec> {}
addRules(csiNodeSpec, { validate: csiNodeRules });

/** One storage driver of a node. */
export const csiNodeDriver = object("CSINodeDriver", {
  name: string({ nonEmpty: true }),
  allocatable: optional(ref<VolumeNodeResources>(() => volumeNodeResources)),
  nodeID: string({ nonEmpty: true }),
  topologyKeys: optional(list(string())),
});
export interface CSINodeDriver extends Infer<typeof csiNodeDriver> {}

/** How many volumes of a driver a node can take. */
export const volumeNodeResources = object("VolumeNodeResources", {
  count: optional(int32()),
});
export interface VolumeNodeResources extends Infer<typeof volumeNodeResources> {}

/** The storage drivers that a node has. */
export const csiNodes = defineResource({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: csiNodeSpec,
  notBuilt: "effect",
  countsGeneration: false,
  columns: [nameColumn, { name: "Drivers", type: "integer", cell: ({ spec }) => spec.drivers.length }, ageColumn],
});
export interface CSINode extends ObjectOf<typeof csiNodes> {}
