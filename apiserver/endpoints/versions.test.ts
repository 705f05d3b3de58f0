/** One stored object, served in two versions. */
import { type ApiKit, frameText, openApiKit, takeFrames } from "./api.test-kit.js";

const v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const prefix = "autoscaling.alpha.kubernetes.io";

const inV1 = (name: string, spec: object = {}, meta: object = {}): object => ({
  apiVersion: "autoscaling/v1",
  kind: "HorizontalPodAutoscaler",
  metadata: { name, ...meta },
  spec: { scaleTargetRef: target, maxReplicas: 5, ...spec },
});
const inV2 = (name: string, spec: object = {}): object => ({
  ...inV1(name, spec),
  apiVersion: "autoscaling/v2",
});
const memory = {
  type: "Resource",
  resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } },
};
const cpu = (percent: number): object => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: percent } },
});

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

describe("an autoscaler", () => {
  it("written as v1 is read as v2, and as v1 again", async () => {
    const made = await kit.json("POST", v1, { body: inV1("a", { targetCPUUtilizationPercentage: 60 }) });
    expect(made).toMatchObject({
      status: 201,
      body: { apiVersion: "autoscaling/v1", spec: { targetCPUUtilizationPercentage: 60, minReplicas: 1 } },
    });
    expect((await kit.json("GET", `${v2}/a`)).body).toMatchObject({
      apiVersion: "autoscaling/v2",
      metadata: { uid: made.body.metadata.uid, resourceVersion: made.body.metadata.resourceVersion },
      spec: { metrics: [cpu(60)] },
    });
    expect((await kit.json("GET", `${v1}/a`)).body).toEqual(made.body);
  });

  it("gets the default target whichever version leaves it out", async () => {
    await kit.json("POST", v1, { body: inV1("a") });
    expect((await kit.json("GET", `${v2}/a`)).body.spec.metrics).toEqual([cpu(80)]);
    await kit.json("POST", v2, { body: inV2("b") });
    expect((await kit.json("GET", `${v1}/b`)).body.spec.targetCPUUtilizationPercentage).toBe(80);
  });

  it("loses nothing to a client of v1 that reads it and writes it back", async () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
    await kit.json("POST", v2, { body: inV2("a", { metrics: [memory, cpu(70)], behavior }) });
    const before = (await kit.json("GET", `${v2}/a`)).body;
    const seen = (await kit.json("GET", `${v1}/a`)).body;
    expect(seen.spec).toMatchObject({ targetCPUUtilizationPercentage: 70 });
    expect(Object.keys(seen.metadata.annotations ?? {}).sort()).toEqual([`${prefix}/behavior`, `${prefix}/metrics`]);
    expect(JSON.parse(seen.metadata.annotations?.[`${prefix}/metrics`] ?? "")).toEqual([
      { type: "Resource", resource: { name: "memory", targetAverageValue: "100Mi" } },
    ]);
    await kit.json("PUT", `${v1}/a`, { body: { ...seen, spec: { ...seen.spec, maxReplicas: 9 } } });
    const after = (await kit.json("GET", `${v2}/a`)).body;
    expect(after.spec).toEqual({ ...before.spec, maxReplicas: 9 });
    expect(after.metadata.annotations).toBeUndefined();
  });

  it("is listed, watched and shown as a Table in the version asked for", async () => {
    const { answer } = await kit.call("GET", `${v1}?watch=true`);
    await kit.json("POST", v2, { body: inV2("a", { metrics: [cpu(50)] }) });
    if (answer.type !== "watch") throw new Error("no watch");
    const [frame] = await takeFrames(answer.events, (frames) => frames.length > 0);
    expect(frame && frameText(frame)).toBe("ADDED a");
    if (!frame || !("revision" in frame)) throw new Error("no object");
    expect(JSON.parse(Buffer.from(frame.revision.json).toString())).toMatchObject({
      apiVersion: "autoscaling/v1",
      spec: { targetCPUUtilizationPercentage: 50 },
    });
    expect((await kit.json("GET", v1)).body).toMatchObject({
      apiVersion: "autoscaling/v1",
      items: [{ spec: { targetCPUUtilizationPercentage: 50 } }],
    });
    const headers = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    expect((await kit.json("GET", v1, { headers })).body.rows[0]?.cells.slice(0, 4)).toEqual([
      "a",
      "Deployment/web",
      "cpu: <unknown>/50%",
      "1",
    ]);
  });

  it("is patched in its version, in each of the three ways", async () => {
    await kit.json("POST", v2, { body: inV2("a", { metrics: [memory] }) });
    const patch = (type: string, body: unknown) =>
      kit.json("PATCH", `${v1}/a`, {
        bytes: JSON.stringify(body),
        headers: { "content-type": `application/${type}` },
      });
    await patch("merge-patch+json", { spec: { targetCPUUtilizationPercentage: 40 } });
    await patch("json-patch+json", [{ op: "replace", path: "/spec/maxReplicas", value: 7 }]);
    await patch("strategic-merge-patch+json", { spec: { minReplicas: 2 } });
    expect((await kit.json("GET", `${v2}/a`)).body.spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 7,
      metrics: [memory, cpu(40)],
    });
  });

  it("has its status written in either version", async () => {
    await kit.json("POST", v2, { body: inV2("a", { metrics: [cpu(40)] }) });
    const object = (await kit.json("GET", `${v1}/a`)).body;
    const status = { currentReplicas: 3, desiredReplicas: 4, currentCPUUtilizationPercentage: 55 };
    expect((await kit.json("PUT", `${v1}/a/status`, { body: { ...object, status } })).body.status).toEqual(status);
    expect((await kit.json("GET", `${v2}/a`)).body.status).toEqual({
      currentReplicas: 3,
      desiredReplicas: 4,
      currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 55 } } }],
    });
  });
});

