import fc from "fast-check";
import type { ReplicaSet } from "../api/apps/replicaset.js";
import type { Pod } from "../api/core/pod/pod.js";
import { toTime } from "../base/clock.js";
import { aPod, type PodParts } from "../e2e/harness/objects.js";
import { byCostOfLoss } from "./pod-ranking.js";
import { reconcileReplicaSet } from "./replicaset.js";

const nowMs = Date.UTC(2030, 0, 2);
const now = { nowMs };
const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "set-uid", controller: true };

function aReplicaSet(spec: Partial<ReplicaSet["spec"]> = {}, extra: Partial<ReplicaSet["metadata"]> = {}): ReplicaSet {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: "web",
      namespace: "default",
      uid: "set-uid",
      resourceVersion: "1",
      creationTimestamp: "2030-01-01T00:00:00Z",
      generation: 3,
      ...extra,
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web", tier: "front" } }, spec: { containers: [] } as never },
      ...spec,
    },
  };
}

const owned = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } });
const mine = (parts: PodParts = {}): Pod => owned(aPod({ labels: { app: "web", tier: "front" }, ...parts }));
const readySince = (ms: number): NonNullable<Pod["status"]> => ({
  phase: "Running",
  conditions: [{ type: "Ready", status: "True", lastTransitionTime: toTime(ms) }],
});
const ready = (parts: PodParts = {}): Pod => mine({ status: readySince(nowMs - 60_000), ...parts });

const decide = (set: ReplicaSet, candidates: readonly Pod[], related: readonly Pod[] = candidates) =>
  reconcileReplicaSet(set, { candidates, related }, now);
const kinds = (set: ReplicaSet, candidates: readonly Pod[]) => decide(set, candidates).actions.map(({ type }) => type);

test("missing pods are created from the template, named after the set and owned by it", () => {
  const { actions } = decide(aReplicaSet(), [ready()]);
  expect(actions).toMatchObject([
    {
      type: "create",
      target: { plural: "pods" },
      object: {
        metadata: {
          generateName: "web-",
          namespace: "default",
          labels: { app: "web", tier: "front" },
          ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
        },
      },
    },
  ]);
});

test.each<[string, PodParts, string[]]>([
  ["a pod that has ended does not count", { status: { phase: "Failed" } }, ["create"]],
  ["a pod being deleted does not count", { deletionTimestamp: "2030-01-01T00:00:00Z" }, ["create"]],
  ["a pending pod counts", { status: { phase: "Pending" } }, []],
  ["a pod of another label is let go and replaced", { labels: { app: "other" } }, ["patch", "create"]],
])("%s", (_, parts, expected) => {
  expect(kinds(aReplicaSet(), [ready(), mine(parts)])).toEqual(expected);
});

test("a pod without an owner that matches is taken on instead of making one", () => {
  const { actions } = decide(aReplicaSet(), [ready(), aPod({ labels: { app: "web" } })]);
  expect(actions).toMatchObject([
    { type: "patch", exact: true, livingOwner: {}, body: { metadata: { ownerReferences: [{ uid: "set-uid" }] } } },
  ]);
});

test("a pod of another owner is none of its business", () => {
  const foreign = aPod({ labels: { app: "web" } });
  const other = { ...foreign, metadata: { ...foreign.metadata, ownerReferences: [{ ...owner, uid: "another" }] } };
  expect(kinds(aReplicaSet(), [ready(), ready(), other])).toEqual([]);
});

test("a set that is being deleted does nothing but report", () => {
  const set = aReplicaSet({}, { deletionTimestamp: "2030-01-01T00:00:00Z" });
  const plan = decide(set, [ready(), aPod({ labels: { app: "web" } })]);
  expect(plan.actions).toEqual([]);
  expect(plan.status?.replicas).toBe(1);
});

test("the status counts what is there, ready, available, fully labelled and on its way out", () => {
  const pods = [
    ready({ status: readySince(nowMs - 60_000) }),
    ready({ status: readySince(nowMs - 5_000) }),
    mine({ labels: { app: "web" }, status: { phase: "Pending" } }),
    mine({ deletionTimestamp: "2030-01-01T00:00:00Z", status: { phase: "Running" } }),
    mine({ status: { phase: "Succeeded" } }),
  ];
  const plan = decide(aReplicaSet({ replicas: 3, minReadySeconds: 10 }), pods);
  expect(plan.status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 3,
  });
  expect(plan.requeueAfterMs).toBe(5_001);
});

test("the first failure stands in the status until all goes well", () => {
  const plan = decide(aReplicaSet(), []);
  const failed = plan.statusOnFailure?.(new Error("quota exceeded"));
  expect(failed?.conditions).toEqual([
    {
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: "quota exceeded",
      lastTransitionTime: toTime(nowMs),
    },
  ]);
  const again = decide({ ...aReplicaSet(), ...(failed ? { status: failed } : {}) }, []);
  expect(again.status?.conditions).toBeUndefined();
  expect(again.statusOnFailure?.(new Error("other"))?.conditions?.[0]?.message).toBe("quota exceeded");
  const tooMany = decide(aReplicaSet({ replicas: 0 }), [ready()]);
  expect(tooMany.statusOnFailure?.(new Error("no"))?.conditions?.[0]?.reason).toBe("FailedDelete");
});

