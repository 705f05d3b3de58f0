import fc from "fast-check";
import { type FieldSet, pathsOf, setOf, union } from "./field-set.js";

const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"1"');
const sets = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 }).map(setOf);
const read = (set: FieldSet): FieldSet => JSON.parse(JSON.stringify(set)) as FieldSet;

describe("the union of sets of fields", () => {
  it("has one form, whether a set was read or made", () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const both = union(left, right);
        expect(union(read(left), read(right))).toEqual(both);
        expect(union(read(both), left)).toEqual(both);
        expect(new Set(pathsOf(both).map(String))).toEqual(new Set([...pathsOf(left), ...pathsOf(right)].map(String)));
      }),
    );
  });

  it("writes a field without children as nothing but itself", () => {
    expect(union(read(setOf([["f:a"]])), read(setOf([["f:a"]])))).toEqual({ "f:a": {} });
  });
});
