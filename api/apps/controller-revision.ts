import type { ObjectMeta } from "../../apimachinery/meta.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { notNegative, required } from "../../apimachinery/schema/field-error.js";
import { any, exactInt64, optional } from "../../apimachinery/schema/schema.js";

/** A state of a controller's template, kept so that it can be returned to. */
export const controllerRevisions = defineResource({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  fields: {
    /** Counts up; the highest is the newest. */
    revision: exactInt64({ default: 0 }),
    /** The stored template, in whatever form its owner needs to bring it back; never changes. */
    data: optional(any()),
  },
  immutable: ["data"],
  validate: ({ data, revision }) => [
    ...(data === undefined ? [required("data", "data is mandatory")] : []),
    ...notNegative("revision", revision),
  ],
  columns: [
    nameColumn,
    { name: "Controller", cell: ({ metadata }) => controllerOf(metadata) },
    { name: "Revision", cell: ({ revision }) => Number(revision) },
    ageColumn,
  ],
});
export interface ControllerRevision extends ObjectOf<typeof controllerRevisions> {}

/** `statefulset.apps/web`. */
function controllerOf({ ownerReferences = [] }: ObjectMeta): string | undefined {
  const controller = ownerReferences.find((owner) => owner.controller);
  if (!controller) return undefined;
  const slash = controller.apiVersion.indexOf("/");
  const group = slash === -1 ? "" : `.${controller.apiVersion.slice(0, slash)}`;
  return `${controller.kind.toLowerCase()}${group}/${controller.name}`;
}
