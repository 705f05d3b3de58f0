import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { boolean, bytes, map, optional, string } from "../../apimachinery/schema/schema.js";

export const secrets = defineResource({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  fields: {
    type: string({ default: "Opaque" }),
    data: optional(map(bytes())),
    stringData: optional(map(string())),
    immutable: optional(boolean()),
  },
});
export interface Secret extends ObjectOf<typeof secrets> {}
