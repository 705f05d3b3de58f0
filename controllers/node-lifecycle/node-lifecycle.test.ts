import fc from "fast-check";
import type { Node } from "../../api/core/node/node.js";
import type { NodeCondition } from "../../api/core/node/status.js";
import type { Taint } from "../../api/core/node/taint.js";
import type { Toleration } from "../../api/core/pod/toleration.js";
import { toTime } from "../../base/clock.js";
import { aNode, aPod } from "../../e2e/harness/objects.js";
import { isNodeReady } from "./health.js";
import { reconcileNode } from "./node-lifecycle.js";
import { reconcileTaintedPod } from "./taint-eviction.js";
import { taintsOf } from "./taints.js";

const nowMs = Date.UTC(2030, 0, 2);
const settings = { monitorGraceMs: 40_000, startupGraceMs: 60_000, periodMs: 5_000 };

const withConditions = (
  conditions: Readonly<Record<string, NodeCondition["status"]>>,
  spec: Partial<Node["spec"]> = {},
): Node => ({
  ...aNode({ name: "n1", spec }),
  status: {
    conditions: Object.entries(conditions).map(([type, status]) => ({
      type,
      status,
      lastHeartbeatTime: toTime(nowMs - 1000),
    })),
  },
});
const look = (node: Node, silentMs: number, others = true, pods: Parameters<typeof reconcileNode>[1]["pods"] = []) =>
  reconcileNode(node, { signs: { lastSeenMs: nowMs - silentMs }, pods, someNodeIsReady: others }, { nowMs }, settings);
const taintsIn = (plan: ReturnType<typeof look>): readonly string[] | undefined => {
  const patch = plan.actions.find((action) => action.type === "patch" && action.target.plural === "nodes");
  if (patch?.type !== "patch") return undefined;
  return (patch.body.spec as { taints: readonly Taint[] }).taints.map(
    ({ key, effect }) => `${key.split("/")[1]}:${effect}`,
  );
};

test("a node that shows life is left alone, and looked at when its grace would end", () => {
  const plan = look(withConditions({ Ready: "True" }), 10_000);
  expect(plan).toEqual({ actions: [], requeueAfterMs: 30_000 });
});

