import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { any, int64, optional } from "../../apimachinery/schema/schema.js";

export const controllerRevisions = defineResource({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  fields: {
    revision: int64({ default: 0 }),
    data: optional(any()),
  },
});
export interface ControllerRevision extends ObjectOf<typeof controllerRevisions> {}
