import { connectVerbs, defineResource, type ObjectOf } from "../../../apimachinery/resource.js";
import {
  addRules,
  boolean,
  type Infer,
  list,
  object,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { nodeColumns } from "./columns.js";
import { nodeSpecRules, nodeUpdateErrors, podCidrDefaults } from "./rules.js";
import { type NodeConfigSource, nodeConfigSource, nodeStatus } from "./status.js";
import { type Taint, taint } from "./taint.js";

/** What is wanted of a node: its pods' addresses, its taints, whether it takes new pods. */
export const nodeSpec = object("NodeSpec", {
  /** Range of the addresses of this node's pods; the first of `podCIDRs`. */
  podCIDR: optional(string()),
  /** Ranges of this node's pods, at most one for each IP family; fixed once set. */
  podCIDRs: optional(list(string(), { listType: "set", mergeKey: "" })),
  /** Identifier of the machine at its cloud, as `<provider>://<id>`; fixed once set. */
  providerID: optional(string()),
  /** No new pods; those that are there stay. */
  unschedulable: optional(boolean()),
  /** Marks that keep away pods which do not tolerate them. */
  taints: optional(list(ref<Taint>(() => taint))),
  /** Kept for old objects; no longer has an effect. */
  configSource: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  /** Left over from old versions. */
  externalID: optional(string()),
});
export interface NodeSpec extends Infer<typeof nodeSpec> {}
addRules(nodeSpec, { defaults: podCidrDefaults, validate: nodeSpecRules });

/** A machine that runs pods. */
export const nodes = defineResource({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  scope: "Cluster",
  spec: nodeSpec,
  status: nodeStatus,
  subresources: { status: true, others: { proxy: connectVerbs } },
  countsGeneration: false,
  keepsStatusOnCreate: true,
  validate: (node, old) => (old ? nodeUpdateErrors(node, old) : []),
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec.unschedulable ?? false) },
  columns: nodeColumns,
});
export interface Node extends ObjectOf<typeof nodes> {}
