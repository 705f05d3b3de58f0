import type { NodeStatus } from "../../api/core/node/status.js";
import { conditionEvents } from "./condition-events.js";

const ready = (status: "True" | "False", message = "kubelet is posting ready status"): NodeStatus => ({
  conditions: [{ type: "Ready", status, reason: "", message }],
});
const reasons = (before: NodeStatus | undefined, after: NodeStatus): readonly string[] =>
  conditionEvents("n", before, after).map(({ type, reason }) => `${type} ${reason}`);

describe("events of a node", () => {
  it("tell each change of a condition once", () => {
    expect(reasons(undefined, ready("True"))).toEqual(["Normal NodeReady"]);
    expect(reasons(ready("True"), ready("True"))).toEqual([]);
    expect(reasons(ready("True"), ready("False", "node is shutting down"))).toEqual(["Normal NodeNotReady"]);
  });

  it("say what to do about the container runtime, again when that is something else", () => {
    const down = ready("False", "container runtime is down: too old: install a newer one");
    expect(conditionEvents("n", ready("True"), down)).toEqual([
      { type: "Normal", reason: "NodeNotReady", message: "Node n status is now: NodeNotReady" },
      {
        type: "Warning",
        reason: "ContainerRuntimeNotReady",
        message: "container runtime is down: too old: install a newer one",
      },
    ]);
    expect(reasons(down, down)).toEqual([]);
    expect(reasons(down, ready("False", "container runtime is down: start it"))).toEqual([
      "Warning ContainerRuntimeNotReady",
    ]);
    expect(reasons(down, ready("True"))).toEqual(["Normal NodeReady"]);
  });
});
