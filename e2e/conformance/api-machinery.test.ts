import { type Json, onApi } from "../harness/api-conformance.js";
import { versionOf } from "../harness/api-lifecycle.js";
import { supportsOperations } from "../harness/api-operations.js";

const v1 = { version: "v1" };
const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const now = "2026-01-01T00:00:00Z";

/** `group/version/resource`, one of each group at least, that every server has. */
const builtIn = [
  "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  "apiextensions.k8s.io/v1/customresourcedefinitions",
  "apiregistration.k8s.io/v1/apiservices",
  "apps/v1/deployments",
  "authentication.k8s.io/v1/tokenreviews",
  "authorization.k8s.io/v1/selfsubjectaccessreviews",
  "autoscaling/v1/horizontalpodautoscalers",
  "autoscaling/v2/horizontalpodautoscalers",
  "batch/v1/jobs",
  "certificates.k8s.io/v1/certificatesigningrequests",
  "coordination.k8s.io/v1/leases",
  "discovery.k8s.io/v1/endpointslices",
  "events.k8s.io/v1/events",
  "networking.k8s.io/v1/ingresses",
  "node.k8s.io/v1/runtimeclasses",
  "policy/v1/poddisruptionbudgets",
  "rbac.authorization.k8s.io/v1/roles",
  "scheduling.k8s.io/v1/priorityclasses",
  "storage.k8s.io/v1/csinodes",
];

