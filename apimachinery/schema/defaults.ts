import { isRecord } from "../../base/record.js";
import type { Schema, SchemaNode } from "./schema.js";

/**
 * Fills in what a client may leave out. An object's own fields come first, then what lies in them, then the defaults
 * that depend on several fields. Doing it twice changes nothing the second time.
 */

/** Answers the same reference where nothing is to be filled in; never changes its argument. Filled-in objects are frozen and shared. */
export function applyDefaults<T>(schema: Schema<T>, value: T): T {
  const fill = fillerOf(schema);
  return fill ? (fill(value) as T) : value;
}

type Filler = (value: unknown) => unknown;

/** Undefined for schemas without any default at any depth. */
const fillers = new WeakMap<Schema<unknown>, { readonly fill: Filler | undefined }>();

function fillerOf(schema: Schema<unknown>): Filler | undefined {
  let known = fillers.get(schema);
  if (!known) {
    known = { fill: fills(schema, new Set()) ? compile(schema.node) : undefined };
    fillers.set(schema, known);
  }
  return known.fill;
}

const filled = new WeakMap<Schema<unknown>, boolean>();

/** Whether the schema fills anything in, at any depth. A definition that contains itself adds nothing by that. */
function fills(schema: Schema<unknown>, above: Set<Schema<unknown>>): boolean {
  const known = filled.get(schema);
  if (known !== undefined) return known;
  if (above.has(schema)) return false;
  above.add(schema);
  const found = fillsWithin(schema.node, above);
  above.delete(schema);
  if (found || above.size === 0) filled.set(schema, found);
  return found;
}

function fillsWithin(node: SchemaNode, above: Set<Schema<unknown>>): boolean {
  switch (node.type) {
    case "list":
      return fills(node.item, above);
    case "map":
      return fills(node.value, above);
    case "ref":
      return fills(node.target(), above);
    case "object":
      if (node.defaults) return true;
      for (const field of node.fields.values())
        if (field.node.default !== undefined || fills(field, above)) return true;
      return false;
    default:
      return false;
  }
}

function compile(node: SchemaNode): Filler {
  switch (node.type) {
    case "list":
      return fillList(node.item);
    case "map":
      return fillMap(node.value);
    case "object":
      return fillObject(node);
    case "ref":
      return (value) => fillerOf(node.target())?.(value) ?? value;
    default:
      return (value) => value;
  }
}

function fillList(item: Schema<unknown>): Filler {
  return (value) => {
    const fill = fillerOf(item);
    if (!fill || !Array.isArray(value)) return value;
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const before: unknown = value[index];
      const after = fill(before);
      if (after === before) continue;
      copy ??= [...value];
      copy[index] = after;
    }
    return copy ?? value;
  };
}

function fillMap(entry: Schema<unknown>): Filler {
  return (value) => {
    const fill = fillerOf(entry);
    if (!fill || !isRecord(value)) return value;
    const entries = Object.entries(value).map(([key, before]) => [key, before, fill(before)] as const);
    if (entries.every(([, before, after]) => before === after)) return value;
    return Object.fromEntries(entries.map(([key, , after]) => [key, after]));
  };
}

const asItIs: Filler = (value) => value;

function fillObject(node: SchemaNode & { type: "object" }): Filler {
  const { fields } = node;
  const defaults = node.defaults as ((value: unknown) => Readonly<Record<string, unknown>>) | undefined;
  const own = [...fields].filter(([, field]) => field.node.default !== undefined);
  const constants = new Map<string, unknown>();
  const constantOf = (name: string, field: Schema<unknown>): unknown => {
    if (!constants.has(name))
      constants.set(name, deepFreeze(fillerOf(field)?.(field.node.default) ?? field.node.default));
    return constants.get(name);
  };
  // Looked up once a field: most of them hold nothing to fill in.
  const inner = new Map<string, Filler>();
  const innerOf = (name: string): Filler => {
    const field = fields.get(name);
    const fill = (field && fillerOf(field)) ?? asItIs;
    inner.set(name, fill);
    return fill;
  };
  return (value) => {
    if (!isRecord(value)) return value;
    let object: Readonly<Record<string, unknown>> = value;
    let copy: Record<string, unknown> | undefined;
    const set = (name: string, entry: unknown): void => {
      if (!copy) {
        copy = { ...object };
        object = copy;
      }
      copy[name] = entry;
    };
    for (const name of Object.keys(value)) {
      const before = value[name];
      if (typeof before !== "object" || before === null) continue;
      const fill = inner.get(name) ?? innerOf(name);
      if (fill === asItIs) continue;
      const after = fill(before);
      if (after !== before) set(name, after);
    }
    for (const [name, field] of own) if (object[name] === undefined) set(name, constantOf(name, field));
    if (defaults) {
      for (const [name, entry] of Object.entries(defaults(object))) {
        if (entry === undefined) continue;
        set(name, (inner.get(name) ?? innerOf(name))(entry));
      }
    }
    return object;
  };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
