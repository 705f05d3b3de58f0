import fc from "fast-check";
import { decode } from "../../schema/decode.js";
import {
  any,
  boolean,
  int32,
  intOrString,
  list,
  map,
  object,
  optional,
  quantity,
  string,
} from "../../schema/schema.js";
import { misfits } from "./typed.js";

const item = object("Item", { name: optional(string()), size: optional(int32()) });
const thing = object("Thing", {
  text: optional(string()),
  count: optional(int32()),
  on: optional(boolean()),
  port: optional(intOrString()),
  amount: optional(quantity()),
  words: optional(map(string())),
  items: optional(list(item, { mapKeys: ["name"] })),
  names: optional(list(string(), { listType: "set" })),
  rows: optional(list(item)),
  free: optional(any()),
});

describe("a configuration to apply", () => {
  it.each([
    [{ text: 7 }, ".text: expected string, got &value.valueUnstructured{Value:7}"],
    [
      { words: { a: { b: "c" } } },
      '.words.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"b":"c"}}',
    ],
    [{ count: "x" }, ".count: expected numeric (int or float), got string"],
    [{ count: {} }, ".count: expected numeric (int or float), got map[string]interface {}"],
    [{ on: "yes" }, ".on: expected boolean, got &{yes}"],
    [{ port: [1] }, ".port: expected any scalar, got &{[1]}"],
    [{ amount: { a: 1 } }, ".amount: expected any scalar, got &{map[a:1]}"],
    [{ words: ["a", "b"] }, ".words: expected map, got &{[a b]}"],
    [{ items: { a: 1 } }, ".items: expected list, got &{map[a:1]}"],
    [{ rows: [{}, "a"] }, ".rows[1]: expected map, got &{a}"],
    [{ items: [{ name: "a", size: "1" }] }, '.items[name="a"].size: expected numeric (int or float), got string'],
    [{ txt: 1 }, ".txt: field not declared in schema"],
    [{ rows: [{ sise: 1 }] }, ".rows[0].sise: field not declared in schema"],
    [[], "expected map, got &{[]}"],
    [{ items: ["a"] }, ".items: element 0: associative list with keys may not have non-map elements"],
    [{ items: [null] }, ".items: element 0: associative list with keys may not have a null element"],
    [
      { items: [{ size: 1 }] },
      '.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
    [{ items: [{ name: "a" }, { name: "a" }] }, '.items: duplicate entries for key [name="a"]'],
    [{ names: ["a", "a"] }, '.names: duplicate entries for key [="a"]'],
    [{ names: [null] }, ".names: element 0: associative list without keys has an element that's an explicit null"],
    [{ names: [{}] }, ".names: element 0: associative list without keys has an element that's a map type"],
    [{ names: [[]] }, ".names: element 0: not supported: associative list with lists as elements"],
  ])("%j does not fit", (configuration, problem) => {
    expect(misfits(thing, configuration)).toBe(problem);
  });

  it("is told all that does not fit", () => {
    expect(misfits(thing, { text: 7, on: 1, more: {} })).toBe(
      "errors:\n  .text: expected string, got &value.valueUnstructured{Value:7}\n  .on: expected boolean, got &{1}\n" +
        "  .more: field not declared in schema",
    );
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    expect(misfits(thing, many)?.split("\n")).toHaveLength(101);
  });

  it("fits with null everywhere, but as an item of a merged list", () => {
    const nothing = { text: null, count: null, on: null, port: null, amount: null, free: null };
    expect(misfits(thing, { ...nothing, words: { a: null }, items: null, names: null, rows: [null] })).toBe(undefined);
  });

  it("fits as to types where a reader of JSON takes it", () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const some = fc.record(
      Object.fromEntries(
        ["text", "count", "on", "port", "words", "items", "rows", "free"].map((name) => [name, value]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(some, (configuration) => {
        try {
          decode(thing, configuration, { strict: "Strict" });
        } catch {
          return;
        }
        expect(misfits(thing, configuration) ?? "element").toMatch(/element|duplicate/);
      }),
      { numRuns: 500 },
    );
  });
});
