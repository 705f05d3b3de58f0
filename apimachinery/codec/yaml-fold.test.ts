import fc from "fast-check";
import { parseYaml, toYaml } from "./yaml.js";

const words = "a very long line that goes on and on and on and on, far beyond the eighty columns that it may have";

describe("long strings in YAML", () => {
  it.each([
    [
      { data: { long: words, short: "x" } },
      "data:\n  long: a very long line that goes on and on and on and on, far beyond the eighty\n    columns that it may have\n  short: x\n",
    ],
    [
      [words],
      "- a very long line that goes on and on and on and on, far beyond the eighty columns\n  that it may have\n",
    ],
    [
      { a: [{ name: `${words}: "quoted"` }] },
      "a:\n- name: 'a very long line that goes on and on and on and on, far beyond the eighty\n    columns that it may have: \"quoted\"'\n",
    ],
    [{ block: `${words}\n${words}\n` }, `block: |\n  ${words}\n  ${words}\n`],
    [{ one: "x".repeat(200) }, `one: ${"x".repeat(200)}\n`],
  ])("%j", (value, text) => {
    expect(toYaml(value)).toBe(text);
    expect(parseYaml(text)).toEqual([value]);
  });

  it("read as they were", () => {
    const part = fc.constantFrom(
      "word",
      "two  blanks",
      "- dash",
      "# no comment",
      "key: value",
      "'",
      '"',
      "\t",
      "\\",
      "é",
      "\n",
      " ",
    );
    const long = fc.array(part, { minLength: 10, maxLength: 60 }).map((parts) => parts.join(" "));
    const value = fc.record({
      plain: long,
      "odd: key": fc.array(long),
      deep: fc.record({ below: fc.array(fc.record({ a: long })) }),
    });
    fc.assert(
      fc.property(value, (written) => {
        expect(parseYaml(toYaml(written))).toEqual([written]);
      }),
      { numRuns: 300 },
    );
  });
});
