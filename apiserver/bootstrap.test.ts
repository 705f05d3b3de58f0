import { systemClock } from "../base/clock.js";
import type { Identity } from "../base/tls.js";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "../manifests/bootstrap/rbac.js";
import { call, type Reply, startTestServer, type TestServer } from "./apiserver.test-kit.js";
import { openMemory } from "./storage/memory/memory.js";

const storage = openMemory({ clock: systemClock });
let test: TestServer;
let admin: Identity;
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const start = async (): Promise<void> => {
  test = await startTestServer({ storage, kubernetesService: { address: "10.1.2.3", port: 6443 } });
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
};
const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
  call(test, method, path, { as: admin, body });
const version = async (path: string): Promise<string> => (await ask("GET", path)).body.metadata.resourceVersion;

beforeEach(start);
afterEach(() => test.stop());
afterAll(() => storage.close());

describe("a new cluster", () => {
  it("holds what every cluster holds", async () => {
    const names = async (path: string) =>
      (await ask("GET", path)).body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(await names("/api/v1/namespaces")).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    expect(await names("/apis/scheduling.k8s.io/v1/priorityclasses")).toEqual([
      "system-cluster-critical",
      "system-node-critical",
    ]);
    const wanted = (list: readonly { readonly metadata: { readonly name?: string | undefined } }[]) =>
      list.map(({ metadata }) => metadata.name).sort();
    expect((await names(`${rbac}/clusterroles`)).sort()).toEqual(wanted(bootstrapClusterRoles));
    expect((await names(`${rbac}/clusterrolebindings`)).sort()).toEqual(wanted(bootstrapClusterRoleBindings));
    expect((await ask("GET", "/api/v1/namespaces/default/services/kubernetes")).body.spec).toMatchObject({
      clusterIP: "10.96.0.1",
      ports: [{ name: "https", port: 443, targetPort: 6443 }],
    });
    expect((await ask("GET", "/api/v1/namespaces/default/endpoints/kubernetes")).body.subsets).toEqual([
      { addresses: [{ ip: "10.1.2.3" }], ports: [{ name: "https", port: 6443, protocol: "TCP" }] },
    ]);
    const { spec, status } = (await ask("GET", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes")).body;
    expect(spec).toEqual({ cidrs: ["10.96.0.0/16"] });
    expect(status.conditions).toMatchObject([{ type: "Ready", status: "True" }]);
  });

  it("binds only roles that there are", () => {
    const roles = new Set(bootstrapClusterRoles.map(({ metadata }) => metadata.name));
    for (const { roleRef } of bootstrapClusterRoleBindings) expect(roles).toContain(roleRef?.name);
  });
});

describe("the next start", () => {
  it("writes nothing where nothing is missing", async () => {
    const paths = [
      `${rbac}/clusterroles/edit`,
      "/api/v1/namespaces/default",
      "/api/v1/namespaces/default/endpoints/kubernetes",
      "/apis/networking.k8s.io/v1/servicecidrs/kubernetes",
    ];
    const before = await Promise.all(paths.map(version));
    await test.stop();
    await start();
    expect(await Promise.all(paths.map(version))).toEqual(before);
  });

  it("adds rules and subjects that were taken away, and leaves what was added", async () => {
    const role = (await ask("GET", `${rbac}/clusterroles/system:basic-user`)).body;
    const extra = { verbs: ["get"], apiGroups: [""], resources: ["extras"] };
    await ask("PUT", `${rbac}/clusterroles/system:basic-user`, { ...role, rules: [extra] });
    const binding = (await ask("GET", `${rbac}/clusterrolebindings/system:discovery`)).body;
    await ask("PUT", `${rbac}/clusterrolebindings/system:discovery`, { ...binding, subjects: [] });
    await ask("DELETE", "/api/v1/namespaces/kube-node-lease");
    await test.stop();
    await start();
    const { rules } = (await ask("GET", `${rbac}/clusterroles/system:basic-user`)).body;
    expect(rules).toContainEqual(extra);
    expect(rules.length).toBeGreaterThan(1);
    expect((await ask("GET", `${rbac}/clusterrolebindings/system:discovery`)).body.subjects).toHaveLength(1);
  });

  it("leaves alone what its owner took over", async () => {
    const role = (await ask("GET", `${rbac}/clusterroles/view`)).body;
    const metadata = { ...role.metadata, annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } };
    await ask("PUT", `${rbac}/clusterroles/view`, { ...role, metadata, rules: [] });
    await test.stop();
    await start();
    expect((await ask("GET", `${rbac}/clusterroles/view`)).body.rules ?? []).toEqual([]);
  });
});

it("comes up even where its own address is none that pods may be sent to", async () => {
  const elsewhere = await startTestServer({ kubernetesService: { address: "not-an-address" } });
  const as = await elsewhere.identity({ user: "admin", groups: ["system:masters"] });
  expect((await call(elsewhere, "GET", "/readyz")).status).toBe(200);
  expect((await call(elsewhere, "GET", "/api/v1/namespaces/default/services/kubernetes", { as })).status).toBe(200);
  expect((await call(elsewhere, "GET", "/api/v1/namespaces/default/endpoints/kubernetes", { as })).status).toBe(404);
  await elsewhere.stop();
});
