import { isRecord } from "../../base/record.js";
import type { FieldError, Schema, SchemaNode } from "./schema.js";

/**
 * Rules read what a schema requires. Where some of it is missing, they read zero values in its place, so that they say
 * what is wrong with all the rest; what they say of the missing itself is left out, for it is known to be missing.
 */

const madeUp = new WeakSet<object>();

/** Whether an object, list or map was not there, and stands in for one that is required. */
export const wasMissing = (value: object): boolean => madeUp.has(value);

/** The value with zero values for what is required and missing, at any depth; the value itself if nothing is. */
export function completed<T>(schema: Schema<T>, value: T): T {
  return filled(schema.node, value) as T;
}

function filled(node: SchemaNode, value: unknown): unknown {
  switch (node.type) {
    case "ref":
      return filled(node.target().node, value);
    case "object":
      return isRecord(value) ? filledObject(node, value) : value;
    case "list": {
      if (!Array.isArray(value)) return value;
      const items = value.map((item) => filled(node.item.node, item));
      return items.every((item, index) => item === value[index]) ? value : items;
    }
    case "map": {
      if (!isRecord(value)) return value;
      const entries = Object.entries(value).map(([key, entry]) => [key, filled(node.value.node, entry)] as const);
      return entries.every(([key, entry]) => entry === value[key]) ? value : Object.fromEntries(entries);
    }
    default:
      return value;
  }
}

function filledObject(node: SchemaNode & { type: "object" }, value: Readonly<Record<string, unknown>>): unknown {
  const changed: [string, unknown][] = [];
  for (const [name, { node: field }] of node.fields) {
    const before = value[name];
    if (before === undefined && field.optional) continue;
    const after = before === undefined ? zeroOf(field) : filled(field, before);
    if (after !== before) changed.push([name, after]);
  }
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) };
}

function zeroOf(node: SchemaNode): unknown {
  switch (node.type) {
    case "string":
      if (node.format === "quantity") return "0";
      return node.format === "time" || node.format === "micro-time" ? "1970-01-01T00:00:00Z" : "";
    case "boolean":
      return false;
    case "integer":
    case "number":
    case "int-or-string":
      return 0;
    case "ref":
      return zeroOf(node.target().node);
    default: {
      const zero = node.type === "list" ? [] : node.type === "object" ? { ...Object(filledObject(node, {})) } : {};
      madeUp.add(zero);
      return zero;
    }
  }
}

/** Errors that rules found, without those about fields that are known to be missing. */
export function besides(known: readonly FieldError[], found: readonly FieldError[]): readonly FieldError[] {
  const required = known.filter(({ reason }) => reason === "Required");
  if (required.length === 0) return found;
  const covers = ({ path: at, message }: FieldError, path: string): boolean =>
    at === path || (message === "" && (path.startsWith(`${at}.`) || path.startsWith(`${at}[`)));
  return found.filter(({ path }) => !required.some((error) => covers(error, path)));
}
