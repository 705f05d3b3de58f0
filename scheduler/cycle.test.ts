import fc from "fast-check";
import { aNode, aPod } from "../e2e/harness/objects.js";
import { SchedulerCache } from "./cache.js";
import { decide, numFeasibleNodesToFind } from "./cycle.js";
import { usageOf } from "./node-info.js";
import { defaultProfile } from "./profile.js";

describe("a scheduling cycle", () => {
  it.each([
    [1, 1],
    [100, 100],
    [101, 100],
    [1000, 420],
    [5000, 500],
    [10_000, 500],
  ])("of %d nodes it looks for %d that fit", (nodes, expected) => {
    expect(numFeasibleNodesToFind(nodes)).toBe(expected);
  });

  it("starts where it is told, so that all nodes get their turn", () => {
    const cache = new SchedulerCache();
    for (const name of ["a", "b", "c"]) cache.setNode(aNode({ name }));
    const at = (start: number) => decide(aPod(), cache.snapshot, defaultProfile, { start, enough: 1, tieBreak: 0 });
    expect([at(0), at(1), at(2)]).toMatchObject([{ node: "a" }, { node: "b" }, { node: "c" }]);
  });

  it("never puts more on a node than it holds, whatever comes", () => {
    const cpu = fc.integer({ min: 50, max: 3000 }).map((milli) => `${milli}m`);
    fc.assert(
      fc.property(fc.array(cpu, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (requests, nodes) => {
        const cache = new SchedulerCache();
        for (let i = 0; i < nodes; i++) cache.setNode(aNode({ name: `n${i}` }));
        for (const request of requests) {
          const pod = aPod({ requests: { cpu: request } });
          const decision = decide(pod, cache.snapshot, defaultProfile, { start: 0, tieBreak: 0.5 });
          if (decision.type === "node") cache.assume(pod, decision.node);
          else
            expect(
              cache.snapshot.nodes.every((info) => info.requested.milliCpu + usageOf(pod).requests.milliCpu > 4000),
            ).toBe(true);
        }
        for (const info of cache.snapshot.nodes) {
          expect(info.requested.milliCpu).toBeLessThanOrEqual(4000);
          expect(info.requested.milliCpu).toBe(info.pods.reduce((sum, pod) => sum + usageOf(pod).requests.milliCpu, 0));
        }
      }),
    );
  });
});

describe("the scheduler's cache", () => {
  it("counts an assumed pod until it is confirmed or forgotten", () => {
    const cache = new SchedulerCache();
    cache.setNode(aNode({ name: "a" }));
    const [kept, dropped] = [aPod({ requests: { cpu: "1" } }), aPod({ requests: { cpu: "1" } })];
    cache.assume(kept, "a");
    cache.assume(dropped, "a");
    expect(cache.snapshot.byName.get("a")?.requested.milliCpu).toBe(2000);
    cache.setPod({ ...kept, spec: { ...kept.spec, nodeName: "a" } });
    cache.forget(dropped.metadata.uid);
    cache.forget(kept.metadata.uid);
    expect(cache.snapshot.byName.get("a")?.requested.milliCpu).toBe(1000);
  });

  it("remembers pods of a node that comes later or comes back", () => {
    const cache = new SchedulerCache();
    const pod = aPod({ requests: { cpu: "1" }, spec: { nodeName: "a" } });
    cache.setPod(pod);
    cache.setNode(aNode({ name: "b" }));
    cache.setNode(aNode({ name: "a" }));
    cache.deleteNode("a");
    expect(cache.snapshot.nodes.map(({ node }) => node.metadata.name)).toEqual(["b"]);
    cache.setNode(aNode({ name: "a" }));
    expect(cache.snapshot.byName.get("a")?.requested.milliCpu).toBe(1000);
    expect(cache.deletePod(pod.metadata.uid)).toBe("a");
    expect(cache.snapshot.byName.get("a")?.pods).toEqual([]);
  });
});
