import { type ApiKit, configMap, openApiKit, podManifest } from "./api.test-kit.js";

const core = "/api/v1/namespaces/default";
const apps = "/apis/apps/v1/namespaces/default";
const sized = (cpu: string): object => ({ name: "c", image: "busybox", resources: { requests: { cpu } } });
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
const deployment = { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template } };
const service = { metadata: { name: "new" }, spec: { type: "NodePort", ports: [{ port: 80 }] } };
const pem = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
const request = { request: Buffer.from(pem).toString("base64"), signerName: "x.io/y", usages: ["client auth"] };
const approval = { type: "Approved", status: "True", reason: "r", message: "m" };
const lease = { metadata: { name: "new" }, spec: { holderIdentity: "me" } };
const requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

const merge = { "content-type": "application/merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
  await kit.json("POST", `${core}/configmaps`, { body: configMap("m", { k: "v" }, { labels: { x: "y" } }) });
  await kit.json("POST", `${core}/pods`, { body: podManifest("p") });
  await kit.json("POST", `${core}/pods`, { body: podManifest("bound", { nodeName: "n", containers: [sized("10m")] }) });
  await kit.json("POST", `${apps}/deployments`, { body: deployment });
  await kit.json("POST", "/api/v1/namespaces", { body: { metadata: { name: "n" } } });
  await kit.json("POST", requests, { body: { metadata: { name: "r" }, spec: request } });
});
afterEach(() => kit.close());

type Headers = Readonly<Record<string, string>>;
type Write = readonly [method: string, url: string, body: object | undefined, status: number, headers?: Headers];

const writes: readonly Write[] = [
  ["POST", `${core}/configmaps`, configMap("new"), 201],
  ["POST", `${core}/services`, service, 201],
  ["PUT", `${core}/configmaps/m`, configMap("m", { k: "w" }), 200],
  ["PUT", "/apis/coordination.k8s.io/v1/namespaces/default/leases/new", lease, 201],
  ["PATCH", `${core}/configmaps/m`, { data: { k: "w" } }, 200, merge],
  ["PATCH", `${core}/configmaps/m?fieldManager=f`, configMap("m", { z: "w" }), 200, apply],
  ["PATCH", `${core}/configmaps/new?fieldManager=f`, configMap("new", { z: "w" }), 201, apply],
  ["DELETE", `${core}/configmaps/m`, undefined, 200],
  ["DELETE", `${core}/configmaps/m`, { propagationPolicy: "Foreground" }, 202],
  ["DELETE", `${core}/pods/bound`, undefined, 200],
  ["DELETE", `${core}/configmaps`, undefined, 200],
  ["DELETE", `${core}/pods?labelSelector=!a`, undefined, 200],
  ["PUT", `${apps}/deployments/d/status`, { ...deployment, status: { replicas: 7 } }, 200],
  ["PATCH", `${apps}/deployments/d/status`, { status: { replicas: 7 } }, 200, merge],
  ["PUT", `${apps}/deployments/d/scale`, { metadata: { name: "d" }, spec: { replicas: 7 } }, 200],
  ["PATCH", `${apps}/deployments/d/scale`, { spec: { replicas: 7 } }, 200, merge],
  ["POST", `${core}/pods/p/binding`, { metadata: { name: "p" }, target: { kind: "Node", name: "n" } }, 201],
  ["POST", `${core}/bindings`, { metadata: { name: "p" }, target: { kind: "Node", name: "n" } }, 201],
  ["POST", `${core}/pods/bound/eviction`, { metadata: { name: "bound" } }, 201],
  ["POST", `${core}/pods/p/eviction`, { metadata: { name: "p" } }, 201],
  [
    "PATCH",
    `${core}/pods/bound/ephemeralcontainers`,
    { spec: { ephemeralContainers: [{ name: "e", image: "i" }] } },
    200,
    merge,
  ],
  ["PATCH", `${core}/pods/bound/resize`, { spec: { containers: [sized("20m")] } }, 200, merge],
  ["PUT", "/api/v1/namespaces/n/finalize", { metadata: { name: "n" }, spec: { finalizers: [] } }, 200],
  ["PATCH", `${requests}/r/approval`, { status: { conditions: [approval] } }, 200, merge],
];

