import fc from "fast-check";
import type { Schema, SchemaNode } from "./schema.js";

const times = ["2026-01-02T03:04:05Z", "1999-12-31T23:59:59Z"];

/** For property tests: values that the schema can decode; right in type, not in sense. */
export function valuesOf({ node }: Schema<unknown>, depth: number): fc.Arbitrary<unknown> {
  switch (node.type) {
    case "string":
      if (node.format === "quantity") return fc.constantFrom("1", "500m", "2Gi", "0", "1500Mi", "3k");
      if (node.format === "time") return fc.constantFrom(...times);
      if (node.format === "micro-time") return fc.constant("2026-01-02T03:04:05.678901Z");
      if (node.format === "bytes") return fc.constantFrom("", "YQ==", "YWI=");
      return node.enum
        ? fc.constantFrom(...node.enum, "Elsewise")
        : fc.constantFrom("", "a", "web", "x.y/z", "A_", "../up", "__proto__");
    case "integer":
      return fc.constantFrom(-1, 0, 1, 80, 70_000, 2 ** 31 - 1);
    case "number":
      return fc.constantFrom(0, 1.5);
    case "boolean":
      return fc.boolean();
    case "int-or-string":
      return fc.constantFrom<unknown>(0, 1, "25%", "http", "");
    case "any":
      return fc.constantFrom<unknown>({ a: 1 }, [1], "x");
    case "list":
      return depth <= 0 ? fc.constant([]) : fc.array(valuesOf(node.item, depth - 1), { maxLength: 2 });
    case "map":
      return fc.dictionary(fc.constantFrom("a", "b/c", "__proto__", "cpu"), valuesOf(node.value, depth - 1), {
        maxKeys: 2,
      });
    case "ref":
      return fc.constant(null).chain(() => valuesOf(node.target(), depth));
    case "object":
      return objectOf(node, depth);
  }
}

function objectOf(node: SchemaNode & { readonly type: "object" }, depth: number): fc.Arbitrary<unknown> {
  if (depth <= 0) return fc.constant({});
  const fields = [...node.fields];
  return fc
    .subarray(fields, { maxLength: Math.min(7, fields.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map(([name, field]) => [name, valuesOf(field, depth - 1)]))),
    );
}
