import fc from "fast-check";
import { type AccessAttributes, covers, formatRule, rulesAllow, uncovered } from "./matching.js";
import type { PolicyRule } from "./policy-rule.js";

const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]): PolicyRule => ({
  verbs,
  apiGroups,
  resources,
  ...(resourceNames ? { resourceNames } : {}),
});
const asks = (verb: string, resource: string, more: object = {}): AccessAttributes => ({
  verb,
  group: "",
  resource,
  ...more,
});

describe("rulesAllow", () => {
  it.each<[boolean, PolicyRule, AccessAttributes]>([
    [true, rule(["get"], [""], ["pods"]), asks("get", "pods")],
    [false, rule(["get"], [""], ["pods"]), asks("list", "pods")],
    [false, rule(["get"], ["apps"], ["pods"]), asks("get", "pods")],
    [false, rule(["get"], [""], ["pods"]), asks("get", "pods", { subresource: "log" })],
    [true, rule(["get"], [""], ["pods/log"]), asks("get", "pods", { subresource: "log" })],
    [true, rule(["get"], [""], ["*/log"]), asks("get", "pods", { subresource: "log" })],
    [false, rule(["get"], [""], ["*/log"]), asks("get", "pods")],
    [true, rule(["*"], ["*"], ["*"]), asks("get", "pods", { subresource: "log" })],
    [true, rule(["get"], [""], ["pods"], ["a"]), asks("get", "pods", { name: "a" })],
    [false, rule(["get"], [""], ["pods"], ["a"]), asks("get", "pods", { name: "b" })],
    [false, rule(["list"], [""], ["pods"], ["a"]), asks("list", "pods")],
    [true, { verbs: ["get"], nonResourceURLs: ["/healthz/*"] }, { verb: "get", path: "/healthz/etcd" }],
    [false, { verbs: ["get"], nonResourceURLs: ["/healthz/*"] }, { verb: "get", path: "/healthz" }],
    [true, { verbs: ["get"], nonResourceURLs: ["*"] }, { verb: "get", path: "/metrics" }],
    [false, rule(["*"], ["*"], ["*"]), { verb: "get", path: "/metrics" }],
  ])("%s: %j for %j", (allowed, given, attributes) => {
    expect(rulesAllow([given], attributes)).toBe(allowed);
  });
});

describe("covers", () => {
  it("lets several rules cover one together", () => {
    const held = [rule(["get"], [""], ["pods"]), rule(["list"], [""], ["pods"])];
    expect(covers(held, [rule(["get", "list"], [""], ["pods"])])).toBe(true);
  });

  it("tells what is missing", () => {
    const missing = uncovered([rule(["get"], [""], ["pods"])], [rule(["get", "delete"], [""], ["pods"])]);
    expect(missing.map(formatRule)).toEqual(['{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}']);
  });

  it("does not take one name for all names", () => {
    expect(covers([rule(["get"], [""], ["pods"], ["a"])], [rule(["get"], [""], ["pods"])])).toBe(false);
    expect(covers([rule(["get"], [""], ["pods"])], [rule(["get"], [""], ["pods"], ["a"])])).toBe(true);
  });

  it("never covers a rule that allows what the holder may not do", () => {
    const some = (...values: string[]): fc.Arbitrary<string[]> => fc.subarray(values, { minLength: 1 });
    const rules = fc.array(
      fc.tuple(
        some("get", "list", "*"),
        some("", "apps", "*"),
        some("pods", "pods/log", "*/log", "*"),
        fc.subarray(["a", "b"]),
      ),
      { maxLength: 3 },
    );
    const asked = fc.tuple(
      fc.constantFrom("get", "list"),
      fc.constantFrom("", "apps"),
      fc.constantFrom("pods", "secrets"),
      fc.constantFrom("", "log"),
      fc.constantFrom("", "a", "b"),
    );
    fc.assert(
      fc.property(rules, rules, asked, (held, wanted, [verb, group, resource, subresource, name]) => {
        const [mine, theirs] = [held, wanted].map((list) => list.map(([v, g, r, n]) => rule(v, g, r, n)));
        if (!mine || !theirs || !covers(mine, theirs)) return;
        const attributes = { verb, group, resource, subresource, name };
        if (rulesAllow(theirs, attributes)) expect(rulesAllow(mine, attributes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
