import fc from "fast-check";
import { escapeFieldValue, parseFieldSelector } from "./field.js";

const pod = (field: string): string => ({ "spec.nodeName": "n1", "status.phase": "Running" })[field] ?? "";

describe("field selectors", () => {
  it.each([
    ["", true],
    ["spec.nodeName=n1", true],
    ["spec.nodeName==n2", false],
    ["status.phase!=Running", false],
    ["status.phase!=Failed,spec.nodeName=n1", true],
    ["metadata.name=", true],
  ])("%p is %p", (text, expected) => {
    expect(parseFieldSelector(text).matches(pod)).toBe(expected);
  });

  it("tells the value that a field must have", () => {
    const selector = parseFieldSelector("spec.nodeName=n1,status.phase!=Failed");
    expect(selector.exactValue("spec.nodeName")).toBe("n1");
    expect(selector.exactValue("status.phase")).toBeUndefined();
  });

  it.each([
    ["name", "invalid selector: 'name'; can't understand 'name'"],
    ["a=b\\c", "invalid field selector: invalid escape sequence: \\c"],
    ["a=b\\", "invalid field selector: invalid escape sequence: \\"],
    ["a=b=c", "invalid field selector: unescaped character in value: 61"],
  ])("%p is refused: %s", (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(expect.objectContaining({ message, code: 400 }));
  });

  it("carries any value, escaped", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        const text = `a=${escapeFieldValue(first)},b!=${escapeFieldValue(second)}`;
        const selector = parseFieldSelector(text);
        expect(selector.requirements).toEqual([
          { field: "a", operator: "=", value: first },
          { field: "b", operator: "!=", value: second },
        ]);
        expect(selector.toString()).toBe(text);
      }),
    );
  });
});
