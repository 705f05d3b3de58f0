import { exactInt64, type Infer, object, oneOf, optional, string, time } from "./schema/schema.js";

/** One aspect of an object's state, as its controller last saw it. */
export const condition = object("Condition", {
  /** What the condition is about, in CamelCase, such as `Ready`. */
  type: string({ nonEmpty: true }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** The generation of the object that this is about. */
  observedGeneration: optional(exactInt64()),
  /** Why, in a word. */
  reason: string({ nonEmpty: true }),
  /** Why, in a sentence. */
  message: string({ default: "" }),
  /** When `status` changed last. */
  lastTransitionTime: time(),
});
export interface Condition extends Infer<typeof condition> {}