test("after 40 s without a sign everything it reported is Unknown, and it is unreachable", () => {
  const ready = aPod({ status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
  const plan = look(
    withConditions({ Ready: "True", MemoryPressure: "False", NetworkUnavailable: "False" }),
    40_000,
    true,
    [ready],
  );
  expect(plan.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
    ["Ready", "Unknown", "NodeStatusUnknown"],
    ["MemoryPressure", "Unknown", "NodeStatusUnknown"],
    ["NetworkUnavailable", "False", undefined],
    ["DiskPressure", "Unknown", "NodeStatusNeverUpdated"],
    ["PIDPressure", "Unknown", "NodeStatusNeverUpdated"],
  ]);
  expect(taintsIn(plan)).toEqual(["unreachable:NoSchedule", "unreachable:NoExecute"]);
  expect(plan.actions).toContainEqual(
    expect.objectContaining({ type: "event", reason: "NodeNotReady", message: "Node n1 status is now: NodeNotReady" }),
  );
  expect(plan.actions).toContainEqual(
    expect.objectContaining({
      type: "patch",
      subresource: "status",
      body: { status: { conditions: [expect.objectContaining({ type: "Ready", status: "False" })] } },
    }),
  );
});

test("a node that never reported has 60 s, and is not ready until then", () => {
  const fresh = withConditions({});
  expect(look(fresh, 59_000).status).toBeUndefined();
  expect(taintsIn(look(fresh, 59_000))).toEqual(["not-ready:NoSchedule"]);
  expect(look(fresh, 60_000).status?.conditions).toHaveLength(4);
});

test("while no node at all is ready nobody is driven away", () => {
  expect(taintsIn(look(withConditions({ Ready: "True" }), 41_000, false))).toEqual(["unreachable:NoSchedule"]);
});

test.each<[string, Readonly<Record<string, NodeCondition["status"]>>, Partial<Node["spec"]>, readonly string[]]>([
  ["not ready", { Ready: "False" }, {}, ["not-ready:NoSchedule", "not-ready:NoExecute"]],
  ["out of memory", { Ready: "True", MemoryPressure: "True" }, {}, ["memory-pressure:NoSchedule"]],
  [
    "out of disk and processes",
    { Ready: "True", DiskPressure: "True", PIDPressure: "True" },
    {},
    ["disk-pressure:NoSchedule", "pid-pressure:NoSchedule"],
  ],
  ["cordoned", { Ready: "True" }, { unschedulable: true }, ["unschedulable:NoSchedule"]],
])("a node that is %s is tainted so", (_, conditions, spec, expected) => {
  expect(taintsIn(look(withConditions(conditions, spec), 0))).toEqual(expected);
});

test("a node whose status makes no sense is not ready, and stops nobody from asking", () => {
  expect(isNodeReady({ status: { conditions: 1 } } as unknown as Node)).toBe(false);
  expect(isNodeReady({})).toBe(false);
});

test("taints of others stay; ours go when their reason is gone, and keep their time while it lasts", () => {
  const added = toTime(nowMs - 5_000);
  const taints: readonly Taint[] = [
    { key: "mine", effect: "NoExecute" },
    { key: "node.kubernetes.io/not-ready", effect: "NoExecute", timeAdded: added },
    { key: "node.kubernetes.io/not-ready", effect: "NoSchedule", timeAdded: added },
  ];
  const well = withConditions({ Ready: "True" }, { taints });
  expect(taintsOf(well, well.status?.conditions ?? [], true, nowMs)).toEqual([taints[0]]);
  const ill = withConditions({ Ready: "False" }, { taints });
  expect(taintsOf(ill, ill.status?.conditions ?? [], true, nowMs)).toBe(taints);
});

const unreachable: Taint = {
  key: "node.kubernetes.io/unreachable",
  effect: "NoExecute",
  timeAdded: toTime(nowMs - 100_000),
};
const evict = (tolerations: readonly Toleration[], taints: readonly Taint[] = [unreachable]) =>
  reconcileTaintedPod(
    aPod({ spec: { nodeName: "n1", tolerations } }),
    { taints, firstSeenMs: nowMs - 10_000 },
    { nowMs },
  );
const forSeconds = (tolerationSeconds: number): Toleration => ({
  key: unreachable.key,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds,
});

test("a pod that tolerates nothing goes at once, with the reason on it", () => {
  expect(evict([]).actions).toMatchObject([
    {
      type: "patch",
      subresource: "status",
      body: {
        status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" }] },
      },
    },
    { type: "delete" },
    { type: "event", reason: "TaintManagerEviction" },
  ]);
});

test.each<[string, readonly Toleration[], number | "never" | "now"]>([
  ["300 s from when the taint came", [forSeconds(300)], 200_000],
  ["the shortest of several", [forSeconds(300), forSeconds(150)], 50_000],
  ["time is up", [forSeconds(99)], "now"],
  ["for ever", [{ operator: "Exists" }], "never"],
])("tolerated: %s", (_, tolerations, expected) => {
  const { actions, requeueAfterMs } = evict(tolerations);
  if (expected === "now") expect(actions.map(({ type }) => type)).toContain("delete");
  else
    expect({ actions, requeueAfterMs }).toEqual({
      actions: [],
      requeueAfterMs: expected === "never" ? undefined : expected,
    });
});

test("a taint without a time counts from when the pod was seen under it", () => {
  const { timeAdded: _, ...timeless } = unreachable;
  expect(evict([forSeconds(30)], [timeless]).requeueAfterMs).toBe(20_000);
});

test("without taints, ended, or already going: nothing", () => {
  expect(evict([], []).actions).toEqual([]);
  for (const pod of [aPod({ status: { phase: "Succeeded" } }), aPod({ deletionTimestamp: toTime(nowMs) })]) {
    expect(reconcileTaintedPod(pod, { taints: [unreachable], firstSeenMs: nowMs }, { nowMs }).actions).toEqual([]);
  }
});

test("taints follow from conditions alone: whatever they were before, twice is once", () => {
  const status = fc.constantFrom<NodeCondition["status"]>("True", "False", "Unknown");
  const types = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...types), status), { maxLength: 12 }),
      fc.boolean(),
      (history, evicting) => {
        let node = withConditions({});
        let current: Record<string, NodeCondition["status"]> = {};
        for (const [type, value] of history) {
          current = { ...current, [type]: value };
          const next = withConditions(current);
          const taints = taintsOf({ ...next, spec: node.spec }, next.status?.conditions ?? [], evicting, nowMs);
          node = { ...next, spec: { ...node.spec, taints } };
        }
        const conditions = node.status?.conditions ?? [];
        expect(taintsOf(node, conditions, evicting, nowMs + 5_000)).toEqual(
          node.spec.taints ?? taintsOf(node, conditions, evicting, nowMs + 5_000),
        );
        const afresh = taintsOf(withConditions(current), conditions, evicting, nowMs);
        const named = (taints: readonly Taint[]) => taints.map(({ key, effect }) => `${key}:${effect}`).sort();
        if (history.length > 0) expect(named(node.spec.taints ?? [])).toEqual(named(afresh));
      },
    ),
  );
});
