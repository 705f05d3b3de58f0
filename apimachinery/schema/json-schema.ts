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
}
export type ObjectNode = SchemaNode & { readonly type: "object" };

/** The schema of one definition, its own fields spelled out. */
export function definitionSchema(node: ObjectNode, options: JsonSchemaOptions): JsonSchema {
  const required = [...node.fields].flatMap(([name, { node: field }]) =>
    field.optional || field.default !== undefined ? [] : [name],
  );
  return {
    type: "object",
    properties: Object.fromEntries([...node.fields].map(([name, field]) => [name, fieldSchema(field.node, options)])),
    ...(required.length > 0 ? { required } : {}),
    ...(node.preserveUnknown ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
    ...(node.mapType ? { "x-kubernetes-map-type": node.mapType } : {}),
  };
}

/** Every definition that a schema leads to, itself first. */
export function definitionsOf(schema: Schema<unknown>): readonly ObjectNode[] {
  const found = new Set<ObjectNode>();
  const visit = ({ node }: Schema<unknown>): void => {
    if (node.type === "list") visit(node.item);
    else if (node.type === "map") visit(node.value);
    else if (node.type === "ref") visit(node.target());
    else if (node.type === "object" && !found.has(node)) {
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
      return { ...stringSchema(node), ...value };
    case "integer":
      return { type: "integer", format: node.format, ...bounds(node), ...value };
    case "number":
      return { type: "number", format: "double", ...bounds(node), ...value };
    case "boolean":
      return { type: "boolean", ...value };
    case "int-or-string":
      return { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }], ...value };
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
      // Nothing may stand beside a $ref in OpenAPI 3.0.
      return node.default === undefined || !("$ref" in target) ? target : { allOf: [target], ...value };
    }
    default:
      return unreachable(node);
  }
}

function stringSchema({ format, enum: values, maxLength }: SchemaNode & { readonly type: "string" }): JsonSchema {
  const limits = {
    ...(values ? { enum: values } : {}),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
  switch (format) {
    case undefined:
      return { type: "string", ...limits };
    case "quantity":
      return { anyOf: [{ type: "string" }, { type: "number" }] };
    case "time":
    case "micro-time":
      return { type: "string", format: "date-time" };
    case "bytes":
      return { type: "string", format: "byte" };
    default:
      return unreachable(format);
  }
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