onApi("the API's machinery", (api) => {
  it("API priority and fairness should support FlowSchema API operations", () =>
    supportsOperations(api, {
      ...v1,
      group: "flowcontrol.apiserver.k8s.io",
      plural: "flowschemas",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: {
          matchingPrecedence: 10_000,
          priorityLevelConfiguration: { name: "global-default" },
          distinguisherMethod: { type: "ByUser" },
          rules: [
            {
              subjects: [{ kind: "User", user: { name: "example-e2e-non-existent-user" } }],
              nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
            },
          ],
        },
      }),
      status: {
        conditions: [{ type: "foo", status: "True", reason: "demo", message: "demo", lastTransitionTime: now }],
      },
    }));

  it("API priority and fairness should support PriorityLevelConfiguration API operations", () =>
    supportsOperations(api, {
      ...v1,
      group: "flowcontrol.apiserver.k8s.io",
      plural: "prioritylevelconfigurations",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: { type: "Limited", limited: { nominalConcurrencyShares: 2, limitResponse: { type: "Reject" } } },
      }),
      status: {
        conditions: [{ type: "foo", status: "True", reason: "demo", message: "demo", lastTransitionTime: now }],
      },
    }));

  const policy = {
    failurePolicy: "Ignore",
    matchConstraints: {
      resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] }],
    },
  };

  it("ValidatingAdmissionPolicy should support ValidatingAdmissionPolicy API operations", () =>
    supportsOperations(api, {
      ...v1,
      group: "admissionregistration.k8s.io",
      plural: "validatingadmissionpolicies",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: { ...policy, validations: [{ expression: "object.spec.replicas <= 100" }] },
      }),
      status: {
        conditions: [{ type: "StatusUpdate", status: "True", reason: "E2E", message: "", lastTransitionTime: now }],
      },
    }));

  it("ValidatingAdmissionPolicy should support ValidatingAdmissionPolicyBinding API operations", () =>
    supportsOperations(api, {
      ...v1,
      group: "admissionregistration.k8s.io",
      plural: "validatingadmissionpolicybindings",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: { policyName: "replicalimit-policy.example.com", validationActions: ["Deny"] },
      }),
    }));

  it("MutatingAdmissionPolicy should support MutatingAdmissionPolicy API operations", () =>
    supportsOperations(api, {
      ...v1,
      group: "admissionregistration.k8s.io",
      plural: "mutatingadmissionpolicies",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: {
          ...policy,
          reinvocationPolicy: "Never",
          mutations: [
            { patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{spec: Object.spec{}}" } },
          ],
        },
      }),
    }));

  it("MutatingAdmissionPolicy should support MutatingAdmissionPolicyBinding API operations", () =>
    supportsOperations(api, {
      ...v1,
      group: "admissionregistration.k8s.io",
      plural: "mutatingadmissionpolicybindings",
      make: (name, labels) => ({ metadata: { name, labels }, spec: { policyName: "example.com" } }),
    }));

  it("AdmissionWebhook should include webhook resources in discovery documents", async () => {
    const group = "admissionregistration.k8s.io";
    const { groups } = await api.get("/apis");
    const entry = groups.find(({ name }: Json) => name === group);
    expect(entry.versions).toContainEqual({ groupVersion: `${group}/v1`, version: "v1" });
    expect((await api.get(`/apis/${group}`)).versions).toContainEqual({ groupVersion: `${group}/v1`, version: "v1" });
    const { resources } = await api.get(`/apis/${group}/v1`);
    const names = resources.map(({ name }: Json) => name);
    expect(names).toEqual(expect.arrayContaining(["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]));
  });

  it("CustomResourceDefinition resources should include custom resource definition resources in discovery documents", async () => {
    const group = "apiextensions.k8s.io";
    const { groups } = await api.get("/apis");
    const entry = groups.find(({ name }: Json) => name === group);
    expect(entry.versions).toContainEqual({ groupVersion: `${group}/v1`, version: "v1" });
    expect((await api.get(`/apis/${group}`)).versions).toContainEqual({ groupVersion: `${group}/v1`, version: "v1" });
    const { resources } = await api.get(`/apis/${group}/v1`);
    expect(resources.map(({ name }: Json) => name)).toContain("customresourcedefinitions");
  });

  /** `group/version/resource` of all that the aggregated documents tell of. */
  const aggregated = async (path: string): Promise<ReadonlySet<string>> => {
    const { headers, body } = await api.call("GET", path, undefined, { accept: aggregatedType });
    expect(headers["content-type"]).toContain("as=APIGroupDiscoveryList");
    expect([body.kind, body.apiVersion]).toEqual(["APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"]);
    return new Set(
      body.items.flatMap(({ metadata, versions }: Json) =>
        versions.flatMap(({ version, resources }: Json) =>
          resources.map(({ resource }: Json) => `${metadata?.name ?? ""}/${version}/${resource}`),
        ),
      ),
    );
  };

  it("AggregatedDiscovery should support aggregated discovery interface", async () => {
    const served = new Set([...(await aggregated("/api")), ...(await aggregated("/apis"))]);
    for (const wanted of [...builtIn, "/v1/namespaces"]) expect(served).toContain(wanted);
    // What the single documents say is the same.
    const { groups } = await api.get("/apis");
    for (const wanted of builtIn) {
      const [name, version] = wanted.split("/");
      const entry = groups.find((group: Json) => group.name === name);
      expect(entry.versions).toContainEqual({ groupVersion: `${name}/${version}`, version });
    }
    expect((await api.get("/api")).versions).toContain("v1");
  });

  it("AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers", async () => {
    const named = await aggregated("/apis");
    for (const wanted of builtIn) expect(named).toContain(wanted);
    expect(await aggregated("/api")).toContain("/v1/namespaces");
    for (const path of ["/api", "/apis"])
      expect((await api.get(path)).kind).toBe(path === "/api" ? "APIVersions" : "APIGroupList");
  });

  it("Discovery should locate the groupVersion and a resource within each APIGroup", async () => {
    const { groups } = await api.get("/apis");
    for (const wanted of ["/v1/namespaces", ...builtIn]) {
      const [group = "", version = "", resource] = wanted.split("/");
      if (group !== "") {
        const { versions } = groups.find(({ name }: Json) => name === group);
        expect(versions).toContainEqual({ groupVersion: `${group}/${version}`, version });
      }
      const list = await api.get(group === "" ? `/api/${version}` : `/apis/${group}/${version}`);
      expect([list.kind, list.groupVersion]).toEqual([
        "APIResourceList",
        group === "" ? version : `${group}/${version}`,
      ]);
      expect(list.resources.map(({ name }: Json) => name)).toContain(resource);
    }
  });

  it("Discovery should validate PreferredVersion for each APIGroup", async () => {
    const { groups } = await api.get("/apis");
    expect(groups.length).toBeGreaterThan(10);
    for (const { name } of groups) {
      const { preferredVersion, versions } = await api.get(`/apis/${name}`);
      expect(versions).toContainEqual(preferredVersion);
      expect(preferredVersion.groupVersion.startsWith(`${name}/`)).toBe(true);
    }
  });

  const deployment = (name: string): Json => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels: { app: "nginx" } },
    spec: {
      selector: { matchLabels: { app: "nginx" } },
      template: {
        metadata: { labels: { app: "nginx" } },
        spec: { containers: [{ name: "nginx", image: "nginx:latest" }] },
      },
    },
  });
  const applyType = { type: "application/apply-patch+yaml" };

  it("FieldValidation should detect unknown and duplicate fields of a typed object", async () => {
    const namespace = await api.namespace("fields");
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const text = JSON.stringify(deployment("mydep")).replace(
      '"spec":{',
      '"spec":{"unknownField":"foo","replicas":1,"replicas":2,',
    );
    const { code, body } = await api.call("POST", `${path}?fieldValidation=Strict`, text);
    expect(code).toBe(400);
    expect(body.message).toContain(
      'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
    );
    const applied = await api.call("PATCH", `${path}/mydep?fieldManager=t&fieldValidation=Strict`, text, applyType);
    expect(applied.code).toBe(400);
    expect((await api.call("GET", `${path}/mydep`)).code).toBe(404);
  });

  it("FieldValidation should detect unknown metadata fields of a typed object", async () => {
    const namespace = await api.namespace("fields");
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const object = deployment("mydep");
    const wrong = { ...object, metadata: { ...object.metadata, unknownMeta: "foo" } };
    const { code, body } = await api.call("POST", `${path}?fieldValidation=Strict`, wrong);
    expect(code).toBe(400);
    expect(body.message).toContain('strict decoding error: unknown field "metadata.unknownMeta"');
    const applied = await api.call("PATCH", `${path}/mydep?fieldManager=t&fieldValidation=Strict`, wrong, applyType);
    expect(applied.code).toBe(500);
    expect(JSON.stringify(applied.body)).toContain(".metadata.unknownMeta: field not declared in schema");
  });

  it("Servers with support for Table transformation should return a 406 for a backend which does not implement metadata", async () => {
    const review = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { nonResourceAttributes: { path: "/version", verb: "get" } },
    };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const { code, body } = await api.call("POST", path, review, { accept });
    expect([code, body.kind, body.reason]).toEqual([406, "Status", "NotAcceptable"]);
  });

  it("Servers with support for API chunking should return chunks of results for list calls", async () => {
    const namespace = await api.namespace("chunks");
    const path = `/api/v1/namespaces/${namespace}/podtemplates`;
    const total = 400;
    const template = (index: number): object => ({
      metadata: { name: `template-${String(index).padStart(4, "0")}` },
      template: { spec: { containers: [{ name: "test", image: "test2" }] } },
    });
    for (let from = 0; from < total; from += 50)
      await Promise.all(Array.from({ length: 50 }, (_, at) => api.ok("POST", path, template(from + at))));
    const seen: string[] = [];
    let version = "";
    let token: string | undefined = "";
    let limit = 7;
    do {
      const page: Json = await api.get(`${path}?limit=${limit}&continue=${encodeURIComponent(token ?? "")}`);
      const { metadata, items } = page;
      version ||= metadata.resourceVersion;
      expect(metadata.resourceVersion).toBe(version);
      expect(items.length).toBeLessThanOrEqual(limit);
      seen.push(...items.map((item: Json) => item.metadata.name));
      if (metadata.continue) expect(metadata.remainingItemCount).toBe(total - seen.length);
      else expect(metadata.remainingItemCount).toBeUndefined();
      token = metadata.continue;
      limit = limit * 2 + 3;
    } while (token);
    expect(seen).toEqual(Array.from({ length: total }, (_, at) => `template-${String(at).padStart(4, "0")}`));
    for (const query of ["", `?limit=${total + 1}`]) {
      const full = await api.get(`${path}${query}`);
      expect(full.items).toHaveLength(total);
      expect([full.metadata.continue, full.metadata.remainingItemCount]).toEqual([undefined, undefined]);
    }
  });

  it("server version should find the server version", async () => {
    const version = await api.get("/version");
    expect(version.major).toMatch(/^\d+$/);
    expect(version.minor).toMatch(/^\d+$/);
    expect(version.gitVersion).toMatch(new RegExp(`^v${version.major}\\.${version.minor}\\.`));
  });

  it("ResourceQuota should manage the lifecycle of a ResourceQuota", async () => {
    const namespace = await api.namespace("quota");
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    const label = api.name("e2e-rq");
    const selector = `labelSelector=${encodeURIComponent(`${label}=`)}`;
    const name = api.name("quota");
    await api.ok("POST", path, {
      metadata: { name, labels: { [label]: "" } },
      spec: { hard: { cpu: "1", memory: "500Mi" } },
    });
    await api.ok("POST", path, { metadata: { name: "other" }, spec: { hard: { pods: "1" } } });
    const found = await api.get(`${path}/${name}`);
    expect(found.spec.hard).toEqual({ cpu: "1", memory: "500Mi" });
    const all = await api.get(`/api/v1/resourcequotas?${selector}`);
    expect(all.items.map(({ metadata }: Json) => metadata.name)).toEqual([name]);
    const body = { metadata: { labels: { [name]: "patched" } }, spec: { hard: { memory: "750Mi" } } };
    const patched = await api.ok("PATCH", `${path}/${name}`, body, { type: "application/strategic-merge-patch+json" });
    expect(patched.metadata.labels[name]).toBe("patched");
    expect(patched.spec.hard).toEqual({ cpu: "1", memory: "750Mi" });
    expect(versionOf(patched)).toBeGreaterThan(versionOf(all.items[0]));
    await api.ok("DELETE", `${path}?${selector}`);
    expect((await api.call("GET", `${path}/${name}`)).code).toBe(404);
    expect((await api.get(path)).items.map(({ metadata }: Json) => metadata.name)).toEqual(["other"]);
  });
});