test("no more than 500 pods are made at a time", () => {
  expect(kinds(aReplicaSet({ replicas: 1200 }), [])).toHaveLength(500);
});

const onNode = (nodeName: string, parts: PodParts = {}): Pod => ready({ spec: { nodeName }, ...parts });
test.each<[string, Pod, Pod]>([
  ["not placed before placed", ready(), onNode("n")],
  [
    "pending before running",
    onNode("n", { status: { phase: "Pending" } }),
    onNode("n", { status: { phase: "Running" } }),
  ],
  ["not ready before ready", onNode("n", { status: { phase: "Running" } }), onNode("n")],
  [
    "short ready before long ready",
    onNode("n", { status: readySince(nowMs - 1_000) }),
    onNode("n", { status: readySince(nowMs - 900_000) }),
  ],
])("to go first: %s", (_, first, second) => {
  for (const pair of [
    [first, second],
    [second, first],
  ]) {
    expect(pair.toSorted(byCostOfLoss([], nowMs))[0]).toBe(first);
  }
});

test("to go first: cheap by its own word, then from the crowded node, then restarted often", () => {
  const cheap = onNode("n");
  const said = {
    ...cheap,
    metadata: { ...cheap.metadata, annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } },
  };
  expect([onNode("n"), said].toSorted(byCostOfLoss([], nowMs))[0]).toBe(said);
  const [crowded, lonely] = [onNode("busy"), onNode("quiet")];
  const related = [crowded, lonely, onNode("busy")];
  expect([lonely, crowded].toSorted(byCostOfLoss(related, nowMs))[0]).toBe(crowded);
  const status = { ...readySince(nowMs - 60_000), containerStatuses: [{ restartCount: 4 } as never] };
  const restarted = onNode("n", { status });
  expect([onNode("n"), restarted].toSorted(byCostOfLoss([], nowMs))[0]).toBe(restarted);
});

type Happening = "start" | "fail" | "vanish" | "orphan" | "stray" | "scale";
const happening = fc.record({
  what: fc.constantFrom<Happening[]>("start", "start", "fail", "vanish", "orphan", "stray", "scale"),
  pick: fc.nat({ max: 9 }),
});

test("from any history it settles at the wanted number, never making more than is missing", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), fc.nat({ max: 5 }), (happenings, replicas) => {
      let set = aReplicaSet({ replicas });
      let world: Pod[] = [];
      const step = (): number => {
        const { actions } = decide(set, world);
        const made = actions.some(({ type }) => type === "create");
        const ended = actions.some(({ type }) => type === "delete");
        world = apply(world, actions);
        const active = world.filter((pod) => isMine(pod) && isLive(pod)).length;
        if (made || ended) expect(active).toBe(set.spec.replicas);
        return actions.length;
      };
      for (const { what, pick } of happenings) {
        world = happen(world, what, pick);
        if (what === "scale") set = aReplicaSet({ replicas: pick });
        step();
      }
      for (let round = 0; round < 5; round++) step();
      expect(step()).toBe(0);
      expect(world.filter((pod) => isMine(pod) && isLive(pod))).toHaveLength(set.spec.replicas);
    }),
    { numRuns: 200 },
  );
});

const isMine = ({ metadata }: Pod): boolean => metadata.ownerReferences?.[0]?.uid === "set-uid";
const isLive = ({ status }: Pod): boolean => status?.phase !== "Failed";
function apply(world: readonly Pod[], actions: ReturnType<typeof decide>["actions"]): Pod[] {
  let next = [...world];
  for (const action of actions) {
    if (action.type === "create") next.push(mine());
    if (action.type === "delete") next = next.filter(({ metadata }) => metadata.uid !== action.object.metadata.uid);
    if (action.type === "patch") {
      const adopts = action.livingOwner !== undefined;
      next = next.map((pod) =>
        pod.metadata.uid !== action.object.metadata.uid
          ? pod
          : { ...pod, metadata: { ...pod.metadata, ownerReferences: adopts ? [owner] : [] } },
      );
    }
  }
  return next;
}

function happen(world: readonly Pod[], what: Happening, pick: number): Pod[] {
  const at = world.length === 0 ? -1 : pick % world.length;
  const change = (turn: (pod: Pod) => Pod): Pod[] => world.map((pod, index) => (index === at ? turn(pod) : pod));
  if (what === "start") return change((pod) => ({ ...pod, status: readySince(nowMs - 1000) }));
  if (what === "fail") return change((pod) => ({ ...pod, status: { phase: "Failed" } }));
  if (what === "vanish") return world.filter((_, index) => index !== at);
  if (what === "orphan") return change((pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { app: "other" } } }));
  if (what === "stray") return [...world, aPod({ labels: { app: "web" } })];
  return [...world];
}
