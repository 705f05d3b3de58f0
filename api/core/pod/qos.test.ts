import { qosClass } from "./qos.js";
import type { PodSpec } from "./spec.js";

const spec = (...resources: object[]): PodSpec =>
  ({ containers: resources.map((each, index) => ({ name: `c${index}`, resources: each })) }) as unknown as PodSpec;
const full = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1000m", memory: "1Gi" } };

describe("qosClass", () => {
  it.each<[string, PodSpec]>([
    ["BestEffort", spec({})],
    ["BestEffort", spec({ requests: { "example.com/gpu": "1" } })],
    ["Guaranteed", spec(full, { limits: full.limits })],
    ["Burstable", spec(full, {})],
    ["Burstable", spec({ ...full, requests: { cpu: "500m" } })],
    ["Burstable", spec({ requests: { cpu: "1" } })],
    ["Guaranteed", { ...spec({}), resources: full }],
  ])("is %s", (expected, given) => {
    expect(qosClass(given)).toBe(expected);
  });
});
