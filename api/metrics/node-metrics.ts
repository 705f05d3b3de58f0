import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { map, quantity, string, time } from "../../apimachinery/schema/schema.js";

/** What a node uses. */
export const nodeMetrics = defineResource({
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "NodeMetrics",
  plural: "nodes",
  singular: "",
  scope: "Cluster",
  fields: {
    /** When it was measured. */
    timestamp: time(),
    /** How long the time before that is over which use of CPU is averaged. */
    window: string(),
    /** Amounts by resource. */
    usage: map(quantity()),
  },
  verbs: ["get", "list"],
  virtual: true,
  columns: [
    nameColumn,
    { name: "cpu", cell: ({ usage: { cpu } }) => cpu },
    { name: "memory", cell: ({ usage: { memory } }) => memory },
    { name: "Window", cell: ({ window }) => window },
  ],
});
export interface NodeMetrics extends ObjectOf<typeof nodeMetrics> {}
