import fc from "fast-check";
import { VirtualClock } from "../base/virtual-clock.js";
import { aNode, aPod } from "../e2e/harness/objects.js";
import { definePlugin, rejects } from "./framework.js";
import { emptyNodeInfo } from "./node-info.js";
import { schedulingGates } from "./plugins/scheduling-gates.js";
import { SchedulingQueue } from "./queue.js";

const fit = definePlugin({ name: "Fit", filter: () => rejects("full"), requeueOn: ["AssignedPod/Delete"] });
const taints = definePlugin({
  name: "Taints",
  filter: () => rejects("tainted"),
  requeueOn: ["Node/UpdateTaint"],
  helps: (pod) => pod.metadata.name !== "stubborn",
});

function setUp() {
  const clock = new VirtualClock();
  const queue = new SchedulingQueue({ clock, plugins: [schedulingGates, fit, taints] });
  const info = emptyNodeInfo(aNode());
  /** Names of what is active now, in order; all of it fails again as given. */
  const drain = (rejectedBy: readonly string[] = []): string[] => {
    const names: string[] = [];
    for (let entry = queue.take(); entry; entry = queue.take()) {
      names.push(entry.pod.metadata.name);
      queue.failed(entry.pod.metadata.uid, new Set(rejectedBy));
    }
    return names;
  };
  return { clock, queue, info, drain };
}

describe("the scheduling queue", () => {
  it("gives the higher priority first, then the earlier", () => {
    const { queue, drain } = setUp();
    queue.set(aPod({ name: "early" }));
    queue.set(aPod({ name: "late" }));
    queue.set(aPod({ name: "urgent", spec: { priority: 10 } }));
    expect(drain()).toEqual(["urgent", "early", "late"]);
  });

  it("lets an error wait one second, then two, four, eight, ten", async () => {
    const { clock, queue, drain } = setUp();
    queue.set(aPod({ name: "a" }));
    for (const seconds of [0, 1, 2, 4, 8, 10, 10]) {
      await clock.advance(Math.max(0, seconds * 1000 - 1));
      if (seconds > 0) expect(drain()).toEqual([]);
      await clock.advance(1);
      expect(drain()).toEqual(["a"]);
    }
  });

  it("wakes an unschedulable pod only by an event that its plugin asked for", async () => {
    const { clock, queue, info, drain } = setUp();
    queue.set(aPod({ name: "a" }));
    drain(["Fit"]);
    await clock.advance(10_000);
    queue.notice({ event: "Node/UpdateTaint", info });
    expect(drain(["Fit"])).toEqual([]);
    queue.notice({ event: "AssignedPod/Delete", info });
    expect(drain(["Fit"])).toEqual(["a"]);
  });

  it("asks the plugin whether the change helps", async () => {
    const { clock, queue, info, drain } = setUp();
    queue.set(aPod({ name: "stubborn" }));
    queue.set(aPod({ name: "easy" }));
    drain(["Taints"]);
    await clock.advance(10_000);
    queue.notice({ event: "Node/UpdateTaint", info });
    expect(drain()).toEqual(["easy"]);
  });

  it("does not lose an event that came while the pod was being scheduled", async () => {
    const { clock, queue, info, drain } = setUp();
    const pod = aPod({ name: "a" });
    queue.set(pod);
    queue.take();
    queue.notice({ event: "AssignedPod/Delete", info });
    queue.failed(pod.metadata.uid, new Set(["Fit"]));
    expect(queue.counts.unschedulable).toBe(0);
    await clock.advance(1000);
    expect(drain()).toEqual(["a"]);
  });

  it("tries an unschedulable pod again after five minutes", async () => {
    const { clock, queue, drain } = setUp();
    queue.set(aPod({ name: "a" }));
    drain(["Fit"]);
    await clock.advance(299_999);
    expect(drain(["Fit"])).toEqual([]);
    await clock.advance(1);
    expect(drain(["Fit"])).toEqual(["a"]);
  });

  it("keeps a gated pod out until its gates are gone", () => {
    const { queue, drain } = setUp();
    const pod = aPod({ name: "a", spec: { schedulingGates: [{ name: "example.com/wait" }] } });
    queue.set(pod);
    expect(queue.counts).toMatchObject({ active: 0, gated: 1 });
    queue.set({ ...pod, spec: { ...pod.spec, schedulingGates: [] } });
    expect(drain()).toEqual(["a"]);
  });

  it("a change of status does not end the wait, a change of spec does", () => {
    const { queue, drain } = setUp();
    const pod = aPod({ name: "a" });
    queue.set(pod);
    drain(["Fit"]);
    queue.set({ ...pod, status: { phase: "Pending" } } as typeof pod);
    expect(queue.counts.unschedulable).toBe(1);
    queue.set({ ...pod, spec: { ...pod.spec, tolerations: [{ operator: "Exists" }] } });
    expect(drain()).toEqual(["a"]);
  });

  it("forgets a deleted pod wherever it waits", () => {
    const { queue, drain } = setUp();
    const pods = [aPod(), aPod(), aPod()];
    for (const pod of pods) queue.set(pod);
    const first = queue.take();
    queue.failed(first?.pod.metadata.uid ?? "", new Set(["Fit"]));
    for (const { metadata } of pods) queue.delete(metadata.uid);
    expect(queue.counts).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0 });
    expect(drain()).toEqual([]);
  });

  it("whatever happens, a pod waits in exactly one place and comes up in the end", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("set" as const), pod: fc.nat(4) }),
      fc.record({ do: fc.constant("delete" as const), pod: fc.nat(4) }),
      fc.record({ do: fc.constant("fail" as const), by: fc.constantFrom([], ["Fit"], ["Taints"]) }),
      fc.record({
        do: fc.constant("notice" as const),
        event: fc.constantFrom("AssignedPod/Delete" as const, "Node/UpdateTaint" as const),
      }),
      fc.record({ do: fc.constant("advance" as const), ms: fc.nat(400_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, queue, info } = setUp();
        const pods = Array.from({ length: 5 }, (_, i) => aPod({ name: `p${i}` }));
        const known = new Set<string>();
        for (const next of steps) {
          if (next.do === "set" || next.do === "delete") {
            const pod = pods[next.pod] as (typeof pods)[number];
            if (next.do === "set") queue.set(pod);
            else queue.delete(pod.metadata.uid);
            known[next.do === "set" ? "add" : "delete"](pod.metadata.uid);
          } else if (next.do === "fail") {
            const entry = queue.take();
            if (entry) queue.failed(entry.pod.metadata.uid, new Set(next.by));
          } else if (next.do === "notice") queue.notice({ event: next.event, info });
          else await clock.advance(next.ms);
          const { active, backoff, unschedulable, gated } = queue.counts;
          expect(active + backoff + unschedulable + gated).toBe(known.size);
        }
        await clock.advance(300_000);
        const up = new Set<string>();
        for (let entry = queue.take(); entry; entry = queue.take()) up.add(entry.pod.metadata.uid);
        expect(up).toEqual(known);
      }),
      { numRuns: 100 },
    );
  });
});
