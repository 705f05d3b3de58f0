import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, int32, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { csiNodeRules } from "./rules.js";

/** The storage drivers that a node has. */
export const csiNodeSpec = object("CSINodeSpec", {
  /** Drivers that run on the node; empty if there are none. */
  drivers: list(
    ref<CSINodeDriver>(() => csiNodeDriver),
    { mapKeys: ["name"], mergeKey: "name", default: [] },
  ),
});
export interface CSINodeSpec extends Infer<typeof csiNodeSpec> {}
addRules(csiNodeSpec, { validate: csiNodeRules });

/** One storage driver of a node. */
export const csiNodeDriver = object("CSINodeDriver", {
  /** Name of the driver, as the driver itself gives it. */
  name: string({ nonEmpty: true }),
  /** How much of the driver's service the node takes. */
  allocatable: optional(ref<VolumeNodeResources>(() => volumeNodeResources)),
  /** What the driver calls this node. */
  nodeID: string({ nonEmpty: true }),
  /** Labels of the node by which the driver tells places apart. */
  topologyKeys: optional(list(string())),
});
export interface CSINodeDriver extends Infer<typeof csiNodeDriver> {}

/** How many volumes of a driver a node can take. */
export const volumeNodeResources = object("VolumeNodeResources", {
  /** Most volumes of the driver on this node at a time; absent means no limit. */
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
