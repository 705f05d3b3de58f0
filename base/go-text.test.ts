import { goSyntax, goText, goType } from "./go-text.js";

describe("a value as Go prints it", () => {
  const value = { b: [1, null, "x y"], a: { c: true }, d: 12345678901234567890n };

  it("by itself", () => {
    expect(goText(value)).toBe("map[a:map[c:true] b:[1 <nil> x y] d:12345678901234567890]");
    expect(goText(undefined)).toBe("<nil>");
  });

  it("in Go's syntax", () => {
    expect(goSyntax({ b: [1, null, 'x"'], a: { c: true } })).toBe(
      'map[string]interface {}{"a":map[string]interface {}{"c":true}, "b":[]interface {}{1, interface {}(nil), "x\\""}}',
    );
  });

  it.each([
    ["x", "string"],
    [true, "bool"],
    [1, "int64"],
    [1n, "int64"],
    [1.5, "float64"],
    [[], "[]interface {}"],
    [{}, "map[string]interface {}"],
    [null, "<nil>"],
  ])("by its type: %p is %s", (each, type) => {
    expect(goType(each)).toBe(type);
  });
});
