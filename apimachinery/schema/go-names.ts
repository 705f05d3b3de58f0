/** Types and values as Go names them in Kubernetes' messages. */
import { unreachable } from "../../base/assert.js";
import { goType } from "../../base/go-text.js";
import type { SchemaNode } from "./schema.js";

/** How Go names the type: `int32`, `[]v1.Container`, `map[string]string`. */
export function goTypeOf(node: SchemaNode): string {
  switch (node.type) {
    case "string":
      if (node.format === "quantity") return "resource.Quantity";
      if (node.format === "time") return "v1.Time";
      if (node.format === "micro-time") return "v1.MicroTime";
      return node.format === "bytes" ? "[]uint8" : "string";
    case "integer":
      return node.format;
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    case "int-or-string":
      return "intstr.IntOrString";
    case "any":
      return "interface {}";
    case "list":
      return `[]${goTypeOf(node.item.node)}`;
    case "map": {
      const type = goTypeOf(node.value.node);
      return type === "resource.Quantity" ? "v1.ResourceList" : `map[string]${type}`;
    }
    case "object":
      return `v1.${node.name}`;
    case "ref":
      return goTypeOf(node.target().node);
    default:
      return unreachable(node);
  }
}

/** As Go names what a JSON value is. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "number";
  return value === null ? "null" : typeof value;
}

/** A value that is not of a Go type, in the words of Kubernetes' conversion. */
export function unconvertible(value: unknown, type: string): string {
  if (type.startsWith("[]")) return `cannot restore slice from ${goKind(value)}`;
  if (type.startsWith("map[") || type === "v1.ResourceList") return `cannot restore map from ${goKind(value)}`;
  if (type.startsWith("v1.")) return `cannot restore struct from: ${goKind(value)}`;
  const isNumber = typeof value === "number" || typeof value === "bigint";
  const converts = type === "string" ? goType(value) === "int64" : type !== "bool" && isNumber;
  return converts ? `cannot convert ${goType(value)} to ${type}` : `unrecognized type: ${type}`;
}

const goKind = (value: unknown): string =>
  goType(value)
    .replace(/^\[\].*/, "slice")
    .replace(/^map.*/, "map");
