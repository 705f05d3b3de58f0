import { unreachable } from "../../../base/assert.js";
import { goSyntax, goText, goType } from "../../../base/go-text.js";
import type { Schema, SchemaNode } from "../../schema/schema.js";
import { isObject } from "../merge.js";
import { shownPath } from "./path-element.js";
import { shapeOf } from "./shape.js";

/**
 * What is wrong with a configuration before it is applied: fields that the schema does not have, values of other types,
 * items of lists that cannot be told apart. All at once, with their paths, in the words that clients of server-side apply
 * know (`.spec.replicas: expected numeric (int or float), got string`). Null is of every type.
 */
export function misfits(schema: Schema<unknown>, configuration: unknown): string | undefined {
  const found: string[] = [];
  check(schema, configuration, "", (path, problem) => {
    if (found.length < misfitsMax) found.push(path === "" ? problem : `${path}: ${problem}`);
  });
  return found.length < 2 ? found[0] : ["errors:", ...found].join("\n  ");
}

const misfitsMax = 100;

type Report = (path: string, problem: string) => void;

function check(schema: Schema<unknown>, value: unknown, path: string, report: Report): void {
  const { node } = schema;
  if (value === null || value === undefined || node.type === "any") return;
  if (node.type === "ref") check(node.target(), value, path, report);
  else if (node.type === "list") {
    if (Array.isArray(value)) checkItems(schema, node.item, value, path, report);
    else report(path, `expected list, got &{${goText(value)}}`);
  } else if (node.type === "map" || node.type === "object") {
    if (isObject(value)) checkMembers(node, value, path, report);
    else report(path, `expected map, got &{${goText(value)}}`);
  } else {
    const problem = scalarProblem(node, value);
    if (problem !== undefined) report(path, problem);
  }
}

type ScalarNode = Exclude<SchemaNode, { readonly type: "ref" | "any" | "list" | "map" | "object" }>;

function scalarProblem(node: ScalarNode, value: unknown): string | undefined {
  switch (node.type) {
    case "integer":
    case "number":
      return isNumber(value) ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected boolean, got &{${goText(value)}}`;
    case "int-or-string":
      return untypedProblem(value);
    case "string":
      if (node.format === "quantity") return untypedProblem(value);
      return typeof value === "string"
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    default:
      return unreachable(node);
  }
}

const isNumber = (value: unknown): boolean => typeof value === "number" || typeof value === "bigint";

const untypedProblem = (value: unknown): string | undefined =>
  typeof value === "object" ? `expected any scalar, got &{${goText(value)}}` : undefined;

function checkMembers(
  node: SchemaNode & { readonly type: "map" | "object" },
  value: Readonly<Record<string, unknown>>,
  path: string,
  report: Report,
): void {
  for (const [name, below] of Object.entries(value)) {
    const member = node.type === "map" ? node.value : node.fields.get(name);
    if (member) check(member, below, `${path}.${name}`, report);
    else if (node.type === "object" && !node.preserveUnknown) report(`${path}.${name}`, "field not declared in schema");
  }
}

function checkItems(
  list: Schema<unknown>,
  item: Schema<unknown>,
  value: readonly unknown[],
  path: string,
  report: Report,
): void {
  const shape = shapeOf(list);
  const seen = new Set<string>();
  for (const [index, each] of value.entries()) {
    if (shape.type !== "list") {
      check(item, each, `${path}[${index}]`, report);
      continue;
    }
    const identity = shape.identify(each);
    if ("missing" in identity) {
      report(path, `element ${index}: ${identity.missing}`);
      return; // what follows an item that cannot be told apart is not looked at
    }
    const shown = shownPath([identity.element]);
    if (seen.has(identity.element)) report(path, `duplicate entries for key ${shown}`);
    seen.add(identity.element);
    check(item, each, path + shown, report);
  }
}
