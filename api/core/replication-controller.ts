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
  replicas: int32({ default: 1, min: 0 }),
  /** How long a pod must be ready to count as available. */
  minReadySeconds: optional(int32({ omitZero: true, min: 0 })),
  /** Labels of the pods that count; absent means those of the template. */
  selector: optional(map(string(), { mapType: "atomic" })),
  template: optional(ref<PodTemplateSpec>(() => podTemplateSpec)),
});
export interface ReplicationControllerSpec extends Infer<typeof replicationControllerSpec> {}
addRules(replicationControllerSpec, { validate: replicationRules });

/** How many pods there are, and how far they have come. */
export const replicationControllerStatus = object("ReplicationControllerStatus", {
  availableReplicas: optional(int32({ omitZero: true })),
  conditions: optional(
    list(
      ref<ReplicationControllerCondition>(() => replicationControllerCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  fullyLabeledReplicas: optional(int32({ omitZero: true })),
  observedGeneration: optional(exactInt64({ omitZero: true })),
  readyReplicas: optional(int32({ omitZero: true })),
  replicas: int32({ default: 0 }),
});
export interface ReplicationControllerStatus extends Infer<typeof replicationControllerStatus> {}

/** One aspect of a replication controller's state. */
export const replicationControllerCondition = object("ReplicationControllerCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  message: optional(string()),
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
