import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, optional, ref } from "../../apimachinery/schema/schema.js";
import {
  type AllocatedDeviceStatus,
  type AllocationResult,
  allocatedDeviceStatus,
  allocationResult,
  type ResourceClaimConsumerReference,
  resourceClaimConsumerReference,
} from "./allocation.js";
import { type DeviceClaim, deviceClaim } from "./device-request.js";
import { claimState } from "./rules.js";

/** Which devices are asked for. */
export const resourceClaimSpec = object("ResourceClaimSpec", {
  /** The devices that are asked for; never change. */
  devices: optional(ref<DeviceClaim>(() => deviceClaim)),
});
export interface ResourceClaimSpec extends Infer<typeof resourceClaimSpec> {}

/** Which devices a claim has, and for whom. */
export const resourceClaimStatus = object("ResourceClaimStatus", {
  /** What was given; absent until then. */
  allocation: optional(ref<AllocationResult>(() => allocationResult)),
  /** What drivers say of the devices that were given. */
  devices: optional(
    list(
      ref<AllocatedDeviceStatus>(() => allocatedDeviceStatus),
      { mapKeys: ["driver", "device", "pool", "shareID"] },
    ),
  ),
  /** Who may use the claim at present; while anybody does, it keeps its devices. */
  reservedFor: optional(
    list(
      ref<ResourceClaimConsumerReference>(() => resourceClaimConsumerReference),
      { mapKeys: ["uid"], mergeKey: "uid" },
    ),
  ),
});
export interface ResourceClaimStatus extends Infer<typeof resourceClaimStatus> {}

/** Asks for devices that pods share or have for themselves. */
export const resourceClaims = defineResource({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
  spec: resourceClaimSpec,
  status: resourceClaimStatus,
  subresources: { status: true },
  notBuilt: "controller",
  countsGeneration: false,
  immutable: ["spec"],
  prepare: (claim, old) => (old ? claim : { ...claim, status: {} }),
  columns: [nameColumn, { name: "State", cell: ({ metadata, status }) => claimState(metadata, status) }, ageColumn],
});
export interface ResourceClaim extends ObjectOf<typeof resourceClaims> {}
