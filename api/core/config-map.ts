import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, bytes, map, optional, string } from "../../apimachinery/schema/schema.js";

export const configMaps = defineResource({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  scope: "Namespaced",
  fields: {
    data: optional(map(string())),
    binaryData: optional(map(bytes())),
    immutable: optional(boolean()),
  },
});
export interface ConfigMap extends ObjectOf<typeof configMaps> {}
