import { type LabelSelectorRequirement, labelSelectorRequirement } from "../../apimachinery/label-selector.js";
import { type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** What is asked about: an action on a resource. */
export const resourceAttributes = object("ResourceAttributes", {
  namespace: optional(string()),
  verb: optional(string()),
  group: optional(string()),
  version: optional(string()),
  resource: optional(string()),
  subresource: optional(string()),
  name: optional(string()),
  fieldSelector: optional(ref<FieldSelectorAttributes>(() => fieldSelectorAttributes)),
  labelSelector: optional(ref<LabelSelectorAttributes>(() => labelSelectorAttributes)),
});
export interface ResourceAttributes extends Infer<typeof resourceAttributes> {}

/** What is asked about: an action on a path that is no resource. */
export const nonResourceAttributes = object("NonResourceAttributes", {
  path: optional(string()),
  verb: optional(string()),
});
export interface NonResourceAttributes extends Infer<typeof nonResourceAttributes> {}

/** The field selector of the request that is asked about. */
export const fieldSelectorAttributes = object("FieldSelectorAttributes", {
  rawSelector: optional(string()),
  requirements: optional(list(ref<FieldSelectorRequirement>(() => fieldSelectorRequirement))),
});
export interface FieldSelectorAttributes extends Infer<typeof fieldSelectorAttributes> {}

/** One condition of a field selector. */
export const fieldSelectorRequirement = object("FieldSelectorRequirement", {
  /** Path of the field. */
  key: string({ default: "" }),
  /** In, NotIn, Exists or DoesNotExist. */
  operator: string({ default: "" }),
  /** One or more for In and NotIn, none for the others. */
  values: optional(list(string())),
});
export interface FieldSelectorRequirement extends Infer<typeof fieldSelectorRequirement> {}

/** The label selector of the request that is asked about. */
export const labelSelectorAttributes = object("LabelSelectorAttributes", {
  rawSelector: optional(string()),
  requirements: optional(list(ref<LabelSelectorRequirement>(() => labelSelectorRequirement))),
});
export interface LabelSelectorAttributes extends Infer<typeof labelSelectorAttributes> {}
