import { equal } from "../base/equal.js";
import { isRecord } from "../base/record.js";
import type { KubeObject } from "./meta.js";
import type { ResourceDefinition, Rule } from "./resource.js";
import { besides, completed } from "./schema/completed.js";
import { inOrder } from "./schema/error-order.js";
import type { FieldError } from "./schema/schema.js";
import { validateSchema } from "./schema/validate.js";
import { validateMeta } from "./validate-meta.js";

/** Everything that is wrong with an object about to be stored; `old` is there on update. An empty list means it is well. `rules`: instead of the kind's own. */
export function validateObject<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: T,
  old: T | undefined,
  rules: Rule<[object: T, old: T | undefined], readonly FieldError[]> | undefined = definition.validate,
): FieldError[] {
  const shape = [
    ...validateMeta(definition, object.metadata, old?.metadata),
    ...validateSchema(definition.schema, object),
    ...immutableErrors(definition, object, old),
  ];
  const found = rules?.(named(completed(definition.schema, object)), old) ?? [];
  return inOrder(definition.schema, [...shape, ...besides(shape, found)]);
}

const named = <T extends KubeObject>(object: T): T =>
  object.metadata.name === undefined ? { ...object, metadata: { ...object.metadata, name: "" } } : object;

/** What an update changed among the fields that may not change. */
export function immutableErrors<T extends KubeObject>(
  definition: Pick<ResourceDefinition<T>, "immutable">,
  object: T,
  old: T | undefined,
): FieldError[] {
  if (!old) return [];
  return definition.immutable.flatMap((path): FieldError[] => {
    const value = valueAt(object, path);
    if (equal(value, valueAt(old, path))) return [];
    return [{ path, reason: "Invalid", value: value ?? null, message: "field is immutable" }];
  });
}

/** The value at a dotted path; undefined where there is none. */
export function valueAt(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const step of path.split(".")) {
    if (!isRecord(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
