import fc from "fast-check";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { valuesOf } from "../../apimachinery/schema/schema.test-kit.js";
import { horizontalPodAutoscalers } from "./horizontal-pod-autoscaler.js";
import { horizontalPodAutoscalersV1 } from "./horizontal-pod-autoscaler-v1.js";

const { conversion } = horizontalPodAutoscalersV1;
const metadata = { name: "a" };
const target = { kind: "Deployment", name: "web" };
const autoscaler = (spec: object, status?: object) =>
  ({
    metadata,
    spec: { scaleTargetRef: target, minReplicas: 1, maxReplicas: 3, ...spec },
    ...(status ? { status } : {}),
  }) as never;
const there = (stored: unknown): unknown => {
  if (!conversion) throw new Error("no conversion");
  return conversion.toStored(conversion.fromStored(stored as never));
};
const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 5 } } };
const object = {
  type: "Object",
  object: {
    describedObject: { kind: "Service", name: "s" },
    metric: { name: "m", selector: { matchLabels: { a: "b" } } },
    target: { type: "Value", value: "10" },
  },
};
const average = { ...object, object: { ...object.object, target: { type: "AverageValue", averageValue: "5" } } };
const external = {
  type: "External",
  external: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "3" } },
};
const pods = { type: "Pods", pods: { metric: { name: "p" }, target: { type: "AverageValue", averageValue: "1k" } } };
const container = {
  type: "ContainerResource",
  containerResource: { name: "memory", container: "c", target: { type: "AverageValue", averageValue: "1Mi" } },
};

test.each([
  ["the use of CPU", [cpu]],
  ["every type of measure", [object, external, pods, container, cpu]],
  ["no use of CPU", [pods]],
])("nothing is lost on the way through v1: %s", (_what, metrics) => {
  const behavior = { scaleUp: { selectPolicy: "Max", policies: [{ type: "Pods", value: 1, periodSeconds: 1 }] } };
  const stored = autoscaler({ metrics, behavior });
  expect(there(stored)).toMatchObject(stored);
});

test("an average of an object's measure comes back as one", () => {
  expect(there(autoscaler({ metrics: [average] }))).toMatchObject({
    spec: { metrics: [{ object: { target: { type: "AverageValue", averageValue: "5" } } }] },
  });
});

test("what the autoscaler found is kept too", () => {
  const status = {
    currentReplicas: 2,
    desiredReplicas: 3,
    conditions: [{ type: "AbleToScale", status: "True" }],
    currentMetrics: [
      { type: "Pods", pods: { metric: { name: "p" }, current: { averageValue: "2" } } },
      { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 7 } } },
    ],
  };
  expect(there(autoscaler({ metrics: [cpu] }, status))).toMatchObject({ status });
});

test("an annotation that holds no JSON is refused", () => {
  const annotations = { "autoscaling.alpha.kubernetes.io/metrics": "{" };
  expect(() => conversion?.toStored({ metadata: { ...metadata, annotations }, spec: {} } as never)).toThrow(
    "does not hold JSON",
  );
});

test("anything that decodes is converted without throwing, and a second journey changes nothing", () => {
  const { schema } = horizontalPodAutoscalers;
  fc.assert(
    fc.property(valuesOf(schema, 6), (value) => {
      const read = applyDefaults(schema, decode(schema, value, { strict: "Ignore" }).value);
      const once = there(read);
      expect(there(once)).toEqual(once);
    }),
    { numRuns: 200 },
  );
});
