import { aPod } from "../e2e/harness/objects.js";
import { collectPods } from "./pod-gc.js";

const now = { nowMs: Date.UTC(2030, 0, 2) };
const nobody = { goneNodes: new Set<string>(), outOfService: new Set<string>() };
const ended = (name: string) => aPod({ name, spec: { nodeName: "n" }, status: { phase: "Succeeded" } });
const namesOf = (plan: ReturnType<typeof collectPods>) =>
  plan.actions.map((action) => `${action.type} ${"object" in action ? action.object.metadata.name : ""}`);

test("beyond the threshold the oldest that have ended go", () => {
  const pods = ["old", "middle", "young"].map((name, at) => {
    const pod = ended(name);
    return { ...pod, metadata: { ...pod.metadata, creationTimestamp: `2030-01-01T00:0${at}:00Z` } };
  });
  expect(namesOf(collectPods({ ...nobody, pods: pods.toReversed() }, now, 1))).toEqual(["delete old", "delete middle"]);
  expect(namesOf(collectPods({ ...nobody, pods }, now, 3))).toEqual([]);
  expect(namesOf(collectPods({ ...nobody, pods }, now, 0))).toEqual([]);
});

test("a pod of a node that is gone is marked as failed first, then deleted", () => {
  const pod = aPod({ name: "left", spec: { nodeName: "gone" }, status: { phase: "Running" } });
  const observed = { ...nobody, goneNodes: new Set(["gone"]) };
  const plan = collectPods({ ...observed, pods: [pod, aPod({ spec: { nodeName: "there" } })] }, now, 10);
  expect(plan.actions).toMatchObject([
    {
      type: "patch",
      subresource: "status",
      body: { status: { phase: "Failed", conditions: [{ type: "DisruptionTarget", reason: "DeletionByPodGC" }] } },
    },
  ]);
  expect(plan.requeueAfterMs).toBe(1_000);
  const marked = { ...pod, status: { phase: "Failed" as const } };
  expect(collectPods({ ...observed, pods: [marked] }, now, 10).actions).toMatchObject([
    { type: "delete", gracePeriodSeconds: 0 },
  ]);
});

test("a pod asked to end before it had a node goes; one that waits for a node stays", () => {
  const going = aPod({ name: "going", deletionTimestamp: "2030-01-01T00:00:00Z" });
  expect(namesOf(collectPods({ ...nobody, pods: [going, aPod({ name: "waiting" })] }, now, 10))).toEqual([
    "delete going",
  ]);
});

test("a pod that cannot end because its node is out of service is ended", () => {
  const going = aPod({
    name: "going",
    spec: { nodeName: "off" },
    deletionTimestamp: "2030-01-01T00:00:00Z",
    status: { phase: "Failed" },
  });
  const plan = collectPods({ ...nobody, outOfService: new Set(["off"]), pods: [going] }, now, 10);
  expect(namesOf(plan)).toEqual(["delete going"]);
});
