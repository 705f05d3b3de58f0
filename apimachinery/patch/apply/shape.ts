import { unreachable } from "../../../base/assert.js";
import type { Schema, SchemaNode } from "../../schema/schema.js";
import { isObject, type JsonObject } from "../merge.js";
import { fieldElement, keyElement, valueElement } from "./path-element.js";
import { newSign, signOfKey } from "./signs.js";

/** What a schema says about ownership: which values are owned whole, and how the parts of the others are told apart. */
export type Shape =
  /** Scalars, and lists, maps and structs that are replaced whole. */
  | { readonly type: "leaf" }
  | { readonly type: "struct"; member(name: string): Member | undefined }
  | { readonly type: "map"; readonly value: Shape }
  | { readonly type: "list"; readonly item: Shape; identify(item: unknown): Identity };

export interface Member {
  readonly shape: Shape;
  readonly element: string;
  /** The element as JSON, with the colon that follows a key. */
  readonly text: string;
  /** One character for this member alone. */
  readonly sign: string;
  /** Where it was absent before, it has come into being itself, not only what lies in it. A status is always there. */
  readonly optional: boolean;
}

/** The path element of a list item, or why it has none. */
export type Identity =
  | {
      readonly element: string;
      /** The element as JSON. */
      readonly text: string;
      /** One character for this element alone, where there is one. */
      readonly sign: string | undefined;
    }
  | { readonly missing: string };

const leafShape: Shape = { type: "leaf" };
/** Where no schema says anything: maps are merged, all else is replaced whole. */
const unknownShape: Shape = {
  type: "map",
  get value() {
    return unknownShape;
  },
};
const shapes = new WeakMap<Schema<unknown>, Shape>();

export function shapeOf(schema: Schema<unknown>): Shape {
  let shape = shapes.get(schema);
  if (!shape) {
    shape = compile(schema.node);
    shapes.set(schema, shape);
  }
  return shape;
}

function compile(node: SchemaNode): Shape {
  switch (node.type) {
    case "string":
    case "integer":
    case "number":
    case "boolean":
    case "int-or-string":
    case "any":
      return leafShape;
    case "ref":
      return shapeOf(node.target());
    case "map":
      return node.mapType === "atomic" ? leafShape : new MapShape(node.value);
    case "object":
      return node.mapType === "atomic" ? leafShape : new StructShape(node);
    case "list": {
      const type = node.listType ?? (node.mapKeys ? "map" : "atomic");
      if (type === "atomic") return leafShape;
      return type === "set" ? setList : new KeyedList(node.item, node.mapKeys ?? []);
    }
    default:
      return unreachable(node);
  }
}

// Shapes of what lies below are made when they are first asked for: definitions may contain themselves.
class MapShape {
  readonly type = "map";
  readonly #value: Schema<unknown>;
  constructor(value: Schema<unknown>) {
    this.#value = value;
  }
  get value(): Shape {
    return shapeOf(this.#value);
  }
}

class StructShape {
  readonly type = "struct";
  readonly #node: SchemaNode & { readonly type: "object" };
  readonly #members = new Map<string, Member>();
  constructor(node: SchemaNode & { readonly type: "object" }) {
    this.#node = node;
  }
  member(name: string): Member | undefined {
    const known = this.#members.get(name);
    if (known) return known;
    const schema = this.#node.fields.get(name);
    if (!schema) return this.#node.preserveUnknown ? unknownMember(name) : undefined;
    const made = memberOf(shapeOf(schema), name, schema.node.optional === true && name !== "status");
    this.#members.set(name, made);
    return made;
  }
}

const memberOf = (shape: Shape, name: string, optional: boolean): Member => {
  const element = fieldElement(name);
  return { shape, element, text: `${JSON.stringify(element)}:`, sign: newSign() ?? "", optional };
};
const unknownMember = (name: string): Member => memberOf(unknownShape, name, true);

function keyValue(item: JsonObject, key: string): unknown {
  const value = Object.hasOwn(item, key) ? item[key] : undefined;
  return typeof value === "object" ? undefined : value;
}

const maxKnownItems = 1_000;
const identityOf = (element: string, isKept = false): Identity => ({
  element,
  text: JSON.stringify(element),
  sign: isKept ? newSign() : undefined,
});

class KeyedList {
  readonly type = "list";
  readonly #item: Schema<unknown>;
  readonly #keys: readonly string[];
  /** Items with the same key are many objects' (`name: web`). */
  readonly #known = new Map<unknown, Identity>();
  #defaults: ReadonlyMap<string, unknown> | undefined;
  constructor(item: Schema<unknown>, keys: readonly string[]) {
    this.#item = item;
    this.#keys = [...keys].sort();
  }
  get item(): Shape {
    return shapeOf(this.#item);
  }
  identify(item: unknown): Identity {
    if (!isObject(item)) {
      const what = item === null ? "a null element" : "non-map elements";
      return { missing: `associative list with keys may not have ${what}` };
    }
    const brief = this.#briefly(item);
    const known = brief === undefined ? undefined : this.#known.get(brief);
    if (known) return known;
    const isKept = brief !== undefined && this.#known.size < maxKnownItems;
    const made = this.#identify(item, isKept);
    if (isKept) this.#known.set(brief, made);
    return made;
  }
  /** Tells apart what the key fields tell apart, as far as they are there and scalars. */
  #briefly(item: JsonObject): unknown {
    if (this.#keys.length === 1) return keyValue(item, this.#keys[0] ?? "");
    let brief = "";
    for (const key of this.#keys) {
      const value = keyValue(item, key);
      if (value === undefined) return undefined;
      brief += `${typeof value === "string" ? JSON.stringify(value) : value},`;
    }
    return brief;
  }
  #identify(item: JsonObject, isKept: boolean): Identity {
    const keys: [string, unknown][] = [];
    for (const key of this.#keys) {
      const value = (Object.hasOwn(item, key) ? item[key] : undefined) ?? this.#defaultOf(key);
      if (value !== undefined) keys.push([key, value]);
    }
    if (keys.length > 0) return identityOf(keyElement(keys), isKept);
    const names = this.#keys.map((key) => JSON.stringify(key)).join(" ");
    return {
      missing:
        `associative list with keys has an element that omits all key fields [${names}] ` +
        "(and doesn't have default values for any key fields)",
    };
  }
  #defaultOf(key: string): unknown {
    this.#defaults ??= keyDefaults(this.#item, this.#keys);
    return this.#defaults.get(key);
  }
}

function keyDefaults(item: Schema<unknown>, keys: readonly string[]): ReadonlyMap<string, unknown> {
  let node = item.node;
  while (node.type === "ref") node = node.target().node;
  const fields = node.type === "object" ? node.fields : undefined;
  return new Map(keys.map((key) => [key, fields?.get(key)?.node.default]));
}

const signedByValue = (element: string): Identity => ({
  element,
  text: JSON.stringify(element),
  sign: signOfKey(element),
});

const setList: Shape = {
  type: "list",
  item: leafShape,
  identify(item) {
    if (typeof item !== "object") return signedByValue(valueElement(item));
    if (Array.isArray(item)) return { missing: "not supported: associative list with lists as elements" };
    const what = item === null ? "an explicit null" : "a map type";
    return { missing: `associative list without keys has an element that's ${what}` };
  },
};
