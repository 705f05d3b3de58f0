import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  exactInt64,
  type Infer,
  int32,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { type PodTemplateSpec, podTemplateSpec } from "./pod/template.js";
import { replicationColumns, replicationDefaults, replicationRules } from "./replication-controller-rules.js";

/** How many pods of which template are to run. */
export const replicationControllerSpec = object("ReplicationControllerSpec", {
  /** How many pods there shall be; 1 where nothing is said. */
  replicas: int32({ default: 1, min: 0 }),
  /** How long a pod must be ready to count as available. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** Labels of the pods that count; absent means those of the template. */
  selector: optional(map(string(), { mapType: "atomic" })),
  /** Pods are made from this; later changes touch only new pods. */
  template: optional(ref<PodTemplateSpec>(() => podTemplateSpec)),
});
export interface ReplicationControllerSpec extends Infer<typeof replicationControllerSpec> {}
addRules(replicationControllerSpec, { validate: replicationRules });

/** How many pods there are, and how far they have come. */
export const replicationControllerStatus = object("ReplicationControllerStatus", {
  /** Pods that have been ready for `minReadySeconds`. */
  availableReplicas: optional(int32({ omitZero: true })),
  /** What hinders the controller. */
  conditions: optional(
    list(
      ref<ReplicationControllerCondition>(() => replicationControllerCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Pods that carry every label of the template. */
  fullyLabeledReplicas: optional(int32({ omitZero: true })),
  /** Generation of the spec that this status is about. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
  /** Pods that are ready. */
  readyReplicas: optional(int32({ omitZero: true })),
  /** Pods that there are. */
  replicas: int32({ default: 0 }),
});
export interface ReplicationControllerStatus extends Infer<typeof replicationControllerStatus> {}

/** One aspect of a replication controller's state. */
export const replicationControllerCondition = object("ReplicationControllerCondition", {
  /** ReplicaFailure: pods could not be made or deleted. */
  type: string({ default: "" }),
  /** Whether it holds: True, False, or Unknown where nobody can tell. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When `status` changed last. */
  lastTransitionTime: optional(time()),
  /** Details for people; may be empty. */
  message: optional(string()),
  /** Cause of the last change, as one CamelCase word for programs. */
  reason: optional(string()),
});
export interface ReplicationControllerCondition extends Infer<typeof replicationControllerCondition> {}

/** Keeps a number of pods of one template running; the elder of the replica set. */
export const replicationControllers = defineResource({
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  scope: "Namespaced",
  spec: replicationControllerSpec,
  status: replicationControllerStatus,
  subresources: {
    status: true,
    scale: {
      replicas: "spec.replicas",
      statusReplicas: "status.replicas",
      selector: "spec.selector",
      selectorIs: "labels",
    },
  },
  notBuilt: "controller",
  defaults: (controller) => replicationDefaults(controller),
  prepare: (controller, old) => (old ? controller : { ...controller, status: { replicas: 0 } }),
  selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
  columns: replicationColumns,
});
export interface ReplicationController extends ObjectOf<typeof replicationControllers> {}
