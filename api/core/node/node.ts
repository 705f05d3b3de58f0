import { connectVerbs, defineResource, type ObjectOf } from "../../../apimachinery/resource.js";
import { boolean, type Infer, list, object, optional, ref, string } from "../../../apimachinery/schema/schema.js";
import { type NodeConfigSource, nodeConfigSource, nodeStatus } from "./status.js";
import { type Taint, taint } from "./taint.js";

export const nodeSpec = object("NodeSpec", {
  podCIDR: optional(string()),
  podCIDRs: optional(list(string(), { listType: "set", mergeKey: "" })),
  providerID: optional(string()),
  unschedulable: optional(boolean()),
  taints: optional(list(ref<Taint>(() => taint))),
  configSource: optional(ref<NodeConfigSource>(() => nodeConfigSource)),
  externalID: optional(string()),
});
export interface NodeSpec extends Infer<typeof nodeSpec> {}

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
});
export interface Node extends ObjectOf<typeof nodes> {}
