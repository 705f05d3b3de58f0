import type { ResourceRef } from "../apimachinery/resource.js";
import type { Schema } from "../apimachinery/schema/schema.js";

/** The schema of a built-in kind; undefined for kinds made at run time. Loading it costs, so only writers do. */
export async function schemaOf({ group, version, kind }: ResourceRef): Promise<Schema<unknown> | undefined> {
  const { builtins } = await import("../api/catalogue.js");
  return builtins.find((one) => one.group === group && one.version === version && one.kind === kind)?.schema;
}
