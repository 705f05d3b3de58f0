import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { map, optional, string } from "../../apimachinery/schema/schema.js";
import { forbiddenChanges, parameterErrors } from "./rules.js";

/** Attributes that a volume can be given while it is in use. */
export const volumeAttributesClasses = defineResource({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  plural: "volumeattributesclasses",
  scope: "Cluster",
  fields: {
    /** Name of the driver that changes the volumes; never changes. */
    driverName: string({ nonEmpty: true }),
    /** Settings that the driver gets as they are, at least one; never change. */
    parameters: optional(map(string())),
  },
  notBuilt: "effect",
  validate: (attributesClass, old) =>
    old
      ? forbiddenChanges(attributesClass, old, ["driverName", "parameters"])
      : parameterErrors(attributesClass.parameters),
  columns: [nameColumn, { name: "DriverName", cell: ({ driverName }) => driverName }, ageColumn],
});
export interface VolumeAttributesClass extends ObjectOf<typeof volumeAttributesClasses> {}
