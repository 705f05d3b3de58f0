import fc from "fast-check";
import { aNode } from "../e2e/harness/objects.js";
import type { Action } from "./framework/plan.js";
import { parseRange, reconcilePodCidrs } from "./node-ipam.js";

const range = parseRange("127.64.0.0/11", 24);
const given = (actions: readonly Action[]) =>
  actions.map((action) => (action.type === "patch" ? [action.object.metadata.name, action.body.spec] : action.type));

test("nodes get the lowest free parts, in the order of their names", () => {
  const nodes = [aNode({ name: "c" }), aNode({ name: "a" }), aNode({ name: "b", spec: { podCIDR: "127.64.0.0/24" } })];
  expect(given(reconcilePodCidrs(nodes, range).actions)).toEqual([
    ["a", { podCIDR: "127.64.1.0/24", podCIDRs: ["127.64.1.0/24"] }],
    ["c", { podCIDR: "127.64.2.0/24", podCIDRs: ["127.64.2.0/24"] }],
  ]);
});

test("a part that overlaps with one given by hand is not given out", () => {
  const byHand = aNode({ name: "b", spec: { podCIDR: "127.64.0.0/23", podCIDRs: ["127.64.0.0/23"] } });
  expect(given(reconcilePodCidrs([byHand, aNode({ name: "a" })], range).actions)).toMatchObject([
    ["a", { podCIDR: "127.64.2.0/24" }],
  ]);
});

test("when the range is used up the node says so", () => {
  const small = parseRange("10.0.0.0/23", 24);
  const { actions } = reconcilePodCidrs([aNode({ name: "a" }), aNode({ name: "b" }), aNode({ name: "c" })], small);
  expect(actions.at(-1)).toMatchObject({
    type: "event",
    reason: "CIDRNotAvailable",
    message: "Node c status is now: CIDRNotAvailable",
  });
});

test.each(["", "10.0.0.0", "10.0.0.300/8", "fd00::/64", "10.0.0.0/28", "x"])("%j is refused as a range", (text) => {
  expect(() => parseRange(text, 24)).toThrow();
});

test("whatever parts nodes have, no two get the same and none is given twice", () => {
  const taken = fc.option(fc.integer({ min: 0, max: 15 }));
  fc.assert(
    fc.property(fc.array(taken, { maxLength: 20 }), (parts) => {
      const ours = parseRange("10.1.0.0/20", 24);
      const nodes = parts.map((part, at) =>
        aNode({ name: `n${at}`, ...(part === null ? {} : { spec: { podCIDR: `10.1.${part}.0/24` } }) }),
      );
      const before = new Set(parts.filter((part) => part !== null).map((part) => `10.1.${part}.0/24`));
      const fresh = reconcilePodCidrs(nodes, ours).actions.flatMap((action) =>
        action.type === "patch" ? [(action.body.spec as { podCIDR: string }).podCIDR] : [],
      );
      expect(new Set(fresh).size).toBe(fresh.length);
      expect(fresh.some((cidr) => before.has(cidr))).toBe(false);
      expect(fresh.length).toBe(Math.min(parts.filter((part) => part === null).length, 16 - before.size));
    }),
  );
});
