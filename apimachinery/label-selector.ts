import { type Infer, list, map, object, oneOf, optional, ref, string } from "./schema/schema.js";

export const labelSelector = object(
  "LabelSelector",
  {
    matchLabels: optional(map(string())),
    matchExpressions: optional(list(ref<LabelSelectorRequirement>(() => labelSelectorRequirement))),
  },
  { mapType: "atomic" },
);
export interface LabelSelector extends Infer<typeof labelSelector> {}

export const labelSelectorRequirement = object("LabelSelectorRequirement", {
  key: string({ nonEmpty: true }),
  operator: oneOf(["In", "NotIn", "Exists", "DoesNotExist"]),
  values: optional(list(string())),
});
export interface LabelSelectorRequirement extends Infer<typeof labelSelectorRequirement> {}
