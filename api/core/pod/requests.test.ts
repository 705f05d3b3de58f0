import { read } from "../../kind.test-kit.js";
import { pods } from "./pod.js";
import { podRequests } from "./requests.js";

const pod = (requests: object, allocatedResources?: object, conditions: readonly object[] = []) =>
  read(pods, {
    spec: { containers: [{ name: "c", image: "x", resources: { requests } }] },
    ...(allocatedResources
      ? { status: { conditions, containerStatuses: [{ name: "c", image: "x", imageID: "", allocatedResources }] } }
      : {}),
  });

describe("what a node must have free for a pod", () => {
  it("is what it asks for", () => {
    expect(podRequests(pod({ cpu: "1" }))).toEqual({ cpu: "1" });
  });

  it("is the larger of that and what it was promised, while it is being resized", () => {
    expect(podRequests(pod({ cpu: "1", memory: "2Gi" }, { cpu: "2", memory: "1Gi" }))).toEqual({
      cpu: "2",
      memory: "2Gi",
    });
  });

  it("is what it was promised where it will never have more", () => {
    const refused = [{ type: "PodResizePending", status: "True", reason: "Infeasible" }];
    expect(podRequests(pod({ cpu: "9" }, { cpu: "2" }, refused))).toEqual({ cpu: "2" });
  });
});
