import fc from "fast-check";
import { type ClusterRole, clusterRoles } from "../api/rbac/cluster-role.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { openWorkshop } from "../e2e/harness/controllers.js";
import { clusterRoleAggregation, reconcileAggregation } from "./cluster-role-aggregation.js";

const rule = (resource: string) => ({ verbs: ["get"], apiGroups: [""], resources: [resource] });
const role = (name: string, resources: readonly string[], more: object = {}, labels = {}): ClusterRole =>
  ({ metadata: { name, labels }, rules: resources.map(rule), ...more }) as unknown as ClusterRole;
const aggregates = (label: string) => ({
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: "true" } }] },
});
const rulesOf = (plan: ReturnType<typeof reconcileAggregation>): unknown => {
  const [action] = plan.actions;
  return action && action.type === "update" && "rules" in action.object ? action.object.rules : undefined;
};

describe("a role that aggregates", () => {
  it("gets the rules of the roles that it selects, by name, each once", () => {
    const whole = role("whole", [], aggregates("part"));
    const all = [whole, role("b", ["pods", "nodes"], {}, { part: "true" }), role("a", ["pods"], {}, { part: "true" })];
    expect(rulesOf(reconcileAggregation(whole, [...all, role("other", ["secrets"])]))).toEqual([
      rule("pods"),
      rule("nodes"),
    ]);
  });

  it("loses what nothing selected grants any more", () => {
    const whole = role("whole", ["pods"], aggregates("part"));
    expect(rulesOf(reconcileAggregation(whole, [whole]))).toEqual([]);
  });

  it("is left alone when nothing differs, when it selects nothing or is being deleted", () => {
    const whole = role("whole", ["pods"], aggregates("part"));
    const part = role("a", ["pods"], {}, { part: "true" });
    expect(reconcileAggregation(whole, [whole, part]).actions).toEqual([]);
    expect(reconcileAggregation(part, [whole, part]).actions).toEqual([]);
    const going = { ...whole, metadata: { ...whole.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(reconcileAggregation(going, [going]).actions).toEqual([]);
  });

  it("comes to the same whatever the order of the cache, and doing it twice changes nothing", () => {
    const parts = fc.uniqueArray(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), in: fc.boolean() }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(parts, (given) => {
        const whole = role("whole", [], aggregates("part"));
        const all = given.map(({ name, in: inside }) => role(name, [name], {}, inside ? { part: "true" } : {}));
        const rules = rulesOf(reconcileAggregation(whole, all)) ?? [];
        expect(rulesOf(reconcileAggregation(whole, all.toReversed())) ?? []).toEqual(rules);
        expect(reconcileAggregation({ ...whole, rules } as ClusterRole, all).actions).toEqual([]);
      }),
    );
  });

  it("follows labels as they come and go, through chains of roles", async () => {
    const workshop = await openWorkshop(new VirtualClock(), [clusterRoleAggregation]);
    const make = ({ metadata, ...rest }: ClusterRole) => workshop.client.create(clusterRoles, { metadata, ...rest });
    const resources = async () =>
      ((await workshop.client.get(clusterRoles, { name: "whole" })).rules ?? []).flatMap(
        ({ resources: all = [] }) => all,
      );
    await make(role("whole", [], aggregates("outer")));
    await make(role("middle", [], aggregates("inner"), { outer: "true" }));
    await make(role("leaf", ["pods"], {}, { inner: "true" }));
    await workshop.until("the rule is there", async () => (await resources()).includes("pods"));
    const body = { metadata: { labels: { inner: null } } };
    await workshop.client.patch(clusterRoles, { name: "leaf" }, { type: "merge", body });
    await workshop.until("the rule is gone", async () => (await resources()).length === 0);
    await workshop.stop();
  });
});
