import type { KubeObject } from "../apimachinery/meta.js";
import type { ResourceDefinition } from "../apimachinery/resource.js";
import { decode } from "../apimachinery/schema/decode.js";
import { applyDefaults } from "../apimachinery/schema/defaults.js";
import { fieldErrorMessage } from "../apimachinery/status.js";
import { validateObject } from "../apimachinery/validate-object.js";

/** How tests look at kinds: what a draft becomes, what is wrong with it, what kubectl shows of it. */

export function read<T extends KubeObject>(definition: ResourceDefinition<T>, fields: object): T {
  const metadata = {
    name: "web",
    ...(definition.scope === "Namespaced" ? { namespace: "default" } : {}),
  };
  return applyDefaults(
    definition.schema,
    decode(definition.schema, { metadata, ...fields }, { strict: "Strict" }).value,
  );
}
/** Messages of everything that is wrong with a draft, or with putting it in place of an old one. */
export function errorsOf<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  fields: object,
  old?: object,
): readonly string[] {
  const before = old && read(definition, old);
  const draft = read(definition, fields);
  const object = before ? draft : (definition.complete?.(draft) ?? draft);
  return validateObject(definition, object, before).map(fieldErrorMessage);
}
/** The cells of an object that was made two minutes and three seconds ago, by column. */
export function cells<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  fields: object,
): Record<string, unknown> {
  const nowMs = Date.parse("2026-01-01T00:02:03Z");
  const made = read(definition, fields);
  const object = { ...made, metadata: { ...made.metadata, creationTimestamp: "2026-01-01T00:00:00Z" } };
  return Object.fromEntries(definition.columns.map(({ name, cell }) => [name, cell(object, { nowMs })]));
}
