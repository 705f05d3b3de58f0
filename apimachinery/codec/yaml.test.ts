import fc from "fast-check";
import { stringifyJson } from "./json.js";
import { parseYaml, readYaml, toYaml, yamlMaxAliases } from "./yaml.js";

const scalarValue = (scalar: string): unknown => (parseYaml(`a: ${scalar}\n`)[0] as { a: unknown }).a;

describe("reading YAML", () => {
  it.each([
    ["0644", 420],
    ["0o644", 420],
    ["-0644", -420],
    ["0888", 888],
    ["0x1F", 31],
    ["0b11", 3],
    ["1_000", 1000],
    ["+12", 12],
    ["1e3", 1000],
    [".5", 0.5],
    ["9007199254740993", 9007199254740993n],
    ["yes", true],
    ["Off", false],
    ["y", true],
    ["tRUE", "tRUE"],
    ["~", null],
    ["Null", null],
    ["2001-01-01", "2001-01-01"],
    ["2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"],
    ["12:30:45", "12:30:45"],
    ["_1", "_1"],
    ["1e400", "1e400"],
    ['"0644"', "0644"],
    ["'yes'", "yes"],
    ["!!str 12", "12"],
    ['!!int "12"', 12],
    ["!!binary aGVsbG8=", "hello"],
    ["!unheard-of x", "x"],
    ["!unheard-of {b: 1}", { b: 1 }],
  ])("%s means %p", (scalar, value) => {
    expect(scalarValue(scalar)).toEqual(value);
  });

  it("makes keys strings", () => {
    expect(parseYaml("1: a\nyes: b\n1.5: c\n")).toEqual([{ "1": "a", true: "b", "1.5": "c" }]);
    expect(() => parseYaml("~: a")).toThrow(/unsupported map key/);
  });

  it("merges by merge keys, the first of several winning, what is written winning over all", () => {
    const text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0\n";
    expect((parseYaml(text)[0] as { z: unknown }).z).toEqual({ a: 0, b: 1, c: 2 });
  });

  it("reads several documents and leaves empty ones out", () => {
    expect(parseYaml("# nothing\n---\na: 1\n---\n---\nb: 2\n...\n")).toEqual([{ a: 1 }, { b: 2 }]);
    expect(parseYaml("")).toEqual([]);
    expect(parseYaml('{"a": 1}')).toEqual([{ a: 1 }]);
  });

  it("refuses repeated keys with their line, or reports them", () => {
    const text = "a: 1\nb:\n  c: 1\n  c: 2\n";
    expect(() => parseYaml(text)).toThrow(/line 4: key "c" already set in map/);
    expect(readYaml(text)).toEqual({
      documents: [{ a: 1, b: { c: 2 } }],
      duplicateKeys: ['line 4: key "c" already set in map'],
    });
    expect(() => parseYaml('{"a":1,"a":2}')).toThrow(/key "a" already set/);
  });

  it("names the line where the text stops being YAML", () => {
    expect(() => parseYaml("a: 1\n b: 2\n")).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^error converting YAML to JSON: yaml: line 2: /),
        code: 400,
      }),
    );
  });

  it("refuses what JSON cannot say", () => {
    expect(() => parseYaml("a: -.inf")).toThrow("json: unsupported value: -Inf");
  });

  it("refuses an alias bomb at once", () => {
    const levels = Array.from({ length: 10 }, (_, level) =>
      level === 0
        ? "a0: &a0 [x]"
        : `a${level}: &a${level} [${Array(10)
            .fill(`*a${level - 1}`)
            .join(",")}]`,
    );
    expect(() => parseYaml(levels.join("\n"))).toThrow("yaml: document contains excessive aliasing");
    expect(() => parseYaml("a: &a [*a]")).toThrow(/contains itself/);
    expect(() =>
      parseYaml(
        `a: &a x\nb: [${Array(yamlMaxAliases + 1)
          .fill("*a")
          .join(",")}]`,
      ),
    ).toThrow(/aliases/);
  });

  it("takes a hundred honest aliases", () => {
    const text = `a: &a {x: 1}\nb: [${Array(100).fill("*a").join(",")}]`;
    expect((parseYaml(text)[0] as { b: unknown[] }).b).toHaveLength(100);
  });

  it("bounds nesting", () => {
    expect(() => parseYaml("[".repeat(5000))).toThrow(/nesting/);
    expect(() => parseYaml("{a: ".repeat(5000))).toThrow(/nesting/);
  });

  it("treats __proto__ as a name like any other", () => {
    const [value] = parseYaml("__proto__: {polluted: true}\nb: {<<: {__proto__: {polluted: true}}}\n");
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(["__proto__", "b"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("writing YAML", () => {
  it("lays objects out as kubectl does, in the order given", () => {
    const value = { kind: "Pod", b: [{ name: "x", list: [] }, [1, 2]], a: { c: null, d: {} }, e: undefined, f: 1.5 };
    expect(toYaml(value)).toBe("kind: Pod\nb:\n- name: x\n  list: []\n- - 1\n  - 2\na:\n  c: null\n  d: {}\nf: 1.5\n");
  });

  it.each([
    ["yes", '"yes"'],
    ["0644", '"0644"'],
    ["1e3", '"1e3"'],
    ["null", '"null"'],
    ["", '""'],
    ["2001-01-01", '"2001-01-01"'],
    ["a: b", "'a: b'"],
    ["* ", "'* '"],
    ["nginx:1.25", "nginx:1.25"],
    ["100m", "100m"],
    ["a\nb\n", "|\n  a\n  b"],
  ])("writes %p as %s", (text, written) => {
    expect(toYaml({ k: text })).toBe(`k: ${written}\n`);
  });

  it("reads what it writes", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."ab \n\t:-#'\"{[,&*!|>%@?~=.0185_yYnNeEx") }),
      fc.constantFrom("yes", "0o7", "1:30", "<<", "...", "---", "\u2028", " \n x\n"),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.constant(null), tie("list"), tie("object")),
      list: fc.array(tie("value"), { maxLength: 3 }),
      object: fc.dictionary(text, tie("value"), { maxKeys: 3 }),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const plain: unknown = { x: given };
        expect(stringifyJson(parseYaml(toYaml(plain))[0])).toBe(stringifyJson(plain));
      }),
      { numRuns: 300 },
    );
  });
});
