import { unreachable } from "../../base/assert.js";
import type { Schema, SchemaNode } from "./schema.js";

/**
 * Schemas as JSON Schema, in the dialect of OpenAPI 3.0 with Kubernetes' extensions. Definitions are referred to by
 * name, so that each is written once.
 */

export type JsonSchema = { readonly [keyword: string]: unknown };

export interface JsonSchemaOptions {
  /** The address of a definition: `#/components/schemas/io.k8s.api.core.v1.Pod`. Two definitions may share a name. */
  readonly addressOf: (definition: ObjectNode) => string;
  /** The same for values that Kubernetes has definitions for. Absent: they are spelled out where they stand. */
  readonly addressOfScalar?: (scalar: Scalar) => string;
  /** What a field is for; "" where nothing is known. */
  readonly describe?: (definition: ObjectNode, field: string) => string;
  /** OpenAPI 2.0 as Kubernetes writes it: a description stands beside a $ref, a default does not. */
  readonly besideRef?: true;
}
export type Scalar = "Quantity" | "Time" | "MicroTime" | "IntOrString";
export type ObjectNode = SchemaNode & { readonly type: "object" };

/** The schema of one definition, its own fields spelled out. */
export function definitionSchema(node: ObjectNode, options: JsonSchemaOptions): JsonSchema {
  const required = [...node.fields].flatMap(([name, { node: field }]) =>
    field.optional || (field.default !== undefined && !field.nonEmpty) ? [] : [name],
  );
  return {
    type: "object",
    properties: Object.fromEntries(
      [...node.fields].map(([name, field]) => [
        name,
        described(fieldSchema(field.node, options), options.describe?.(node, name) ?? "", options),
      ]),
    ),
    ...(required.length > 0 ? { required } : {}),
    ...(node.preserveUnknown ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
    ...(node.mapType ? { "x-kubernetes-map-type": node.mapType } : {}),
  };
}

/** The schemas of the values that have definitions of their own. */
export const scalarSchema = (scalar: Scalar): JsonSchema => scalars[scalar];

const scalars: Readonly<Record<Scalar, JsonSchema>> = {
  Quantity: { anyOf: [{ type: "string" }, { type: "number" }] },
  Time: { type: "string", format: "date-time" },
  MicroTime: { type: "string", format: "date-time" },
  IntOrString: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
};

/** Every definition that a schema leads to, itself first; without those known already, and what only they lead to. */
export function definitionsOf(
  schema: Schema<unknown>,
  known: { has(node: ObjectNode): boolean } = new Set(),
): readonly ObjectNode[] {
  const found = new Set<ObjectNode>();
  const visit = ({ node }: Schema<unknown>): void => {
    if (node.type === "list") visit(node.item);
    else if (node.type === "map") visit(node.value);
    else if (node.type === "ref") visit(node.target());
    else if (node.type === "object" && !found.has(node) && !known.has(node)) {
      found.add(node);
      for (const field of node.fields.values()) visit(field);
    }
  };
  visit(schema);
  return [...found];
}

function fieldSchema(node: SchemaNode, options: JsonSchemaOptions): JsonSchema {
  const value = node.default === undefined ? {} : { default: node.default };
  switch (node.type) {
    case "string":
      return besideDefault(stringSchema(node, options), value, options);
    case "integer":
      return { type: "integer", format: node.format, ...bounds(node), ...value };
    case "number":
      return { type: "number", format: "double", ...bounds(node), ...value };
    case "boolean":
      return { type: "boolean", ...value };
    case "int-or-string":
      return besideDefault(shared("IntOrString", options), value, options);
    case "any":
      return { "x-kubernetes-preserve-unknown-fields": true };
    case "list":
      return { type: "array", items: fieldSchema(node.item.node, options), ...listTraits(node), ...value };
    case "map":
      return {
        type: "object",
        additionalProperties: fieldSchema(node.value.node, options),
        ...(node.mapType ? { "x-kubernetes-map-type": node.mapType } : {}),
      };
    case "object":
      return { $ref: options.addressOf(node) };
    case "ref": {
      const target = fieldSchema(node.target().node, options);
      return "$ref" in target ? besideDefault(target, value, options) : target;
    }
    default:
      return unreachable(node);
  }
}

function stringSchema(
  { format, enum: values, maxLength, refusal }: SchemaNode & { readonly type: "string" },
  options: JsonSchemaOptions,
): JsonSchema {
  const limits = {
    ...(values && !refusal ? { enum: values.toSorted() } : {}),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
  switch (format) {
    case undefined:
      return { type: "string", ...limits };
    case "quantity":
      return shared("Quantity", options);
    case "time":
      return shared("Time", options);
    case "micro-time":
      return shared("MicroTime", options);
    case "bytes":
      return { type: "string", format: "byte" };
    default:
      return unreachable(format);
  }
}

const shared = (scalar: Scalar, { addressOfScalar }: JsonSchemaOptions): JsonSchema =>
  addressOfScalar ? { $ref: addressOfScalar(scalar) } : scalarSchema(scalar);

/** Nothing may stand beside a $ref in OpenAPI 3.0. */
function besideDefault(
  schema: JsonSchema,
  value: { readonly default?: unknown },
  { besideRef }: JsonSchemaOptions,
): JsonSchema {
  if (!("$ref" in schema)) return { ...schema, ...value };
  return value.default === undefined || besideRef ? schema : { allOf: [schema], ...value };
}

function described(schema: JsonSchema, description: string, { besideRef }: JsonSchemaOptions): JsonSchema {
  if (description === "") return schema;
  return "$ref" in schema && !besideRef ? { description, allOf: [schema] } : { description, ...schema };
}

const bounds = ({ min, max }: { readonly min?: number; readonly max?: number }): JsonSchema => ({
  ...(min === undefined ? {} : { minimum: min }),
  ...(max === undefined ? {} : { maximum: max }),
});

function listTraits({ listType, mapKeys, mergeKey }: SchemaNode & { readonly type: "list" }): JsonSchema {
  return {
    "x-kubernetes-list-type": mapKeys ? "map" : (listType ?? "atomic"),
    ...(mapKeys ? { "x-kubernetes-list-map-keys": mapKeys } : {}),
    ...(mergeKey === undefined ? {} : { "x-kubernetes-patch-strategy": "merge" }),
    ...(mergeKey ? { "x-kubernetes-patch-merge-key": mergeKey } : {}),
  };
}
