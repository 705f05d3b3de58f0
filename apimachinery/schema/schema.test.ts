import { decode } from "./decode.js";
import { applyDefaults } from "./defaults.js";
import { definitionSchema, definitionsOf } from "./json-schema.js";
import {
  addRules,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  type Schema,
  string,
} from "./schema.js";
import { joinPath, maxFieldErrors, validateSchema } from "./validate.js";

const wheel = object("Wheel", {
  size: int32({ default: 28, min: 10, max: 36 }),
  tyre: optional(string({ maxLength: 5 })),
});
interface Wheel extends Infer<typeof wheel> {}

const bicycle = object("Bicycle", {
  name: string({ nonEmpty: true }),
  kind: oneOf(["city", "road"], { default: "city" }),
  front: ref<Wheel>(() => wheel, { default: {} }),
  spares: optional(
    list(
      ref<Wheel>(() => wheel),
      { mapKeys: ["size"], mergeKey: "size" },
    ),
  ),
  loads: optional(map(quantity())),
  pressure: optional(intOrString({ omitZero: true })),
  back: optional(ref<Wheel>(() => wheel)),
});
interface Bicycle extends Infer<typeof bicycle> {}
addRules(bicycle, {
  defaults: ({ kind }) => (kind === "road" ? { back: { size: 30 } } : {}),
  validate: ({ name }) => (name === "car" ? [{ path: "name", reason: "Invalid", value: name, message: "no" }] : []),
});

const read = (value: unknown): Bicycle => applyDefaults(bicycle, decode(bicycle, value, { strict: "Strict" }).value);
const told = (value: unknown): readonly string[] =>
  validateSchema(bicycle, read(value)).map(
    ({ path, reason, message }) => `${path} ${reason}${message && `: ${message}`}`,
  );

describe("a schema", () => {
  it("fills an absent object with that object's own defaults, and gives rules the last word", () => {
    expect(read({ name: "a" })).toEqual({ name: "a", kind: "city", front: { size: 28 } });
    expect(read({ name: "a", kind: "road", spares: [{}] })).toEqual({
      name: "a",
      kind: "road",
      front: { size: 28 },
      back: { size: 30 },
      spares: [{ size: 28 }],
    });
  });

  it("gives back the same object where nothing is to be filled in", () => {
    const full = read({ name: "a" });
    expect(applyDefaults(bicycle, full)).toBe(full);
  });

  it("never changes what it fills in, and shares only what is frozen", () => {
    const bare = Object.freeze({ name: "a" }) as Bicycle;
    const [one, other] = [applyDefaults(bicycle, bare), applyDefaults(bicycle, bare)];
    expect(bare).toEqual({ name: "a" });
    expect(one.front).toBe(other.front);
    expect(Object.isFrozen(one.front)).toBe(true);
  });

  it("tells what is missing, out of range or unknown, with paths", () => {
    expect(told({})).toEqual(["name Required"]);
    expect(told({ name: "a", kind: "boat" })).toEqual(['kind NotSupported: supported values: "city", "road"']);
    expect(told({ name: "a", spares: [{}, { size: 9 }] })).toEqual([
      "spares[1].size Invalid: must be between 10 and 36, inclusive",
    ]);
    expect(told({ name: "a", front: { tyre: "123456" } })).toEqual([
      "front.tyre TooLong: may not be more than 5 bytes",
    ]);
    expect(told({ name: "car" })).toEqual(["name Invalid: no"]);
  });

  it("lets rules speak in spite of what is missing, but not about that", () => {
    const inner = object("Inner", { name: string(), sizes: list(string(), { nonEmpty: true }) });
    const picky = object("Picky", { inner, other: optional(string()) });
    addRules(picky, {
      validate: (value) => {
        expect(value.inner.name).toBe("");
        const about = (path: string) => ({ path, reason: "Invalid" as const, value: "x", message: "no" });
        return ["other", "inner", "inner.name", "inner.sizes[0]", "inner.namely"].map(about);
      },
    });
    const missing = ["inner.name Required: ", "inner.sizes Required: "];
    const tell = (value: object) => validateSchema(picky, value).map((e) => `${e.path} ${e.reason}: ${e.message}`);
    expect(tell({ inner: { sizes: [] } })).toEqual([
      ...missing,
      ...["other", "inner", "inner.namely"].map((path) => `${path} Invalid: no`),
    ]);
    expect(tell({})).toEqual(["inner Required: ", "other Invalid: no"]);
  });

  it("stops counting errors at a bound", () => {
    const spares = Array.from({ length: 10 * maxFieldErrors }, () => ({ size: 1 }));
    expect(validateSchema(bicycle, read({ name: "a", spares })).length).toBeLessThanOrEqual(maxFieldErrors);
  });

  it("rounds amounts of resources up to thousandths", () => {
    expect(read({ name: "a", loads: { cpu: "100u", memory: "1Gi" } }).loads).toEqual({ cpu: "1m", memory: "1Gi" });
  });

  it("joins paths", () => {
    expect([joinPath("a", "b"), joinPath("a", "[0].b"), joinPath("a", ""), joinPath("", "b")]).toEqual([
      "a.b",
      "a[0].b",
      "a",
      "b",
    ]);
  });

  it("turns into JSON Schema", () => {
    const nodes = definitionsOf(bicycle as Schema<unknown>);
    expect(nodes.map(({ name }) => name)).toEqual(["Bicycle", "Wheel"]);
    const [node] = nodes;
    const schema = node && definitionSchema(node, { addressOf: ({ name }) => `#/${name}` });
    expect(schema).toMatchObject({
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string" },
        kind: { type: "string", enum: ["city", "road"], default: "city" },
        front: { allOf: [{ $ref: "#/Wheel" }], default: {} },
        spares: {
          type: "array",
          items: { $ref: "#/Wheel" },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["size"],
          "x-kubernetes-patch-merge-key": "size",
          "x-kubernetes-patch-strategy": "merge",
        },
        back: { $ref: "#/Wheel" },
      },
    });
  });
});
