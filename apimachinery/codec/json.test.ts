import fc from "fast-check";
import { jsonMaxDepth, parseJson, stringifyJson } from "./json.js";

const strict = (text: string): readonly string[] => parseJson(text, { strict: true }).duplicateFields;

describe("JSON", () => {
  it.each([
    ['{"a":1,"a":2}', ["a"]],
    ['{"spec":{"replicas":1,"replicas":2}}', ["spec.replicas"]],
    ['{"spec": {"containers": [{"name":"a"},{"name":"b","name" : "c"}]}}', ["spec.containers[1].name"]],
    ['{"a":"\\":","b":{"c":1,"c":1,"c":1}}', ["b.c"]],
    ['{"a\\\\":1,"a\\\\":"\\":"}', ["a\\"]],
    ['{"a":"x\\":y","b":"a:b"}', []],
    ['{"a":[{"b":1},{"b":1}]}', []],
  ])("%s repeats %p", (text, fields) => {
    expect(strict(text)).toEqual(fields);
  });

  it("looks for repeated keys only when asked, and lets the last value win", () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ value: { a: 2 }, duplicateFields: [] });
    expect(parseJson('{"a":1,"a":2}', { strict: true }).value).toEqual({ a: 2 });
  });

  it("keeps integers of 64 bits exact, both ways", () => {
    const text = '{"big":9007199254740993,"min":-9223372036854775808,"small":1,"list":[9223372036854775807]}';
    const { value } = parseJson(text);
    expect(value).toMatchObject({ big: 9007199254740993n, small: 1 });
    expect(stringifyJson(value)).toBe(text);
  });

  it("reads integers beyond 64 bits as the nearest double", () => {
    expect(parseJson("18446744073709551616").value).toBe(18446744073709552000);
  });

  it("treats __proto__ as a name like any other", () => {
    for (const text of ['{"__proto__":{"polluted":true}}', '{"__proto__":{"polluted":true},"n":9007199254740993}']) {
      const { value } = parseJson(text);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.keys(value as object)[0]).toBe("__proto__");
      expect(stringifyJson(value)).toBe(text);
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("bounds nesting, not counting brackets in strings", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJson(nested(jsonMaxDepth))).not.toThrow();
    expect(() => parseJson(nested(jsonMaxDepth + 1))).toThrow(/exceeded max depth/);
    expect(() => parseJson("[".repeat(1_000_000))).toThrow(/exceeded max depth/);
    expect(() => parseJson(JSON.stringify({ a: '\\"'.repeat(9) + "{[".repeat(jsonMaxDepth) }))).not.toThrow();
  });

  it.each([
    ["", "unexpected end of JSON input"],
    ['{"a":1', "unexpected end of JSON input"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ["{a:1}", "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ["[1 2]", "invalid character '2' after array element"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["nulL", "invalid character 'L' in literal null (expecting 'l')"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ["1.x", "invalid character 'x' after decimal point in numeric literal"],
    ["01", "invalid character '1' after top-level value"],
    ["{} x", "invalid character 'x' after top-level value"],
  ])("%p is refused: %s", (text, message) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ message, reason: "BadRequest" }));
  });

  it("leaves out what has no JSON form, as JSON.stringify does", () => {
    const value = { a: undefined, b: [undefined, 1n], c: 2n ** 60n, d: new Date(0) };
    expect(stringifyJson(value)).toBe('{"b":[null,1],"c":1152921504606846976,"d":"1970-01-01T00:00:00.000Z"}');
    expect(() => stringifyJson(undefined)).toThrow(TypeError);
  });

  it("reads as JSON.parse does, fast and exactly", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, " "), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        // The long integer sends it through the exact reader.
        const exact = parseJson(`{"v":${text},"w" :1234567890123456}`, { strict: true });
        expect(parseJson(text, { strict: true })).toEqual({ value: JSON.parse(text), duplicateFields: [] });
        expect(exact).toEqual({ value: { v: JSON.parse(text), w: 1234567890123456 }, duplicateFields: [] });
      }),
    );
  });

  it("finds a repeated key wherever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, key) => {
        const member = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
        expect(strict(`{"x":[{${member},${member}}]}`)).toEqual([`x[0].${key}`]);
      }),
    );
  });
});