describe("managed fields of two versions", () => {
  const apply = (path: string, manager: string, body: unknown, more = "") =>
    kit.json("PATCH", `${path}?fieldManager=${manager}${more}`, {
      bytes: JSON.stringify(body),
      headers: { "content-type": "application/apply-patch+yaml" },
    });

  it("keep each manager's fields in the terms of its version, and find conflicts across them", async () => {
    await apply(`${v1}/a`, "one", inV1("a", { targetCPUUtilizationPercentage: 60 }));
    const other = inV2("a", { metrics: [cpu(70)] });
    const refused = await apply(`${v2}/a`, "two", other);
    expect(refused).toMatchObject({ status: 409, body: { reason: "Conflict" } });
    expect(refused.body.message).toContain('conflict with "one"');
    await apply(`${v2}/a`, "two", other, "&force=true");
    const { managedFields = [] } = (await kit.json("GET", `${v1}/a`)).body.metadata;
    const owned = managedFields.map(({ manager, apiVersion, fieldsV1 }) => [
      manager,
      apiVersion,
      JSON.stringify(fieldsV1),
    ]);
    expect(owned).toEqual([
      ["one", "autoscaling/v1", expect.not.stringContaining("targetCPU")],
      ["two", "autoscaling/v2", expect.stringContaining("f:metrics")],
    ]);
  });

  it("keep what one version's manager leaves out for the other's that has it, and no longer", async () => {
    const target = async (): Promise<unknown> =>
      (await kit.json("GET", `${v1}/a`)).body.spec.targetCPUUtilizationPercentage;
    await apply(`${v1}/a`, "one", inV1("a", { targetCPUUtilizationPercentage: 60, minReplicas: 2 }));
    expect((await apply(`${v2}/a`, "two", inV2("a", { metrics: [cpu(60)] }))).status).toBe(200);
    expect((await apply(`${v1}/a`, "one", inV1("a"))).body.spec).toMatchObject({ minReplicas: 1 });
    expect(await target()).toBe(60);
    await apply(`${v2}/a`, "two", inV2("a"));
    expect(await target()).toBe(80);
  });

  it("are left as they are by applying the same again in either version", async () => {
    await apply(`${v1}/a`, "one", inV1("a", { targetCPUUtilizationPercentage: 60 }));
    const first = (await kit.json("GET", `${v1}/a`)).body;
    await apply(`${v1}/a`, "one", inV1("a", { targetCPUUtilizationPercentage: 60 }));
    expect((await kit.json("GET", `${v1}/a`)).body).toEqual(first);
  });
});

