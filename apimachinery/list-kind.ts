import { listMeta } from "./meta-kinds.js";
import type { ResourceDefinition } from "./resource.js";
import { list, object, optional, ref, type Schema, string } from "./schema/schema.js";

const schemas = new WeakMap<ResourceDefinition, Schema<unknown>>();

/** The schema of a kind's list: `PodList`. */
export function listSchemaOf(definition: ResourceDefinition): Schema<unknown> {
  const known = schemas.get(definition);
  if (known) return known;
  const made = object(`${definition.kind}List`, {
    apiVersion: optional(string()),
    items: list(ref<unknown>(() => definition.schema)),
    kind: optional(string()),
    metadata: optional(ref<unknown>(() => listMeta)),
  });
  schemas.set(definition, made);
  return made;
}
