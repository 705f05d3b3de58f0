import { cells, errorsOf, read } from "../kind.test-kit.js";
import { horizontalPodAutoscalers } from "./horizontal-pod-autoscaler.js";

const autoscaler = (spec: object = {}): object => ({
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 5, ...spec },
});
const resource = (target: object): object => ({ type: "Resource", resource: { name: "cpu", target } });
const measured = (metric: object): object => autoscaler({ metrics: [metric] });

describe("horizontal pod autoscalers", () => {
  it("look at the use of CPU unless told otherwise", () => {
    expect(read(horizontalPodAutoscalers, autoscaler()).spec).toMatchObject({
      minReplicas: 1,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
      ],
    });
  });

  it("fill in both directions of a behavior that says something about one", () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
    expect(read(horizontalPodAutoscalers, autoscaler({ behavior })).spec.behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [
          { type: "Pods", value: 4, periodSeconds: 15 },
          { type: "Percent", value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 60,
        selectPolicy: "Max",
        policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
      },
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", autoscaler(), []],
    [
      "no upper bound",
      autoscaler({ maxReplicas: undefined }),
      [
        "spec.maxReplicas: Invalid value: 0: must be greater than 0",
        "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
      ],
    ],
    [
      "bounds the wrong way round",
      autoscaler({ minReplicas: 6 }),
      ["spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`"],
    ],
    [
      "nothing to scale",
      { spec: { maxReplicas: 1 } },
      ["spec.scaleTargetRef.name: Required value", "spec.scaleTargetRef.kind: Required value"],
    ],
    [
      "a measure without its source",
      measured({ type: "Pods" }),
      ["spec.metrics[0].pods: Required value: must populate information for the given metric source"],
    ],
    [
      "a measure with two sources",
      measured({
        ...resource({ type: "Utilization", averageUtilization: 50 }),
        pods: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "1" } },
      }),
      ["spec.metrics[0].pods: Forbidden: must populate the given metric source only"],
    ],
    [
      "no value to aim at",
      measured(resource({ type: "Utilization" })),
      [
        "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization",
      ],
    ],
    [
      "too long a period",
      autoscaler({ behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 1801 }] } } }),
      ["spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800"],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(horizontalPodAutoscalers, draft)).toEqual(expected);
  });

  it("show what was measured beside what is wanted", () => {
    const status = {
      currentReplicas: 2,
      desiredReplicas: 2,
      currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 12 } } }],
    };
    expect(cells(horizontalPodAutoscalers, { ...autoscaler(), status })).toMatchObject({
      Reference: "Deployment/web",
      Targets: "cpu: 12%/80%",
      MinPods: "1",
      MaxPods: 5,
      Replicas: 2,
    });
    expect(cells(horizontalPodAutoscalers, autoscaler()).Targets).toBe("cpu: <unknown>/80%");
  });
});