describe("events", () => {
  const core = "/api/v1/namespaces/default/events";
  const newer = "/apis/events.k8s.io/v1/namespaces/default/events";
  const event = (more: object = {}): object => ({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: "e" },
    eventTime: "2026-01-01T00:00:00.000001Z",
    reportingController: "example.com/robot",
    reportingInstance: "robot-1",
    action: "Moving",
    reason: "Moved",
    type: "Normal",
    regarding: { kind: "Pod", namespace: "default", name: "web" },
    note: "it moved",
    ...more,
  });

  it("of both groups are one store", async () => {
    expect((await kit.json("POST", newer, { body: event() })).status).toBe(201);
    expect((await kit.json("GET", `${core}/e`)).body).toMatchObject({
      apiVersion: "v1",
      involvedObject: { name: "web" },
      message: "it moved",
      reportingComponent: "example.com/robot",
    });
    const body = {
      metadata: { name: "old" },
      involvedObject: { namespace: "default", name: "x" },
      message: "m",
      count: 3,
    };
    await kit.json("POST", core, { body });
    expect((await kit.json("GET", `${newer}/old`)).body).toMatchObject({
      apiVersion: "events.k8s.io/v1",
      regarding: { name: "x" },
      note: "m",
      deprecatedCount: 3,
    });
    expect((await kit.json("DELETE", `${core}/e`)).status).toBe(200);
    expect((await kit.json("GET", newer)).body.items.map(({ metadata }) => metadata.name)).toEqual(["old"]);
  });

  it("are selected by the names of fields that each version has", async () => {
    await kit.json("POST", newer, { body: event() });
    const found = async (path: string, selector: string) =>
      (await kit.json("GET", `${path}?fieldSelector=${encodeURIComponent(selector)}`)).body;
    expect((await found(newer, "regarding.name=web")).items).toHaveLength(1);
    expect((await found(newer, "reportingController!=example.com/robot")).items).toHaveLength(0);
    expect((await found(core, "involvedObject.name=web")).items).toHaveLength(1);
    expect((await found(newer, "involvedObject.name=web")).message).toContain("field label not supported");
  });

  it("of the newer group must say when, who, what and why", async () => {
    const bare = { metadata: { name: "bare" }, regarding: { namespace: "default" } };
    const { status, body } = await kit.json("POST", newer, { body: bare });
    expect(status).toBe(422);
    for (const field of ["eventTime", "reportingController", "reportingInstance", "action", "reason"])
      expect(body.message).toContain(`${field}: Required value`);
    await kit.json("POST", newer, { body: event() });
    const changed = await kit.json("PUT", `${newer}/e`, { body: event({ note: "other" }) });
    expect(changed.body.message).toContain("message: Invalid value");
    const series = { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" };
    expect((await kit.json("PUT", `${newer}/e`, { body: event({ series }) })).status).toBe(200);
    const headers = { "content-type": "application/merge-patch+json" };
    const worse = { series: { count: 1, lastObservedTime: null } };
    const refused = await kit.json("PATCH", `${newer}/e`, { body: worse, headers });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain('series.count: Invalid value: "": should be at least 2');
    expect(refused.body.message).toContain("series.lastObservedTime: Required value");
  });
});

describe("what is computed", () => {
  it("is got and listed, and every use is warned of", async () => {
    const path = "/api/v1/componentstatuses";
    const { body, warnings } = await kit.json("GET", path);
    expect(body).toMatchObject({ kind: "ComponentStatusList", items: [{ metadata: { name: "etcd-0" } }] });
    expect(warnings).toEqual(["v1 ComponentStatus is deprecated in v1.19+"]);
    expect((await kit.json("GET", `${path}/etcd-0`)).body).toMatchObject({
      conditions: [{ type: "Healthy", status: "True" }],
    });
    expect((await kit.json("GET", `${path}/none`)).status).toBe(404);
    expect((await kit.json("POST", path, { body: {} })).status).toBe(405);
  });
});
