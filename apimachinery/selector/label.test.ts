import fc from "fast-check";
import { formatLabelSelector, type LabelSelectorObject, matcherOf, parseLabelSelector } from "./label.js";

const matches = (text: string, labels: Record<string, string> | undefined): boolean =>
  parseLabelSelector(text).matches(labels);
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
};

describe("label selectors in text", () => {
  it.each([
    ["", {}, true],
    ["a=1", { a: "1" }, true],
    ["a==1", { a: "2" }, false],
    ["a!=1", {}, true],
    ["a!=1", { a: "1" }, false],
    ["a in (1, 2)", { a: "2" }, true],
    ["a in (1,2)", {}, false],
    ["a notin (1,2)", {}, true],
    ["a notin (1,2)", { a: "1" }, false],
    ["a", { a: "" }, true],
    ["!a", { a: "" }, false],
    ["a=", { a: "" }, true],
    ["a>5", { a: "6" }, true],
    ["a>5", { a: "x" }, false],
    ["a<5,b", { a: "-1", b: "" }, true],
    ["a=1,b=2", { a: "1" }, false],
    ["in in (in,notin)", { in: "in" }, true],
  ])("%p over %p is %p", (text, labels, expected) => {
    expect(matches(text, labels)).toBe(expected);
  });

  it("sees no labels that an object merely inherits", () => {
    expect(matches("constructor", {})).toBe(false);
    expect(matches("toString notin (x)", undefined)).toBe(true);
    expect(matches("a,b", JSON.parse('{"__proto__": "x", "a": "1"}'))).toBe(false);
  });

  it.each([
    ["a=b,", "found '', expected: identifier after ','"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["=a", "found '=', expected: !, identifier, or 'end of string'"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a in b", "unable to parse requirement: found 'b' expected: '('"],
    ["a in (b", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ["a=(b)", "unable to parse requirement: found '(', expected: identifier"],
    [
      "a>x",
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
  ])("%p is refused: %s", (text, message) => {
    expect(messageOf(() => parseLabelSelector(text))).toBe(message);
  });

  it("names the key or value that is no label", () => {
    expect(messageOf(() => parseLabelSelector("-a=b"))).toMatch(
      /^unable to parse requirement: <nil>: Invalid value: "-a": name part must consist/,
    );
    expect(messageOf(() => parseLabelSelector("a=-b"))).toMatch(
      /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-b": a valid label must be/,
    );
  });

  it("writes requirements by key, values sorted and once", () => {
    expect(parseLabelSelector("c,!b, a in (z,y,z)").toString()).toBe("a in (y,z),!b,c");
  });

  it("keeps its meaning when written and read again", () => {
    const word = fc.stringMatching(/^[a-c]{1,2}$/);
    const requirement = fc.oneof(
      word,
      word.map((key) => `!${key}`),
      fc.tuple(word, fc.constantFrom("=", "==", "!="), word).map((parts) => parts.join("")),
      fc
        .tuple(word, fc.constantFrom(" in ", " notin "), fc.array(word, { minLength: 1, maxLength: 3 }))
        .map(([key, operator, values]) => `${key}${operator}(${values})`),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), fc.dictionary(word, word), (requirements, labels) => {
        const first = parseLabelSelector(requirements.join(","));
        const again = parseLabelSelector(first.toString());
        expect(again.toString()).toBe(first.toString());
        expect(again.matches(labels)).toBe(first.matches(labels));
      }),
    );
  });

  it("answers any text with a selector or a refusal", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab=!(),<> in notin") }), (text) => {
        try {
          expect(typeof parseLabelSelector(text).toString()).toBe("string");
        } catch (error) {
          expect(error).toMatchObject({ reason: "BadRequest", code: 400 });
        }
      }),
    );
  });
});

describe("LabelSelector objects", () => {
  const selector: LabelSelectorObject = {
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "tier", operator: "NotIn", values: ["b", "a"] },
      { key: "canary", operator: "DoesNotExist" },
    ],
  };

  it("select by both of their parts", () => {
    expect(matcherOf(selector).matches({ app: "web", tier: "c" })).toBe(true);
    expect(matcherOf(selector).matches({ app: "web", tier: "a" })).toBe(false);
    expect(matcherOf(selector).matches({ app: "web", canary: "" })).toBe(false);
  });

  it("select nothing when absent and everything when empty", () => {
    expect(matcherOf(undefined).matches({})).toBe(false);
    expect(matcherOf({}).matches(undefined)).toBe(true);
  });

  it("are printed as text", () => {
    expect(formatLabelSelector(selector)).toBe("app=web,!canary,tier notin (a,b)");
    expect(formatLabelSelector({})).toBe("<none>");
    expect(formatLabelSelector(undefined)).toBe("<none>");
  });

  it("refuse operators and values that make no sense", () => {
    expect(messageOf(() => matcherOf({ matchExpressions: [{ key: "a", operator: "constructor" }] }))).toBe(
      '"constructor" is not a valid label selector operator',
    );
    expect(messageOf(() => matcherOf({ matchExpressions: [{ key: "a", operator: "In" }] }))).toMatch(
      /values set can't be empty$/,
    );
    expect(messageOf(() => matcherOf({ matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] }))).toMatch(
      /values set must be empty for exists and does not exist$/,
    );
  });
});
