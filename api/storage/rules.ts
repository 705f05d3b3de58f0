import { duplicates, forbidden, notNegative, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { equal } from "../../base/equal.js";
import type { CSINodeSpec } from "./csi-node.js";
import type { VolumeAttachmentSource } from "./volume-attachment.js";

/** Fields that an update may not touch, in the words that storage kinds have for it. */
export const forbiddenChanges = <T extends object>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] =>
  fields.flatMap((field) =>
    equal(object[field], old[field]) ? [] : [forbidden(field, `updates to ${field} are forbidden.`)],
  );

export const parameterErrors = (parameters: Readonly<Record<string, string>> = {}): FieldError[] =>
  Object.keys(parameters).length === 0 ? [required("parameters", "must contain at least one key/value pair")] : [];

export const csiNodeRules = ({ drivers }: CSINodeSpec): FieldError[] => [
  ...duplicates(
    drivers,
    ({ name }) => name,
    (index) => `drivers[${index}].name`,
  ),
  ...drivers.flatMap(({ allocatable }, index) =>
    notNegative(`drivers[${index}].allocatable.count`, allocatable?.count),
  ),
];

export function attachmentSourceRules({
  inlineVolumeSpec,
  persistentVolumeName,
}: VolumeAttachmentSource): FieldError[] {
  if (inlineVolumeSpec && persistentVolumeName !== undefined)
    return [forbidden("", "inlineVolumeSpec and persistentVolumeName can not be both set")];
  return inlineVolumeSpec || persistentVolumeName !== undefined
    ? []
    : [required("", "must specify either inlineVolumeSpec and persistentVolumeName")];
}
