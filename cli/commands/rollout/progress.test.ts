import type { AnyObject } from "../../api.js";
import { deploymentProgress } from "./progress.js";

const deployment = (status: object, generation = 2): AnyObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", generation },
  spec: { replicas: 3 },
  status: { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3, ...status },
});

describe("progress of a deployment", () => {
  it.each([
    [{ observedGeneration: 1 }, "Waiting for deployment spec update to be observed..."],
    [
      { updatedReplicas: 1 },
      'Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...',
    ],
    [{ replicas: 4 }, 'Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...'],
    [
      { availableReplicas: 2 },
      'Waiting for deployment "web" rollout to finish: 2 of 3 updated replicas are available...',
    ],
  ])("with %j waits", (status, message) => {
    expect(deploymentProgress(deployment(status))).toEqual({ message, done: false });
  });
  it("is over when all replicas are new and available", () => {
    expect(deploymentProgress(deployment({}))).toEqual({
      message: 'deployment "web" successfully rolled out',
      done: true,
    });
  });
  it("fails when its deadline is over", () => {
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
    expect(deploymentProgress(deployment({ updatedReplicas: 1, conditions }))).toEqual({
      message: 'deployment "web" exceeded its progress deadline',
      done: false,
      failed: true,
    });
  });
});
