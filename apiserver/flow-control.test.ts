import type { Identity } from "../base/tls.js";
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from "../manifests/bootstrap/flow-control.js";
import { call, callHttp2, type Reply, startTestServer, type TestServer } from "./apiserver.test-kit.js";
import { anonymous } from "./authn/authenticator.js";
import { FlowControl } from "./flow-control.js";
import type { Reads } from "./registry/reads.js";

const group = "/apis/flowcontrol.apiserver.k8s.io/v1";
const schemaHeader = "x-kubernetes-pf-flowschema-uid";
const levelHeader = "x-kubernetes-pf-prioritylevel-uid";

describe("a request", () => {
  let test: TestServer;
  let admin: Identity;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.identity({ user: "admin", groups: ["system:masters"] });
  });
  afterAll(() => test.stop());

  const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
    call(test, method, path, { as: admin, body });
  const namesByUid = async (plural: string): Promise<ReadonlyMap<unknown, string>> => {
    const { items } = (await ask("GET", `${group}/${plural}`)).body as {
      items: readonly { metadata: { name: string; uid: string } }[];
    };
    return new Map(items.map(({ metadata }) => [metadata.uid, metadata.name]));
  };
  /** `FLOW SCHEMA/PRIORITY LEVEL` that the answer names. */
  const sorted = async ({ headers }: Reply): Promise<string> => {
    const schemas = await namesByUid("flowschemas");
    const levels = await namesByUid("prioritylevelconfigurations");
    return `${schemas.get(headers[schemaHeader])}/${levels.get(headers[levelHeader])}`;
  };

  it("finds the flow schemas and levels that every cluster has", async () => {
    const namesOf = (drafts: readonly { readonly metadata: { readonly name?: string } }[]): unknown =>
      drafts.map(({ metadata }) => metadata.name).sort();
    expect([...(await namesByUid("flowschemas")).values()].sort()).toEqual(namesOf(bootstrapFlowSchemas));
    expect([...(await namesByUid("prioritylevelconfigurations")).values()].sort()).toEqual(
      namesOf(bootstrapPriorityLevels),
    );
  });

  it.each<[string, string, { readonly user: string; readonly groups?: readonly string[] } | undefined, string]>([
    ["GET", "/api/v1/pods", { user: "admin", groups: ["system:masters"] }, "exempt/exempt"],
    ["GET", "/healthz", { user: "bob" }, "probes/exempt"],
    ["GET", "/api", undefined, "global-default/global-default"],
    ["GET", "/api/v1/secrets", { user: "bob" }, "global-default/global-default"],
    [
      "GET",
      "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x",
      { user: "system:kube-scheduler" },
      "system-leader-election/leader-election",
    ],
    ["GET", "/api/v1/pods", { user: "system:kube-scheduler" }, "kube-scheduler/workload-high"],
    ["GET", "/api/v1/nodes/n", { user: "system:node:n", groups: ["system:nodes"] }, "system-node-high/node-high"],
    ["GET", "/api/v1/pods", { user: "system:node:n", groups: ["system:nodes"] }, "system-nodes/system"],
    [
      "GET",
      "/api/v1/pods",
      { user: "system:serviceaccount:a:b", groups: ["system:serviceaccounts"] },
      "service-accounts/workload-low",
    ],
    [
      "GET",
      "/api/v1/pods",
      { user: "system:serviceaccount:kube-system:b", groups: ["system:serviceaccounts"] },
      "kube-system-service-accounts/workload-high",
    ],
  ])("%s %s by %j belongs to %s", async (method, path, subject, expected) => {
    const as = subject && (await test.identity({ ...subject, groups: [...(subject.groups ?? [])] }));
    expect(await sorted(await call(test, method, path, { as }))).toBe(expected);
  });

  it("is told by HTTP/2 as well, and not where nobody knows who asks", async () => {
    expect(await sorted(await callHttp2(test, "GET", "/api/v1/pods", { as: admin }))).toBe("exempt/exempt");
    const { status, headers } = await call(test, "GET", "/api", { token: "made.up.token" });
    expect([status, headers[schemaHeader]]).toEqual([401, undefined]);
  });

  it("belongs to a schema from when it is made until its level is gone", async () => {
    const bob = await test.identity({ user: "bob" });
    const asBob = async (): Promise<string> => sorted(await call(test, "GET", "/api/v1/pods", { as: bob }));
    const limited = { nominalConcurrencyShares: 5, limitResponse: { type: "Reject" } };
    const spec = { type: "Limited", limited };
    await ask("POST", `${group}/prioritylevelconfigurations`, { metadata: { name: "bobs" }, spec });
    const rule = { verbs: ["list"], apiGroups: [""], resources: ["pods"], namespaces: ["*"], clusterScope: true };
    await ask("POST", `${group}/flowschemas`, {
      metadata: { name: "bobs" },
      spec: {
        priorityLevelConfiguration: { name: "bobs" },
        matchingPrecedence: 50,
        rules: [{ subjects: [{ kind: "User", user: { name: "bob" } }], resourceRules: [rule] }],
      },
    });
    expect(await asBob()).toBe("bobs/bobs");
    await ask("DELETE", `${group}/prioritylevelconfigurations/bobs`);
    expect(await asBob()).toBe("global-default/global-default");
  });
});

describe("how requests were sorted", () => {
  const reads: Reads = {
    get: () => undefined,
    list: () => [],
    listByField: () => [],
    changes: () => 1,
    getFresh: async () => undefined,
  };
  const bob = { name: "bob", uid: "", groups: ["system:authenticated"], extra: {} };
  const health = { verb: "get", path: "/healthz", resource: undefined };

  it("is kept for who is known", () => {
    const flowControl = new FlowControl(reads);
    for (let round = 0; round < 2; round++) flowControl.headersFor(bob, health);
    expect(flowControl.knownEntries).toBe(1);
  });

  it("is kept neither for strangers nor for very long paths", () => {
    const flowControl = new FlowControl(reads);
    flowControl.headersFor(anonymous, health);
    flowControl.headersFor(bob, { ...health, path: `/${"a".repeat(600)}` });
    expect(flowControl.knownEntries).toBe(0);
  });
});
