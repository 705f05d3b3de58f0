import fc from "fast-check";
import { type AccessAttributes, compactRules, covers, formatRule, rulesAllow, uncovered } from "./matching.js";
import type { PolicyRule } from "./policy-rule.js";

describe("what a rule allows", () => {
  const get = (resource: string, more: object = {}): AccessAttributes => ({
    verb: "get",
    group: "",
    resource,
    ...more,
  });
  const rule = (more: Partial<PolicyRule>): PolicyRule => ({
    verbs: ["get"],
    apiGroups: [""],
    resources: ["pods"],
    ...more,
  });
  it.each<[string, PolicyRule, AccessAttributes, boolean]>([
    ["the resource", rule({}), get("pods"), true],
    ["another resource", rule({}), get("secrets"), false],
    ["another verb", rule({}), { ...get("pods"), verb: "list" }, false],
    ["another group", rule({}), get("pods", { group: "apps" }), false],
    ["any verb", rule({ verbs: ["*"] }), { ...get("pods"), verb: "anything" }, true],
    ["any group", rule({ apiGroups: ["*"] }), get("pods", { group: "apps" }), true],
    ["no subresource with the resource", rule({}), get("pods", { subresource: "log" }), false],
    ["the subresource", rule({ resources: ["pods/log"] }), get("pods", { subresource: "log" }), true],
    ["not the resource with the subresource", rule({ resources: ["pods/log"] }), get("pods"), false],
    ["one subresource of all", rule({ resources: ["*/scale"] }), get("deployments", { subresource: "scale" }), true],
    ["only that one", rule({ resources: ["*/scale"] }), get("deployments", { subresource: "status" }), false],
    ["all with a star", rule({ resources: ["*"] }), get("pods", { subresource: "exec" }), true],
    ["the name", rule({ resourceNames: ["a"] }), get("pods", { name: "a" }), true],
    ["another name", rule({ resourceNames: ["a"] }), get("pods", { name: "b" }), false],
    ["no name where one is needed", rule({ resourceNames: ["a"] }), get("pods"), false],
    ["a path", { verbs: ["get"], nonResourceURLs: ["/version"] }, { verb: "get", path: "/version" }, true],
    ["paths below", { verbs: ["get"], nonResourceURLs: ["/api/*"] }, { verb: "get", path: "/api/v1" }, true],
    ["not the path above", { verbs: ["get"], nonResourceURLs: ["/api/*"] }, { verb: "get", path: "/api" }, false],
    ["no path with a resource rule", rule({ resources: ["*"] }), { verb: "get", path: "/version" }, false],
    ["no resource with a path rule", { verbs: ["*"], nonResourceURLs: ["*"] }, get("pods"), false],
  ])("%s", (_title, one, access, expected) => {
    expect(rulesAllow([one], access)).toBe(expected);
  });
});

describe("what rules cover", () => {
  const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
  const verbs = fc.uniqueArray(fc.constantFrom("get", "list", "*"), { minLength: 1, maxLength: 3 });
  const resourceRule = fc.record({
    verbs,
    apiGroups: some("", "apps", "*"),
    resources: some("pods", "pods/log", "*/log", "*"),
    resourceNames: some("a", "b"),
  });
  const pathRule = fc.record({ verbs, nonResourceURLs: some("/a", "/a/b", "/a/*", "*") });
  const rules = fc.array(fc.oneof(resourceRule, pathRule), { maxLength: 4 });
  const access = fc.oneof(
    fc.record({
      verb: fc.constantFrom("get", "list", "watch"),
      group: fc.constantFrom("", "apps", "batch"),
      resource: fc.constantFrom("pods", "secrets"),
      subresource: fc.constantFrom("", "log", "exec"),
      name: fc.constantFrom("", "a", "b", "c"),
    }),
    fc.record({ verb: fc.constantFrom("get", "list"), path: fc.constantFrom("/a", "/a/b", "/a/c", "/z") }),
  );

  it("grants nothing that was not held", () => {
    fc.assert(
      fc.property(rules, rules, access, (held, wanted, one) => {
        if (covers(held, wanted) && rulesAllow(wanted, one)) expect(rulesAllow(held, one)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it("always includes the rules themselves, whole or in pieces, and never less", () => {
    fc.assert(
      fc.property(rules, rules, (held, more) => {
        expect(covers([...held, ...more], held)).toBe(true);
        expect(covers(held, [])).toBe(true);
        const missing = uncovered(held, more);
        expect(covers([...held, ...missing], more)).toBe(true);
      }),
    );
  });

  it("is found where several rules together hold what one asks for", () => {
    const held = [
      { verbs: ["get"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["list"], apiGroups: [""], resources: ["pods", "secrets"] },
    ];
    expect(covers(held, [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] }])).toBe(true);
    expect(uncovered(held, [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "secrets"] }])).toEqual([
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"] },
    ]);
  });

  it("is decided quickly for a rule of a million parts", () => {
    const many = (prefix: string) => Array.from({ length: 100 }, (_, index) => `${prefix}${index}`);
    const wanted = { verbs: many("v"), apiGroups: many("g"), resources: many("r") };
    const startMs = performance.now();
    expect(covers([{ verbs: ["v0"], apiGroups: ["*"], resources: ["*"] }], [wanted])).toBe(false);
    expect(covers([{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }], [wanted])).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });
});

it("shows a rule in Kubernetes' form, merged by verbs", () => {
  const rules = [
    { verbs: ["get"], apiGroups: ["apps"], resources: ["deployments"] },
    { verbs: ["list"], apiGroups: ["apps"], resources: ["deployments"] },
    { verbs: ["get"], nonResourceURLs: ["/x"] },
  ];
  expect(compactRules(rules).map(formatRule)).toEqual([
    '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}',
    '{NonResourceURLs:["/x"], Verbs:["get"]}',
  ]);
});
