import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { defineResource } from "../apimachinery/resource.js";
import { int32, object, optional } from "../apimachinery/schema/schema.js";
import { StatusError } from "../apimachinery/status.js";
import { call, startTestServer, type TestServer } from "../apiserver/apiserver.test-kit.js";
import type { Identity } from "../base/tls.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { garbageCollector } from "../controllers/garbage-collector/garbage-collector.js";
import { namespaceController } from "../controllers/namespace.js";
import { openWorkshop } from "./harness/controllers.js";

const widgets = defineResource({
  group: "example.com",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  shortNames: ["wd"],
  scope: "Namespaced",
  spec: object("WidgetSpec", { size: optional(int32()) }),
});

describe("a kind that is served in two versions", () => {
  it("is written in one and read in the other, as JSON and as protocol buffers", async () => {
    const test = await startTestServer();
    const as = await test.identity({ user: "admin", groups: ["system:masters"] });
    const path = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
    const spec = { scaleTargetRef: { kind: "Deployment", name: "web" }, maxReplicas: 3 };
    const body = { metadata: { name: "a" }, spec: { ...spec, targetCPUUtilizationPercentage: 60 } };
    const made = await call(test, "POST", path("v1"), { as, body });
    expect([made.status, made.body.apiVersion]).toEqual([201, "autoscaling/v1"]);
    const { body: read } = await call(test, "GET", `${path("v2")}/a`, { as });
    expect(read).toMatchObject({ apiVersion: "autoscaling/v2", spec: { metrics: [{ type: "Resource" }] } });
    const headers = { accept: "application/vnd.kubernetes.protobuf" };
    for (const version of ["v1", "v2"]) {
      const answer = await call(test, "GET", path(version), { as, headers });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, headers.accept]);
      expect(answer.text).toContain(`autoscaling/${version}`);
    }
    const { body: group } = await call(test, "GET", "/apis/autoscaling", { as });
    expect(group.preferredVersion.version).toBe("v2");
    await test.stop();
  });
});

describe("a kind that comes at run time", () => {
  let test: TestServer;
  let as: Identity;
  beforeAll(async () => {
    test = await startTestServer();
    as = await test.identity({ user: "admin", groups: ["system:masters"] });
  });
  afterAll(() => test.stop());
  const get = async (path: string, headers = {}) => call(test, "GET", path, { as, headers });

  it("is in discovery and OpenAPI, is written, listed and applied, and is gone from all of them when it goes", async () => {
    const path = "/apis/example.com/v1/namespaces/default/widgets";
    const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
    const before = await get("/apis", aggregated);
    await test.server.kinds.addKind(widgets);
    const discovered = await get("/apis", aggregated);
    expect(discovered.headers.etag).not.toBe(before.headers.etag);
    expect(discovered.text).toContain('"resource":"widgets"');
    expect((await get("/apis/example.com/v1")).body.resources[0]).toMatchObject({
      name: "widgets",
      shortNames: ["wd"],
    });
    expect((await get("/openapi/v3")).body.paths).toHaveProperty(["apis/example.com/v1"]);
    expect((await get("/openapi/v3/apis/example.com/v1")).text).toContain("com.example.v1.WidgetSpec");
    expect((await get("/openapi/v2")).text).toContain("com.example.v1.Widget");
    const body = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "a" }, spec: { size: 1 } };
    expect((await call(test, "POST", path, { as, body })).status).toBe(201);
    const applied = await call(test, "PATCH", `${path}/a?fieldManager=m&force=true`, {
      as,
      body: { ...body, spec: { size: 2 } },
      headers: { "content-type": "application/apply-patch+yaml" },
    });
    expect(applied.body).toMatchObject({ spec: { size: 2 }, metadata: { managedFields: [{ manager: "m" }] } });
    expect((await get(`${path}?fieldSelector=metadata.name%3Da`)).body.items).toHaveLength(1);
    test.server.kinds.removeKind(widgets);
    expect((await get(path)).status).toBe(404);
    expect((await get("/apis", aggregated)).text).not.toContain("widgets");
    expect((await get("/apis/example.com")).status).toBe(404);
    expect((await get("/openapi/v3")).body.paths).not.toHaveProperty(["apis/example.com/v1"]);
  });

  it("is followed by the garbage collector and by the end of a namespace", async () => {
    const clock = new VirtualClock();
    const workshop = await openWorkshop(clock, [garbageCollector, namespaceController({})]);
    const { client, api } = workshop;
    await client.create(namespaces, { metadata: { name: "n" } });
    await api.addKind(widgets);
    const owner = await client.create(configMaps, { metadata: { name: "owner", namespace: "n" } });
    const { name, uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name, uid }];
    await client.create(widgets, { metadata: { name: "owned", namespace: "n", ownerReferences } });
    await client.create(widgets, { metadata: { name: "free", namespace: "n" } });
    const isGone = (target: typeof widgets | typeof namespaces, address: { name: string; namespace?: string }) =>
      client.get(target, address).then(
        () => false,
        (error: unknown) => error instanceof StatusError && error.code === 404,
      );
    await client.delete(configMaps, { namespace: "n", name: "owner" });
    await workshop.until("the dependent is gone", () => isGone(widgets, { namespace: "n", name: "owned" }));
    expect(await isGone(widgets, { namespace: "n", name: "free" })).toBe(false);
    await client.delete(namespaces, { name: "n" });
    await workshop.until("the namespace is gone", () => isGone(namespaces, { name: "n" }));
    expect((await client.list(widgets, { namespace: "n" })).items).toEqual([]);
    await workshop.stop();
  });
});
