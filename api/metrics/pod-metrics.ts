import { addQuantity, formatQuantity } from "../../apimachinery/quantity.js";
import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, map, object, quantity, string, time } from "../../apimachinery/schema/schema.js";

/** What one container of a pod uses. */
export const containerMetrics = object("ContainerMetrics", {
  /** Name of the container. */
  name: string(),
  /** Amounts by resource. */
  usage: map(quantity()),
});
export interface ContainerMetrics extends Infer<typeof containerMetrics> {}

/** What the containers of a pod use. */
export const podMetrics = defineResource({
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "PodMetrics",
  plural: "pods",
  singular: "",
  scope: "Namespaced",
  fields: {
    /** When it was measured. */
    timestamp: time(),
    /** How long the time before that is over which use of CPU is averaged. */
    window: string(),
    /** What each container uses. */
    containers: list(containerMetrics),
  },
  verbs: ["get", "list"],
  virtual: true,
  columns: [
    nameColumn,
    { name: "cpu", cell: ({ containers }) => sum(containers, "cpu") },
    { name: "memory", cell: ({ containers }) => sum(containers, "memory") },
    { name: "Window", cell: ({ window }) => window },
  ],
});
export interface PodMetrics extends ObjectOf<typeof podMetrics> {}

const sum = (containers: readonly ContainerMetrics[], resource: string): string =>
  containers.reduce((total, container) => formatQuantity(addQuantity(total, container.usage[resource] ?? "0")), "0");
