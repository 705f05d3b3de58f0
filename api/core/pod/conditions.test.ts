import { isActive, isAvailable, isReady, isTerminal, withCondition } from "./conditions.js";
import type { Pod } from "./pod.js";

const pod = (status: object, metadata: object = {}): Pod => ({ metadata, status }) as unknown as Pod;
const ready = pod({
  phase: "Running",
  conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }],
});

describe("conditions of a pod", () => {
  it("say whether it is ready, for how long, and whether it counts", () => {
    const at = (seconds: number): number => Date.parse("2026-01-01T00:00:00Z") + seconds * 1000;
    expect([isReady(ready), isReady(pod({}))]).toEqual([true, false]);
    expect([isAvailable(ready, 10, at(9)), isAvailable(ready, 10, at(10)), isAvailable(ready, 0, 0)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([isTerminal(pod({ phase: "Failed" })), isTerminal(ready)]).toEqual([true, false]);
    expect([isActive(ready), isActive(pod({}, { deletionTimestamp: "x" }))]).toEqual([true, false]);
  });

  it("move their transition time with their status only", () => {
    const first = withCondition([], { type: "Ready", status: "False" }, "t1");
    expect(withCondition(first, { type: "Ready", status: "False" }, "t2")).toBe(first);
    expect(withCondition(first, { type: "Ready", status: "False", reason: "R" }, "t2")).toEqual([
      { type: "Ready", status: "False", reason: "R", lastTransitionTime: "t1" },
    ]);
    expect(withCondition(first, { type: "Ready", status: "True" }, "t2")[0]?.lastTransitionTime).toBe("t2");
  });
});
