import { Ajv } from "ajv";
import fc from "fast-check";
import type { ResourceDefinition } from "../apimachinery/resource.js";
import { decode } from "../apimachinery/schema/decode.js";
import { applyDefaults } from "../apimachinery/schema/defaults.js";
import { definitionSchema, definitionsOf } from "../apimachinery/schema/json-schema.js";
import type { Schema, SchemaNode } from "../apimachinery/schema/schema.js";
import { valuesOf } from "../apimachinery/schema/schema.test-kit.js";
import { StatusError } from "../apimachinery/status.js";
import { validateObject } from "../apimachinery/validate-object.js";
import { builtins } from "./catalogue.js";

/** Laws that hold for every kind, whatever comes in. */

const runs = 60;

const decoded = (definition: ResourceDefinition, value: unknown): ReturnType<typeof decode> =>
  decode(definition.schema as Schema<unknown>, value, { strict: "Strict" });
const defaulted = (definition: ResourceDefinition, value: unknown): unknown =>
  applyDefaults(definition.schema as Schema<unknown>, decoded(definition, value).value);

describe.each(builtins.map((definition) => [definition.kind, definition] as const))("%s", (_kind, definition) => {
  const values = valuesOf(definition.schema, 8);

  it("decodes what it has decoded to the same, and fills defaults in once", () => {
    fc.assert(
      fc.property(values, (value) => {
        const full = defaulted(definition, value);
        expect(applyDefaults(definition.schema as Schema<unknown>, full)).toBe(full);
        const wire: unknown = JSON.parse(JSON.stringify(full));
        expect(defaulted(definition, wire)).toEqual(full);
      }),
      { numRuns: runs },
    );
  });

  it("validates and prints anything that decodes, without throwing", () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [object, old] = [defaulted(definition, one), defaulted(definition, other)] as never[];
        if (object === undefined || old === undefined) return;
        expect(Array.isArray(validateObject(definition, object, undefined))).toBe(true);
        const prepared = definition.prepare?.(object, undefined) ?? object;
        expect(Array.isArray(validateObject(definition, prepared, old))).toBe(true);
        definition.gracefulDeletion?.(prepared, undefined);
        if (validateObject(definition, prepared, undefined).every(({ reason }) => reason !== "Required"))
          for (const { cell } of definition.columns) cell(prepared, { nowMs: 0 });
        for (const field of Object.values(definition.selectableFields)) expect(typeof field(prepared)).toBe("string");
      }),
      { numRuns: runs },
    );
  });

  it("refuses any other JSON by a 400, or takes it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (spec, metadata) => {
        try {
          const object = applyDefaults(
            definition.schema as Schema<unknown>,
            decode(definition.schema as Schema<unknown>, { spec, metadata, data: spec }, { strict: "Ignore" }).value,
          );
          validateObject(definition, object as never, undefined);
        } catch (error) {
          if (!(error instanceof StatusError) || error.code !== 400) throw error;
        }
      }),
      { numRuns: runs },
    );
  });

  it("passes its own JSON Schema", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const nodes = definitionsOf(definition.schema as Schema<unknown>);
    const addressOf = (node: SchemaNode & { readonly type: "object" }): string => `#/$defs/${nodes.indexOf(node)}`;
    const $defs = Object.fromEntries(nodes.map((node, index) => [index, definitionSchema(node, { addressOf })]));
    const check = ajv.compile({ $ref: "#/$defs/0", $defs });
    const complete = (value: unknown): boolean => {
      const errors = validateObject(definition, value as never, undefined);
      return errors.every(({ reason }) => reason !== "Required" && reason !== "NotSupported" && reason !== "Invalid");
    };
    fc.assert(
      fc.property(values, (value) => {
        const full = defaulted(definition, value);
        if (complete(full))
          expect({ passes: check(full), errors: check.errors }).toEqual({ passes: true, errors: null });
      }),
      { numRuns: runs },
    );
    expect(check({ metadata: "x" })).toBe(false);
  });
});
