import type { Pod } from "../../../api/core/pod/pod.js";
import { container, pod } from "../../pod/pod.test-kit.js";
import { decideResize, type ResizeInput, wantedOf, withAllocation } from "./decide.js";

const asking = (cpu: string, memory = "1Gi"): Pod =>
  pod({ containers: [container("main", { resources: { requests: { cpu, memory } } })] });
const decide = (from: Pod, to: Pod, parts: Partial<ResizeInput> = {}) =>
  decideResize({
    pod: to,
    allocation: wantedOf(from),
    others: () => [asking("1")],
    allocatable: { cpu: "4", memory: "8Gi" },
    canResize: true,
    ...parts,
  });

describe("a change of a pod's resources", () => {
  it("is none where the pod has what it asks for", () => {
    expect(decide(asking("1"), asking("1"))).toEqual({ type: "none" });
  });

  it("is granted where the node has it left", () => {
    expect(decide(asking("1"), asking("3"))).toEqual({ type: "granted" });
  });

  it("is infeasible where the node as a whole does not have it", () => {
    expect(decide(asking("1"), asking("5"))).toEqual({
      type: "refused",
      reason: "Infeasible",
      message: "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
    });
    expect(decide(asking("1"), asking("1", "9Gi"))).toMatchObject({
      reason: "Infeasible",
      message: "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592",
    });
  });

  it("is deferred while others have it, except for what it gives back", () => {
    expect(decide(asking("1"), asking("3500m"))).toEqual({
      type: "refused",
      reason: "Deferred",
      message: "Node didn't have enough resource: cpu, requested: 3500, used: 1000, capacity: 4000",
    });
    const others = () => [asking("9")];
    expect(decide(asking("2"), asking("1"), { others })).toEqual({ type: "granted" });
  });

  it("is infeasible where the runtime cannot", () => {
    expect(decide(asking("1"), asking("2"), { canResize: false })).toMatchObject({ reason: "Infeasible" });
  });

  it("counts with what was promised until then", () => {
    const promised = withAllocation(asking("3"), wantedOf(asking("1")));
    expect(promised.spec.containers[0]?.resources).toEqual({ requests: { cpu: "1", memory: "1Gi" } });
    const same = asking("1");
    expect(withAllocation(same, wantedOf(same))).toBe(same);
  });
});
