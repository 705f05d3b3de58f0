import { boolean, type Infer, int64, list, object, oneOf, optional, ref, string } from "./schema/schema.js";

export const deleteOptions = object("DeleteOptions", {
  apiVersion: optional(string()),
  dryRun: optional(list(string())),
  gracePeriodSeconds: optional(int64()),
  ignoreStoreReadErrorWithClusterBreakingPotential: optional(boolean()),
  kind: optional(string()),
  orphanDependents: optional(boolean()),
  preconditions: optional(ref<Preconditions>(() => preconditions)),
  propagationPolicy: optional(oneOf(["Orphan", "Background", "Foreground"])),
});
export interface DeleteOptions extends Infer<typeof deleteOptions> {}

export const preconditions = object("Preconditions", {
  resourceVersion: optional(string()),
  uid: optional(string()),
});
export interface Preconditions extends Infer<typeof preconditions> {}
