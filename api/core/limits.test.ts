import { cells, errorsOf, read } from "../kind.test-kit.js";
import { limitRanges } from "./limit-range.js";
import { resourceQuotas } from "./resource-quota.js";

const quota = (spec: object): object => ({ spec });
const range = (...limits: object[]): object => ({ spec: { limits } });

describe("resource quotas", () => {
  it.each<[string, object, readonly string[]]>([
    ["good ones", quota({ hard: { cpu: "4", "limits.memory": "1Gi", pods: "10", "count/deployments.apps": "5" } }), []],
    [
      "less than nothing",
      quota({ hard: { cpu: "-1" } }),
      ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    ["half a pod", quota({ hard: { pods: "500m" } }), ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    [
      "an unknown name",
      quota({ hard: { apples: "1" } }),
      ['spec.hard[apples]: Invalid value: "apples": must be a standard resource for quota'],
    ],
    [
      "a scope that says nothing of services",
      quota({ hard: { services: "1" }, scopes: ["Terminating"] }),
      ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ],
    [
      "opposite scopes",
      quota({ hard: { pods: "1" }, scopes: ["BestEffort", "NotBestEffort"] }),
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      "a choice without values",
      quota({
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] },
      }),
      [
        "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(resourceQuotas, draft)).toEqual(expected);
  });

  it("keep their scopes", () => {
    const old = quota({ hard: { pods: "1" }, scopes: ["BestEffort"] });
    expect(errorsOf(resourceQuotas, quota({ hard: { pods: "1" } }), old)).toEqual([
      "spec.scopes: Invalid value: null: field is immutable",
    ]);
  });

  it("show what is used of what, requests and limits apart", () => {
    const status = { hard: { pods: "10", cpu: "4", "limits.cpu": "8" }, used: { pods: "3", cpu: "500m" } };
    expect(cells(resourceQuotas, { ...quota({}), status })).toEqual({
      Name: "web",
      Request: "cpu: 500m/4, pods: 3/10",
      Limit: "limits.cpu: 0/8",
      Age: "2m3s",
    });
  });
});

describe("limit ranges", () => {
  it("give containers what they may at most have, unless told otherwise", () => {
    const { spec } = read(limitRanges, range({ type: "Container", max: { cpu: "2" }, min: { memory: "1Mi" } }));
    expect(spec.limits[0]).toMatchObject({ default: { cpu: "2" }, defaultRequest: { cpu: "2", memory: "1Mi" } });
    expect(read(limitRanges, range({ type: "Pod", max: { cpu: "2" } })).spec.limits[0]).toEqual({
      type: "Pod",
      max: { cpu: "2" },
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", range({ type: "Container", max: { cpu: "2" }, default: { cpu: "1" } }), []],
    [
      "the same type twice",
      range({ type: "Pod", max: { cpu: "2" } }, { type: "Pod", max: { cpu: "1" } }),
      ['spec.limits[1].type: Duplicate value: "Pod"'],
    ],
    [
      "a least above the most",
      range({ type: "Pod", min: { cpu: "2" }, max: { cpu: "1" } }),
      ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    ],
    [
      "usual amounts of pods",
      range({ type: "Pod", default: { cpu: "1" } }),
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
    [
      "claims without a size",
      range({ type: "PersistentVolumeClaim" }),
      [
        "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided",
      ],
    ],
    [
      "limits below requests",
      range({ type: "Pod", maxLimitRequestRatio: { cpu: "500m" } }),
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(limitRanges, draft)).toEqual(expected);
  });

  it("show when they were made", () => {
    expect(cells(limitRanges, range())).toEqual({ Name: "web", "Created At": "2026-01-01T00:00:00Z" });
  });
});
