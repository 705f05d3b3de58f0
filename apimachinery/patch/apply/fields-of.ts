import { isObject, type JsonObject } from "../merge.js";
import { emptySet, type FieldSet, frozen, leaf, self } from "./field-set.js";
import { itemsOf, type ListShape } from "./items.js";
import { fieldElement } from "./path-element.js";
import type { Shape } from "./shape.js";

/** All fields that an applied configuration sets, and so claims. The root is not among them. */
export const appliedFields = (shape: Shape, value: unknown): FieldSet => fieldsBelow(shape, value, false) ?? emptySet;

/** All fields that came into being (or went) with a value: besides what holds a value, the optional parts that hold those. */
export const bornFields = (shape: Shape, value: unknown): FieldSet => fieldsBelow(shape, value, true) ?? emptySet;

/** Undefined where the value is a leaf: it has nothing below it. */
function fieldsBelow(shape: Shape, value: unknown, born: boolean): FieldSet | undefined {
  switch (shape.type) {
    case "leaf":
      return undefined;
    case "struct":
      return isObject(value) ? structFields(shape, value, born) : undefined;
    case "map":
      return isObject(value) ? mapFields(shape, value, born) : undefined;
    case "list":
      return Array.isArray(value) ? listFields(shape, value, born) : undefined;
  }
}

function structFields(
  shape: Shape & { readonly type: "struct" },
  value: JsonObject,
  born: boolean,
): FieldSet | undefined {
  const children: [string, FieldSet][] = [];
  for (const name of Object.keys(value)) {
    const member = shape.member(name);
    const below = value[name];
    if (!member || below === undefined) continue;
    // An applied list that is merged claims its items alone.
    if (!born && member.shape.type === "list" && Array.isArray(below) && below.length === 0) continue;
    const fields = fieldsBelow(member.shape, below, born);
    children.push([member.element, fields === undefined ? leaf : born && member.optional ? withSelf(fields) : fields]);
  }
  return nodeOf(children);
}

function mapFields(shape: Shape & { readonly type: "map" }, value: JsonObject, born: boolean): FieldSet | undefined {
  const children: [string, FieldSet][] = [];
  for (const key of Object.keys(value)) {
    const fields = fieldsBelow(shape.value, value[key], born);
    children.push([fieldElement(key), fields === undefined ? leaf : withSelf(fields)]);
  }
  return nodeOf(children);
}

function listFields(shape: ListShape, value: readonly unknown[], born: boolean): FieldSet | undefined {
  const children: [string, FieldSet][] = [];
  for (const [element, items] of itemsOf(shape, value)) {
    // Items that share a key can only be owned together, whole.
    const fields = items.length === 1 ? fieldsBelow(shape.item, items[0], born) : undefined;
    children.push([element, fields === undefined ? leaf : withSelf(fields)]);
  }
  return nodeOf(children);
}

export const withSelf = (fields: FieldSet): FieldSet => Object.freeze({ [self]: leaf, ...fields });

const nodeOf = (children: readonly (readonly [string, FieldSet])[]): FieldSet | undefined =>
  children.length === 0 ? undefined : frozen(new Map(children.toSorted(byElement)));

const byElement = ([one]: readonly [string, FieldSet], [other]: readonly [string, FieldSet]): number =>
  one < other ? -1 : one > other ? 1 : 0;
