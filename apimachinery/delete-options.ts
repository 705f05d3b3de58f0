import { boolean, type Infer, int64, list, object, oneOf, optional, ref, string } from "./schema/schema.js";

/** How an object is to be deleted. */
export const deleteOptions = object("DeleteOptions", {
  apiVersion: optional(string()),
  /** `All`: go through everything but the write. */
  dryRun: optional(list(string())),
  /** Seconds until the end; absent leaves it to the kind, 0 is at once. */
  gracePeriodSeconds: optional(int64()),
  /** True deletes an object whose stored bytes cannot be read; finalizers and preconditions are passed over. */
  ignoreStoreReadErrorWithClusterBreakingPotential: optional(boolean()),
  kind: optional(string()),
  /** The older form of `propagationPolicy`: true is Orphan, false Background. Not both may be set. */
  orphanDependents: optional(boolean()),
  /** Refuses with a conflict unless the stored object is the one meant. */
  preconditions: optional(ref<Preconditions>(() => preconditions)),
  /** Orphan keeps what the object owns; Background deletes it afterwards, Foreground before the object goes. */
  propagationPolicy: optional(oneOf(["Orphan", "Background", "Foreground"])),
});
export interface DeleteOptions extends Infer<typeof deleteOptions> {}

/** What must hold of the object for a request to take effect. */
export const preconditions = object("Preconditions", {
  /** Revision that the object must still have. */
  resourceVersion: optional(string()),
  /** Uid that the object must have, so that no namesake is meant. */
  uid: optional(string()),
});
export interface Preconditions extends Infer<typeof preconditions> {}
