import fc from "fast-check";
import { narrowingOf, selectorErrors } from "./access-selectors.js";

const where = "spec.resourceAttributes.fieldSelector";
const errors = (fieldSelector: object): readonly string[] =>
  selectorErrors({ fieldSelector }).map(({ path, reason }) => `${path.replace(`${where}.`, "")} ${reason}`);

describe("the selectors of an access review", () => {
  it.each([
    [{ rawSelector: "a=b" }, []],
    [{ requirements: [{ key: "a", operator: "In", values: ["b"] }] }, []],
    [{ requirements: [{ key: "a", operator: "Newer", values: ["b"] }] }, []],
    [{}, ["requirements Required"]],
    [{ rawSelector: "a=b", requirements: [{ key: "a", operator: "Exists" }] }, ["rawSelector Invalid"]],
    [
      { requirements: [{ key: "", operator: "In" }] },
      ["requirements[0].key Required", "requirements[0].values Required"],
    ],
    [{ requirements: [{ key: "a", operator: "Exists", values: ["b"] }] }, ["requirements[0].values Forbidden"]],
  ])("%j is wrong by %j", (selector, expected) => {
    expect(errors(selector)).toEqual(expected);
  });

  it("narrow by fields that must have one value", () => {
    expect(narrowingOf({ fieldSelector: { rawSelector: "spec.nodeName=a,status.phase!=Failed" } })).toEqual({
      fields: new Map([["spec.nodeName", "a"]]),
      problems: [],
    });
    const requirements = [
      { key: "spec.nodeName", operator: "In", values: ["a"] },
      { key: "x", operator: "In", values: ["a", "b"] },
      { key: "y", operator: "NotIn", values: ["a"] },
    ];
    expect(narrowingOf({ fieldSelector: { requirements } }).fields).toEqual(new Map([["spec.nodeName", "a"]]));
  });

  it("that nobody can read narrow nothing, which is told", () => {
    const unread = narrowingOf({
      fieldSelector: { rawSelector: "spec.nodeName" },
      labelSelector: { rawSelector: "a in (" },
    });
    expect(unread).toEqual({
      fields: new Map(),
      problems: [
        `${where} ignored due to parse error`,
        "spec.resourceAttributes.labelSelector ignored due to parse error",
      ],
    });
  });

  it("of any text are read or told of", () => {
    fc.assert(
      fc.property(fc.string(), (rawSelector) => {
        const { fields, problems } = narrowingOf({ fieldSelector: { rawSelector }, labelSelector: { rawSelector } });
        if (problems.some((problem) => problem.includes("field"))) expect(fields.size).toBe(0);
      }),
    );
  });
});
