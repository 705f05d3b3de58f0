import fc from "fast-check";
import { applyMergePatch, createMergePatch, createThreeWayMergePatch, type JsonObject } from "./merge.js";

describe("JSON merge patch", () => {
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", c: 1 }, { a: null }, { c: 1 }],
    [{ a: ["b"] }, { a: ["c", null] }, { a: ["c", null] }],
    [{ a: { b: 1, c: 2 } }, { a: { b: null, d: { e: null } } }, { a: { c: 2, d: {} } }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: 1 }, "x", "x"],
    ["x", { a: 1 }, { a: 1 }],
  ])("%j with %j is %j", (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected);
  });

  it("treats __proto__ as a name like any other", () => {
    const merged = applyMergePatch({ a: 1 }, JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(JSON.stringify(merged)).toBe('{"a":1,"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  const json = fc.letrec<{ object: JsonObject; value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.integer({ max: 3 }), fc.array(fc.integer({ max: 2 })), tie("object")),
    object: fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), { noNullPrototype: true }),
  })).object;
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it("leads from any object to any other", () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        expect(plain(applyMergePatch(from, createMergePatch(from, to)))).toEqual(plain(to));
        expect(createMergePatch(to, to)).toEqual({});
      }),
    );
  });

  it("in three ways keeps what others added and drops what is no longer wanted", () => {
    const original = { spec: { a: 1, b: 2 } };
    const modified = { spec: { a: 3 } };
    const current = { spec: { a: 1, b: 2, c: 9 }, status: {} };
    const patch = createThreeWayMergePatch(original, modified, current);
    expect(patch).toEqual({ spec: { a: 3, b: null } });
    expect(applyMergePatch(current, patch)).toEqual({ spec: { a: 3, c: 9 }, status: {} });
  });
});
