import { type LabelSelectorRequirement, labelSelectorRequirement } from "../../apimachinery/label-selector.js";
import { type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

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

export const nonResourceAttributes = object("NonResourceAttributes", {
  path: optional(string()),
  verb: optional(string()),
});
export interface NonResourceAttributes extends Infer<typeof nonResourceAttributes> {}

export const fieldSelectorAttributes = object("FieldSelectorAttributes", {
  rawSelector: optional(string()),
  requirements: optional(list(ref<FieldSelectorRequirement>(() => fieldSelectorRequirement))),
});
export interface FieldSelectorAttributes extends Infer<typeof fieldSelectorAttributes> {}

export const fieldSelectorRequirement = object("FieldSelectorRequirement", {
  key: string({ default: "" }),
  operator: string({ default: "" }),
  values: optional(list(string())),
});
export interface FieldSelectorRequirement extends Infer<typeof fieldSelectorRequirement> {}

export const labelSelectorAttributes = object("LabelSelectorAttributes", {
  rawSelector: optional(string()),
  requirements: optional(list(ref<LabelSelectorRequirement>(() => labelSelectorRequirement))),
});
export interface LabelSelectorAttributes extends Infer<typeof labelSelectorAttributes> {}
