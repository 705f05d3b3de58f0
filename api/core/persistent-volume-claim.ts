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
  /** Access modes that the bound volume really has. */
  accessModes: optional(list(string(), { listType: "atomic" })),
  /**
   * How far an enlargement has come, by resource: such as ControllerResizeInProgress, NodeResizePending or
   * NodeResizeInfeasible. No entry means none is under way.
   */
  allocatedResourceStatuses: optional(map(string(), { mapType: "granular" })),
  /** Size set aside by an enlargement under way; quotas count the larger of this and the request. */
  allocatedResources: optional(map(quantity())),
  /** Size that the bound volume really has. */
  capacity: optional(map(quantity())),
  /** What is happening to the volume, such as an enlargement. */
  conditions: optional(
    list(
      ref<PersistentVolumeClaimCondition>(() => persistentVolumeClaimCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** VolumeAttributesClass that the volume has at present; absent while none was applied. */
  currentVolumeAttributesClassName: optional(string()),
  /** The change of attributes under way; absent when there is none. */
  modifyVolumeStatus: optional(ref<ModifyVolumeStatus>(() => modifyVolumeStatus)),
  /** Pending (no volume yet), Bound, or Lost (its volume is gone). */
  phase: string({ default: "Pending" }),
});
export interface PersistentVolumeClaimStatus extends Infer<typeof persistentVolumeClaimStatus> {}

/** One aspect of a claim's state. */
export const persistentVolumeClaimCondition = object("PersistentVolumeClaimCondition", {
  /** Such as Resizing, FileSystemResizePending or ModifyingVolume. */
  type: string({ default: "" }),
  /** Whether it holds: True, False, or Unknown where nobody can tell. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When it was looked at last. */
  lastProbeTime: optional(time()),
  /** When `status` changed last. */
  lastTransitionTime: optional(time()),
  /** Details for people; may be empty. */
  message: optional(string()),
  /** Cause of the last change, as one CamelCase word for programs. */
  reason: optional(string()),
});
export interface PersistentVolumeClaimCondition extends Infer<typeof persistentVolumeClaimCondition> {}

/** How far a change of the volume's attributes has come. */
export const modifyVolumeStatus = object("ModifyVolumeStatus", {
  /** Pending (cannot begin yet), InProgress, or Infeasible (the driver refused the values). */
  status: string({ default: "" }),
  /** VolumeAttributesClass that the volume is being changed to. */
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
