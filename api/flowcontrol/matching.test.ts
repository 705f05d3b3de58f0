import type { FlowSchema } from "./flow-schema.js";
import { type FlowRequest, inOrderOfMatching, matchesFlow } from "./matching.js";

const schema = (rules: object, name = "a", matchingPrecedence = 1): FlowSchema =>
  ({
    metadata: { name },
    spec: { matchingPrecedence, priorityLevelConfiguration: { name: "p" }, rules: [rules] },
  }) as unknown as FlowSchema;
const everybody = [{ kind: "Group", group: { name: "*" } }];
const request = (more: Partial<FlowRequest> = {}): FlowRequest => ({
  user: { name: "system:serviceaccount:kube-system:robot", groups: ["g"] },
  verb: "get",
  path: "/api/v1/namespaces/n/pods/p/log",
  resource: { group: "", plural: "pods", subresource: "log", namespace: "n" },
  ...more,
});
const pods = { verbs: ["get"], apiGroups: [""], resources: ["pods/log"], namespaces: ["n"] };

describe("a flow schema", () => {
  it.each<[object, boolean]>([
    [{ kind: "User", user: { name: "system:serviceaccount:kube-system:robot" } }, true],
    [{ kind: "User", user: { name: "*" } }, true],
    [{ kind: "User", user: { name: "bob" } }, false],
    [{ kind: "Group", group: { name: "g" } }, true],
    [{ kind: "Group", group: { name: "h" } }, false],
    [{ kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "*" } }, true],
    [{ kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "robot" } }, true],
    [{ kind: "ServiceAccount", serviceAccount: { namespace: "kube", name: "*" } }, false],
    [{ kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "rob" } }, false],
    [{ kind: "Group" }, false],
  ])("is for %j: %s", (subject, expected) => {
    expect(matchesFlow(schema({ subjects: [subject], resourceRules: [pods] }), request())).toBe(expected);
  });

  it.each<[object, boolean]>([
    [{}, true],
    [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"] }, true],
    [{ verbs: ["list"] }, false],
    [{ apiGroups: ["apps"] }, false],
    [{ resources: ["pods"] }, false],
    [{ namespaces: ["other"] }, false],
    [{ namespaces: undefined, clusterScope: true }, false],
    [{ verbs: ["list", "*"] }, false],
  ])("is for resources by its rule with %j: %s", (rule, expected) => {
    const rules = { subjects: everybody, resourceRules: [{ ...pods, ...rule }] };
    expect(matchesFlow(schema(rules), request())).toBe(expected);
  });

  it("is for resources of the cluster where it says so", () => {
    const resource = { group: "", plural: "nodes", subresource: "", namespace: "" };
    const rule = { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"] };
    const matches = (more: object) =>
      matchesFlow(schema({ subjects: everybody, resourceRules: [{ ...rule, ...more }] }), request({ resource }));
    expect([matches({}), matches({ clusterScope: true })]).toEqual([false, true]);
  });

  it.each([
    ["*", "/x", true],
    ["/healthz", "/healthz", true],
    ["/healthz", "/healthz/etcd", true],
    ["/healthz/*", "/healthz/etcd", true],
    ["/healthz", "/healthzz", false],
    ["/a/*", "/a", false],
  ])("is for paths: %s for %s: %s", (url, path, expected) => {
    const rules = { subjects: everybody, nonResourceRules: [{ verbs: ["get"], nonResourceURLs: [url] }] };
    expect(matchesFlow(schema(rules), request({ path, resource: undefined }))).toBe(expected);
  });

  it("comes before another by its precedence, then by its name", () => {
    const schemas = [schema({}, "c", 2), schema({}, "b", 2), schema({}, "z", 1)];
    expect(inOrderOfMatching(schemas).map(({ metadata }) => metadata.name)).toEqual(["z", "b", "c"]);
  });
});
