import { cells, errorsOf } from "../kind.test-kit.js";
import { podDisruptionBudgets } from "./pod-disruption-budget.js";

const budget = (spec: object): object => ({ spec: { selector: { matchLabels: { app: "web" } }, ...spec } });

describe("pod disruption budgets", () => {
  it.each<[string, object, readonly string[]]>([
    ["a count", budget({ minAvailable: 2 }), []],
    ["a share", budget({ maxUnavailable: "25%" }), []],
    [
      "both bounds",
      budget({ minAvailable: 1, maxUnavailable: 1 }),
      [
        'spec: Invalid value: {"selector":{"matchLabels":{"app":"web"}},"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [
      "more than all",
      budget({ minAvailable: "101%" }),
      ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      "less than none",
      budget({ maxUnavailable: -1 }),
      ["spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "an unknown eviction policy",
      budget({ unhealthyPodEvictionPolicy: "Odd" }),
      ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Odd": supported values: "AlwaysAllow", "IfHealthyBudget"'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(podDisruptionBudgets, draft)).toEqual(expected);
  });

  it("show what they allow", () => {
    expect(
      cells(podDisruptionBudgets, { ...budget({ maxUnavailable: "25%" }), status: { disruptionsAllowed: 1 } }),
    ).toEqual({
      Name: "web",
      "Min Available": "N/A",
      "Max Unavailable": "25%",
      "Allowed Disruptions": 1,
      Age: "2m3s",
    });
  });
});
