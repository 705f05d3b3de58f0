import { exactInt64, type Infer, object, oneOf, optional, string, time } from "./schema/schema.js";

/** One aspect of an object's state, as its controller last saw it. */
export const condition = object("Condition", {
  type: string({ nonEmpty: true }),
  status: oneOf(["True", "False", "Unknown"]),
  observedGeneration: optional(exactInt64()),
  reason: string({ nonEmpty: true }),
  message: string({ default: "" }),
  lastTransitionTime: time(),
});
export interface Condition extends Infer<typeof condition> {}
