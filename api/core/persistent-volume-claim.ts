import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  type Infer,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { claimColumns } from "./persistent-volume-claim-columns.js";
import { claimErrors, withBothSources } from "./persistent-volume-claim-rules.js";
import { persistentVolumeClaimSpec } from "./pod/volume-claim.js";

/** Which volume a claim has, and what is becoming of it. */
export const persistentVolumeClaimStatus = object("PersistentVolumeClaimStatus", {
  accessModes: optional(list(string(), { listType: "atomic" })),
  allocatedResourceStatuses: optional(map(string(), { mapType: "granular" })),
  allocatedResources: optional(map(quantity())),
  capacity: optional(map(quantity())),
  conditions: optional(
    list(
      ref<PersistentVolumeClaimCondition>(() => persistentVolumeClaimCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  currentVolumeAttributesClassName: optional(string()),
  modifyVolumeStatus: optional(ref<ModifyVolumeStatus>(() => modifyVolumeStatus)),
  phase: string({ default: "Pending" }),
});
export interface PersistentVolumeClaimStatus extends Infer<typeof persistentVolumeClaimStatus> {}

/** One aspect of a claim's state. */
export const persistentVolumeClaimCondition = object("PersistentVolumeClaimCondition", {
  type: string({ default: "" }),
  status: oneOf(["True", "False", "Unknown"]),
  lastProbeTime: optional(time()),
  lastTransitionTime: optional(time()),
  message: optional(string()),
  reason: optional(string()),
});
export interface PersistentVolumeClaimCondition extends Infer<typeof persistentVolumeClaimCondition> {}

/** How far a change of the volume's attributes has come. */
export const modifyVolumeStatus = object("ModifyVolumeStatus", {
  status: string({ default: "" }),
  targetVolumeAttributesClassName: optional(string()),
});
export interface ModifyVolumeStatus extends Infer<typeof modifyVolumeStatus> {}

/** Asks for a volume that outlives the pods that use it. */
export const persistentVolumeClaims = defineResource({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  shortNames: ["pvc"],
  scope: "Namespaced",
  spec: persistentVolumeClaimSpec,
  status: persistentVolumeClaimStatus,
  subresources: { status: true },
  notBuilt: "controller",
  countsGeneration: false,
  defaults: ({ status }) => (status ? {} : { status: { phase: "Pending" } }),
  prepare: (claim, old) => (old ? claim : { ...withBothSources(claim), status: { phase: "Pending" } }),
  validate: (claim, old) => claimErrors(claim, old),
  columns: claimColumns,
});
export interface PersistentVolumeClaim extends ObjectOf<typeof persistentVolumeClaims> {}