describe("a dry run", () => {
  it.each(writes.map(([method, url, body, status, headers = {}]) => ({ method, url, body, status, headers })))(
    "of $method $url answers as the write would and stores nothing",
    async ({ method, url, body, status, headers }) => {
      const before = await kit.storage.currentRevision();
      const options = { ...(body ? { body } : {}), headers };
      const dry = await kit.json(method, `${url}${url.includes("?") ? "&" : "?"}dryRun=All`, options);
      expect([dry.status, dry.body.message]).toEqual([status, undefined]);
      expect(await kit.storage.currentRevision()).toBe(before);
      // The same in earnest: what was tried was no empty request.
      expect((await kit.json(method, url, options)).status).toBe(status);
      expect(await kit.storage.currentRevision()).toBeGreaterThan(before);
    },
  );

  it("shows what would be: a uid, defaults, an address, but no version", async () => {
    const { body } = await kit.json("POST", `${core}/services?dryRun=All`, { body: service });
    expect(body.metadata).toMatchObject({ uid: expect.any(String), creationTimestamp: expect.any(String) });
    expect(body.metadata).not.toHaveProperty("resourceVersion");
    expect(body.spec).toMatchObject({ type: "NodePort", sessionAffinity: "None" });
    const changed = await kit.json("PATCH", `${core}/configmaps/m?dryRun=All`, {
      body: { data: { k: "w" } },
      headers: merge,
    });
    expect(changed.body.data).toEqual({ k: "w" });
  });

  it("takes no address and no port from those who come after", async () => {
    const fixed = {
      ...service,
      spec: { ...service.spec, clusterIP: "10.96.1.1", ports: [{ port: 80, nodePort: 30_080 }] },
    };
    expect((await kit.json("POST", `${core}/services?dryRun=All`, { body: fixed })).status).toBe(201);
    expect((await kit.json("POST", `${core}/services`, { body: fixed })).status).toBe(201);
  });

  it("is refused as the write would be", async () => {
    const taken = await kit.json("POST", `${core}/configmaps?dryRun=All`, { body: configMap("m") });
    expect([taken.status, taken.body.reason]).toEqual([409, "AlreadyExists"]);
    expect((await kit.json("DELETE", `${core}/configmaps/none?dryRun=All`)).status).toBe(404);
    const preconditions = { preconditions: { uid: "other" } };
    expect((await kit.json("DELETE", `${core}/configmaps/m?dryRun=All`, { body: preconditions })).status).toBe(409);
    const stale = configMap("m", {}, { resourceVersion: "1" });
    expect((await kit.json("PUT", `${core}/configmaps/m?dryRun=All`, { body: stale })).status).toBe(409);
    for (const word of ["true", "all", "None"])
      expect((await kit.json("POST", `${core}/configmaps?dryRun=${word}`, { body: configMap("new") })).status).toBe(
        422,
      );
  });

  it("may be asked for in the options of a deletion and of an eviction", async () => {
    const before = await kit.storage.currentRevision();
    await kit.json("DELETE", `${core}/configmaps/m`, { body: { dryRun: ["All"] } });
    const eviction = { metadata: { name: "bound" }, deleteOptions: { dryRun: ["All"] } };
    expect((await kit.json("POST", `${core}/pods/bound/eviction`, { body: eviction })).status).toBe(201);
    expect(await kit.storage.currentRevision()).toBe(before);
  });
});

describe("a PUT", () => {
  const put = (url: string, body: object) => kit.json("PUT", url, { body });
  const rules = { metadata: { name: "new" }, rules: [] };
  const bind = { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "x" } };
  const rbac = "/apis/rbac.authorization.k8s.io/v1";

  it.each<[string, object]>([
    [`${core}/endpoints`, { metadata: { name: "new" } }],
    [`${core}/services`, service],
    [`${core}/limitranges`, { metadata: { name: "new" }, spec: { limits: [] } }],
    [`${core}/events`, { metadata: { name: "new" }, involvedObject: { namespace: "default" } }],
    ["/apis/coordination.k8s.io/v1/namespaces/default/leases", lease],
    ["/apis/node.k8s.io/v1/runtimeclasses", { metadata: { name: "new" }, handler: "runc" }],
    [`${rbac}/clusterroles`, rules],
    [`${rbac}/clusterrolebindings`, { ...bind, metadata: { name: "new" } }],
    [`${rbac}/namespaces/default/roles`, rules],
    [`${rbac}/namespaces/default/rolebindings`, { ...bind, metadata: { name: "new" } }],
  ])("makes what is not there in %s", async (url, body) => {
    const { status, body: made } = await put(`${url}/new`, body);
    expect([status, made.message]).toEqual([201, undefined]);
    expect((await kit.json("GET", `${url}/new`)).body.metadata.uid).toBe(made.metadata.uid);
  });

  it.each<[string, object]>([
    [`${core}/configmaps`, configMap("new")],
    [`${core}/pods`, podManifest("new")],
    [`${core}/secrets`, { metadata: { name: "new" } }],
    [`${apps}/deployments`, { ...deployment, metadata: { name: "new" } }],
  ])("makes nothing in %s", async (url, body) => {
    expect((await put(`${url}/new`, body)).status).toBe(404);
  });

  const webhooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  it.each<[string, string, object]>([
    ["/apis/coordination.k8s.io/v1/namespaces/default/leases", "leases.coordination.k8s.io", lease],
    [
      "/apis/node.k8s.io/v1/runtimeclasses",
      "runtimeclasses.node.k8s.io",
      { metadata: { name: "new" }, handler: "runc" },
    ],
    [webhooks, "validatingwebhookconfigurations.admissionregistration.k8s.io", { metadata: { name: "new" } }],
    [
      "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
      "poddisruptionbudgets.policy",
      { metadata: { name: "new" }, spec: { minAvailable: 1 } },
    ],
    ["/apis/storage.k8s.io/v1/csidrivers", "csidrivers.storage.k8s.io", { metadata: { name: "new" }, spec: {} }],
  ])("needs the version of what it replaces in %s", async (url, resource, body) => {
    const { body: made } = await kit.json("POST", url, { body });
    const { status, body: refused } = await put(`${url}/new`, body);
    expect([status, refused.message]).toEqual([
      422,
      `${resource} "new" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    ]);
    expect((await put(`${url}/new`, made)).status).toBe(200);
  });
});
