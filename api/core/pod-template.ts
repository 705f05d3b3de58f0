import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { ref } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import { labelText } from "./label-text.js";
import { mountErrors } from "./pod/spec-rules.js";
import { type PodTemplateSpec, podTemplateSpec } from "./pod/template.js";

/** A template kept by itself, for controllers to take pods from. */
export const podTemplates = defineResource({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  fields: {
    /** What pods made from it look like. */
    template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  },
  countsGeneration: true,
  validate: ({ template }) => under("template.spec", mountErrors(template.spec)),
  columns: [
    nameColumn,
    { name: "Containers", cell: ({ template }) => template.spec.containers.map(({ name }) => name).join(",") },
    { name: "Images", cell: ({ template }) => template.spec.containers.map(({ image = "" }) => image).join(",") },
    { name: "Pod Labels", cell: ({ template }) => labelText(template.metadata.labels) },
  ],
});
export interface PodTemplate extends ObjectOf<typeof podTemplates> {}
