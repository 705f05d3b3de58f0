import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, bytes, map, optional, string } from "../../apimachinery/schema/schema.js";
import { dataErrors, immutabilityErrors } from "./data-rules.js";

/** Settings for pods to read. */
export const configMaps = defineResource({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  scope: "Namespaced",
  fields: {
    /** Values as text, by key. */
    data: optional(map(string())),
    /** Values that are not UTF-8 text, in base64, by key; no key may also be in `data`. */
    binaryData: optional(map(bytes())),
    /** True forbids any later change of the data, for good. */
    immutable: optional(boolean()),
  },
  validate: (map, old) => [
    ...dataErrors(map, ["data", "binaryData"]),
    ...(old ? immutabilityErrors(map, old, ["data", "binaryData"]) : []),
  ],
  columns: [
    nameColumn,
    {
      name: "Data",
      cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
});
export interface ConfigMap extends ObjectOf<typeof configMaps> {}
