import type { Schema } from "../apimachinery/schema/schema.js";
import { suggestionsFor } from "./did-you-mean.js";

/** The path with its last, unknown name replaced by the known field that is spelt most alike. */
export function nearField(schema: Schema<unknown>, path: string): string | undefined {
  const names = path.split(".");
  const last = names.pop();
  const parent = names.reduce<Schema<unknown> | undefined>((at, name) => at && child(at, name), schema);
  const fields = parent && fieldsOf(parent);
  if (!last || !fields) return undefined;
  const [near] = suggestionsFor(last.replace(/\[.*$/, ""), [...fields.keys()], 1);
  return near && [...names, near].join(".");
}

function child(schema: Schema<unknown>, written: string): Schema<unknown> | undefined {
  const [name = "", ...indexes] = written.split("[");
  const found = fieldsOf(schema)?.get(name) ?? mapValue(schema);
  return indexes.reduce<Schema<unknown> | undefined>((at) => at && itemOf(at), found);
}

const resolved = (schema: Schema<unknown>): Schema<unknown> =>
  schema.node.type === "ref" ? resolved(schema.node.target()) : schema;
const fieldsOf = (schema: Schema<unknown>): ReadonlyMap<string, Schema<unknown>> | undefined => {
  const { node } = resolved(schema);
  return node.type === "object" ? node.fields : undefined;
};
const itemOf = (schema: Schema<unknown>): Schema<unknown> | undefined => {
  const { node } = resolved(schema);
  return node.type === "list" ? node.item : undefined;
};
const mapValue = (schema: Schema<unknown>): Schema<unknown> | undefined => {
  const { node } = resolved(schema);
  return node.type === "map" ? node.value : undefined;
};
