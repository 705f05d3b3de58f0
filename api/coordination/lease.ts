import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, int32, microTime, object, optional, string } from "../../apimachinery/schema/schema.js";

export const leaseSpec = object("LeaseSpec", {
  holderIdentity: optional(string({ keepEmpty: true })),
  leaseDurationSeconds: optional(int32()),
  acquireTime: optional(microTime()),
  renewTime: optional(microTime()),
  leaseTransitions: optional(int32()),
  strategy: optional(string()),
  preferredHolder: optional(string()),
});
export interface LeaseSpec extends Infer<typeof leaseSpec> {}

export const leases = defineResource({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  spec: leaseSpec,
});
export interface Lease extends ObjectOf<typeof leases> {}
