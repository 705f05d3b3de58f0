import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { invalid, notNegative } from "../../apimachinery/schema/field-error.js";
import {
  addRules,
  type FieldError,
  type Infer,
  int32,
  microTime,
  object,
  optional,
  string,
} from "../../apimachinery/schema/schema.js";

/** Who holds a lease, and for how long. */
export const leaseSpec = object("LeaseSpec", {
  /** Who holds it now; empty or absent if nobody does. */
  holderIdentity: optional(string({ keepEmpty: true })),
  /** Seconds after `renewTime` from which others may take it; above 0. */
  leaseDurationSeconds: optional(int32()),
  /** When its holder took it. */
  acquireTime: optional(microTime()),
  /** When its holder last said that it goes on. */
  renewTime: optional(microTime()),
  /** How often the holder has changed. */
  leaseTransitions: optional(int32()),
  /** How the holder is picked among the candidates, where a server does that. */
  strategy: optional(string()),
  /** Asks the present holder to hand over. */
  preferredHolder: optional(string()),
});
export interface LeaseSpec extends Infer<typeof leaseSpec> {}
addRules(leaseSpec, { validate: leaseSpecRules });

/** Held by one at a time: leadership, or a sign of life. */
export const leases = defineResource({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  spec: leaseSpec,
  countsGeneration: false,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  columns: [nameColumn, { name: "Holder", cell: ({ spec }) => spec.holderIdentity ?? "" }, ageColumn],
});
export interface Lease extends ObjectOf<typeof leases> {}

function leaseSpecRules({ leaseDurationSeconds, leaseTransitions }: LeaseSpec): FieldError[] {
  const errors = notNegative("leaseTransitions", leaseTransitions);
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0)
    errors.push(invalid("leaseDurationSeconds", leaseDurationSeconds, "must be greater than 0"));
  return errors;
}
