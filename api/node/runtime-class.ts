import { dnsLabel } from "../../apimachinery/names.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { invalidFor } from "../../apimachinery/schema/field-error.js";
import { type Infer, list, map, object, optional, quantity, ref, string } from "../../apimachinery/schema/schema.js";
import { type Toleration, toleration } from "../core/pod/toleration.js";

/** What a pod costs beyond its containers. */
export const overhead = object("Overhead", {
  /** Amount by resource that every pod takes besides its containers. */
  podFixed: optional(map(quantity())),
});
export interface Overhead extends Infer<typeof overhead> {}

/** Which nodes can run pods of the class. */
export const scheduling = object("Scheduling", {
  /** Labels that a node needs; added to those which the pod asks for. */
  nodeSelector: optional(map(string(), { mapType: "atomic" })),
  /** Added to those of the pod. */
  tolerations: optional(list(ref<Toleration>(() => toleration))),
});
export interface Scheduling extends Infer<typeof scheduling> {}

/** A way of running containers that pods can ask for. */
export const runtimeClasses = defineResource({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  fields: {
    /** What the nodes' container runtime calls it. */
    handler: string({ nonEmpty: true }),
    /** Added to the requests of every pod of the class; absent adds nothing. */
    overhead: optional(ref<Overhead>(() => overhead)),
    /** Nodes that have the runtime; absent means all have. */
    scheduling: optional(ref<Scheduling>(() => scheduling)),
  },
  immutable: ["handler"],
  validate: ({ handler }) => invalidFor("handler", handler, dnsLabel(handler)),
  columns: [nameColumn, { name: "Handler", cell: ({ handler }) => handler }, ageColumn],
});
export interface RuntimeClass extends ObjectOf<typeof runtimeClasses> {}
