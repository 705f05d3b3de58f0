import { systemClock } from "../../base/clock.js";
import { type ApiKit, type JsonAnswer, openApiKit } from "./api.test-kit.js";

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const maps = "/api/v1/namespaces/default/configmaps";
const applyHeaders = { "content-type": "application/apply-patch+yaml" };

const container = (name: string, more: object = {}) => ({ name, image: "alpine", ...more });
const deployment = (spec: object = {}, containers: readonly object[] = [container("web")]) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers } },
    ...spec,
  },
});
const configMap = (data: Readonly<Record<string, string>>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a" },
  data,
});

describe("server-side apply", () => {
  let kit: ApiKit;
  beforeEach(async () => {
    kit = await openApiKit();
  });
  afterEach(() => kit.close());

  const apply = (path: string, body: object, query = "fieldManager=me"): Promise<JsonAnswer> =>
    kit.json("PATCH", `${path}?${query}`, { body, headers: applyHeaders });
  const applyWeb = (body: object, query?: string) => apply(`${deployments}/web`, body, query);
  const applyMap = (data: Readonly<Record<string, string>>, query?: string) =>
    apply(`${maps}/a`, configMap(data), query);
  const owners = ({ body }: JsonAnswer) =>
    Object.fromEntries(
      (body.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
        `${manager} ${operation}${subresource ? ` ${subresource}` : ""}`,
        fieldsV1,
      ]),
    );

  it("claims what the configuration says is empty or null, and keeps none of it", async () => {
    const empties = { minReadySeconds: null, replicas: 2, paused: null };
    const said = deployment(empties, [container("web", { command: [], env: [], resources: { limits: null } })]);
    const made = await applyWeb({ ...said, metadata: { name: "web", labels: {}, annotations: null } });
    expect(made.status).toBe(201);
    expect(made.body.spec).not.toHaveProperty("paused");
    expect(made.body.metadata).not.toHaveProperty("labels");
    expect(JSON.stringify(made.body.spec)).not.toMatch(/"(command|env|limits)"/);
    const [entry] = Object.values(owners(made));
    expect(entry).toMatchObject({
      "f:metadata": { "f:labels": {}, "f:annotations": {} },
      "f:spec": { "f:minReadySeconds": {}, "f:paused": {}, "f:replicas": {} },
    });
    const inside = JSON.stringify(entry);
    expect(inside).toContain('"f:command":{}');
    expect(inside).toContain('"f:limits":{}');
    expect(inside).not.toContain('"f:env"');
    const again = await applyWeb({ ...said, metadata: { name: "web", labels: {}, annotations: null } });
    expect(again.body.metadata.resourceVersion).toBe(made.body.metadata.resourceVersion);
  });

  it("unsets a field by null, against nobody's will but by force", async () => {
    await applyWeb(deployment({ replicas: 3 }));
    const unset = deployment({ replicas: null });
    const refused = await applyWeb(unset, "fieldManager=other");
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining(".spec.replicas")]);
    const forced = await applyWeb(unset, "fieldManager=other&force=true");
    expect(forced.body.spec.replicas).toBe(1);
    expect(JSON.stringify(owners(forced)["other Apply"])).toContain('"f:replicas":{}');
  });

  it("creates what is not there, from YAML, and keeps what was applied as the applier's", async () => {
    const bytes = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: z}}\ndata: {one: '1'}\n";
    const made = await kit.json("PATCH", `${maps}/a?fieldManager=me`, { bytes, headers: applyHeaders });
    expect(made.status).toBe(201);
    expect(made.body.metadata.managedFields).toEqual([
      {
        manager: "me",
        operation: "Apply",
        apiVersion: "v1",
        time: expect.any(String),
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { "f:one": {} }, "f:metadata": { "f:labels": { "f:x": {} } } },
      },
    ]);
  });

  it("changes nothing, not even the version, when applied again", async () => {
    const made = await applyWeb(deployment({ replicas: 2 }));
    expect(made.status).toBe(201);
    const again = await applyWeb(deployment({ replicas: 2 }));
    expect(again.status).toBe(200);
    expect(again.body.metadata).toEqual(made.body.metadata);
  });

  it.each<[string, string, object]>([
    [
      "defaults within items that are applied as a whole",
      "/api/v1/namespaces/default/limitranges",
      { apiVersion: "v1", kind: "LimitRange", spec: { limits: [{ type: "Container", default: { cpu: "1" } }] } },
    ],
    [
      "fields that are written and never read back",
      "/api/v1/namespaces/default/secrets",
      { apiVersion: "v1", kind: "Secret", stringData: { password: "x" } },
    ],
  ])("changes nothing when applied again a while later: %s", async (_, path, body) => {
    let nowMs = 0;
    const { json, close } = await openApiKit({ clock: { ...systemClock, now: () => nowMs } });
    const write = () =>
      json("PATCH", `${path}/a?fieldManager=me`, { body: { ...body, metadata: { name: "a" } }, headers: applyHeaders });
    const made = await write();
    expect(made.status).toBe(201);
    nowMs += 10_000;
    expect((await write()).body.metadata).toEqual(made.body.metadata);
    await close();
  });

  it("names the manager and field of a conflict, and takes the field by force", async () => {
    await kit.json("POST", `${deployments}?fieldManager=kubectl-client-side-apply`, {
      body: deployment({ replicas: 1 }),
    });
    const refused = await applyWeb(deployment({ replicas: 3 }));
    expect(refused.status).toBe(409);
    expect(refused.body.reason).toBe("Conflict");
    const why = 'conflict with "kubectl-client-side-apply" using apps/v1';
    expect(refused.body.message).toBe(`Apply failed with 1 conflict: ${why}: .spec.replicas`);
    expect(refused.body.details).toEqual({
      causes: [{ reason: "FieldManagerConflict", message: why, field: ".spec.replicas" }],
    });
    const forced = await applyWeb(deployment({ replicas: 3 }), "fieldManager=me&force=true");
    expect(forced.body.spec.replicas).toBe(3);
    expect(owners(forced)["kubectl-client-side-apply Update"]).not.toHaveProperty(["f:spec", "f:replicas"]);
    expect(owners(forced)["me Apply"]).toHaveProperty(["f:spec", "f:replicas"]);
  });

  it("lists several conflicts by manager", async () => {
    await applyMap({ one: "1", two: "2" }, "fieldManager=first");
    await kit.json("PATCH", `${maps}/a?fieldManager=second`, {
      body: { data: { three: "3" } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    const refused = await applyMap({ one: "x", two: "x", three: "x" });
    expect(refused.body.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "first":\n- .data.one\n- .data.two\nconflicts with "second" using v1:\n- .data.three',
    );
  });

  it("shares what is applied alike, and takes away only what nobody else applied", async () => {
    await applyMap({ one: "1", two: "2" }, "fieldManager=first");
    const shared = await applyMap({ two: "2", three: "3" }, "fieldManager=second");
    expect(owners(shared)).toEqual({
      "first Apply": { "f:data": { "f:one": {}, "f:two": {} } },
      "second Apply": { "f:data": { "f:two": {}, "f:three": {} } },
    });
    const left = await applyMap({}, "fieldManager=first");
    expect(left.body.data).toEqual({ two: "2", three: "3" });
    const gone = await applyMap({ three: "3" }, "fieldManager=second");
    expect(gone.body.data).toEqual({ three: "3" });
  });

  it("merges lists by their keys and fills in defaults where a field was taken away", async () => {
    const port = { containerPort: 80 };
    await applyWeb(
      deployment({ replicas: 4 }, [container("web", { ports: [port], livenessProbe: { httpGet: { port: 80 } } })]),
    );
    await applyWeb(
      { ...deployment(), spec: { template: { spec: { containers: [container("side")] } } } },
      "fieldManager=other",
    );
    const next = await applyWeb(
      deployment({}, [container("web", { ports: [{ containerPort: 81, protocol: "TCP" }] })]),
    );
    expect(next.status).toBe(200);
    expect(next.body.spec).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          containers: [
            { name: "web", ports: [{ containerPort: 81, protocol: "TCP" }] },
            { name: "side", image: "alpine" },
          ],
        },
      },
    });
    expect(JSON.stringify(next.body.spec)).not.toContain("livenessProbe");
    expect(owners(next)["me Apply"]).toMatchObject({
      "f:spec": {
        "f:selector": {},
        "f:template": {
          "f:spec": {
            "f:containers": {
              'k:{"name":"web"}': {
                ".": {},
                "f:name": {},
                "f:ports": { 'k:{"containerPort":81,"protocol":"TCP"}': { ".": {} } },
              },
            },
          },
        },
      },
    });
  });

  it("keeps account of creates, updates and statuses under the program's or the given name", async () => {
    const agent = { "user-agent": "kubelet/v1.36 (linux)" };
    const made = await kit.json("POST", deployments, { body: deployment(), headers: agent });
    expect(owners(made)["kubelet Update"]).toMatchObject({
      "f:spec": {
        "f:replicas": {},
        "f:strategy": { "f:rollingUpdate": { ".": {}, "f:maxSurge": {} } },
        "f:template": { "f:metadata": { "f:labels": { ".": {}, "f:app": {} } } },
      },
    });
    expect(JSON.stringify(owners(made))).not.toMatch(/f:(name"|uid|resourceVersion|status).*f:spec/);
    const status = { ...made.body, status: { replicas: 1, observedGeneration: 1 } };
    const told = await kit.json("PUT", `${deployments}/web/status?fieldManager=controller`, { body: status });
    expect(owners(told)["controller Update status"]).toEqual({
      "f:status": { "f:replicas": {}, "f:observedGeneration": {} },
    });
    const scaled = await kit.json("PATCH", `${deployments}/web/scale?fieldManager=scaler`, {
      body: { spec: { replicas: 5 } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    expect(scaled.status).toBe(200);
    const now = await kit.json("GET", `${deployments}/web`);
    expect(owners(now)["scaler Update scale"]).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(owners(now)["kubelet Update"]).not.toHaveProperty(["f:spec", "f:replicas"]);
    const refused = await applyWeb(deployment({ replicas: 1 }));
    expect(refused.body.message).toContain(
      'conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
    );
  });

  it("applies statuses and scales as parts of their own", async () => {
    await applyWeb(deployment());
    const typed = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } };
    const status = { ...typed, status: { readyReplicas: 1 } };
    const told = await apply(`${deployments}/web/status`, status);
    expect(told.body.status).toEqual({ readyReplicas: 1 });
    expect(owners(told)["me Apply status"]).toEqual({ "f:status": { "f:readyReplicas": {} } });
    const ignored = await applyWeb({ ...deployment(), status: { readyReplicas: 7 } });
    expect(ignored.body.status).toEqual({ readyReplicas: 1 });
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replicas: 6 } };
    const scaled = await apply(`${deployments}/web/scale`, scale, "fieldManager=scaler");
    expect(scaled.body.spec.replicas).toBe(6);
    const now = await kit.json("GET", `${deployments}/web`);
    expect(owners(now)["scaler Apply scale"]).toEqual({ "f:spec": { "f:replicas": {} } });
    const none = await apply(`${deployments}/none/status`, { ...status, metadata: { name: "none" } });
    expect(none.status).toBe(404);
  });

  it("lets writers correct managedFields or take them off, and nobody by accident", async () => {
    const made = await applyMap({ one: "1" });
    const { managedFields: _, ...metadata } = made.body.metadata;
    const kept = await kit.json("PUT", `${maps}/a`, { body: { ...made.body, metadata } });
    expect(kept.body.metadata).toEqual(made.body.metadata);
    const patchFields = (managedFields: readonly object[]) =>
      kit.json("PATCH", `${maps}/a`, {
        body: { metadata: { managedFields } },
        headers: { "content-type": "application/merge-patch+json" },
      });
    expect((await patchFields([])).body.metadata).toEqual(made.body.metadata);
    const [entry] = made.body.metadata.managedFields ?? [];
    expect((await patchFields([{ ...entry, fieldsV1: { nonsense: {} } }])).body.metadata).toEqual(made.body.metadata);
    const renamed = await patchFields([{ ...entry, manager: "other" }]);
    expect(renamed.body.metadata.managedFields?.[0]?.manager).toBe("other");
    expect((await patchFields([{ ...entry, operation: "Dance" }])).status).toBe(422);
    const off = await patchFields([{}]);
    expect(off.body.metadata.managedFields).toBeUndefined();
    const first = await applyMap({ two: "2" });
    expect(owners(first)).toEqual({
      "before-first-apply Update": { "f:data": { ".": {}, "f:one": {} } },
      "me Apply": { "f:data": { "f:two": {} } },
    });
  });

  it("lets kubectl take back what it applied from the client", async () => {
    const key = "kubectl.kubernetes.io/last-applied-configuration";
    const config = configMap({ one: "1" });
    const annotations = { [key]: JSON.stringify(config) };
    await kit.json("POST", `${maps}?fieldManager=kubectl-client-side-apply`, {
      body: { ...config, metadata: { name: "a", annotations } },
    });
    expect((await applyMap({ one: "2" }, "fieldManager=other")).status).toBe(409);
    const taken = await applyMap({ one: "2" }, "fieldManager=kubectl");
    expect(taken.status).toBe(200);
    expect(taken.body.data).toEqual({ one: "2" });
    expect(JSON.parse(taken.body.metadata.annotations?.[key] ?? "")).toMatchObject({ data: { one: "2" } });
  });

  it("bounds the managers that it tells apart", async () => {
    await applyMap({ one: "1" });
    for (let n = 0; n < 15; n++)
      await kit.json("PATCH", `${maps}/a?fieldManager=m${n}`, {
        body: { data: { [`k${n}`]: "x" } },
        headers: { "content-type": "application/merge-patch+json" },
      });
    const now = owners(await kit.json("GET", `${maps}/a`));
    expect(Object.keys(now).filter((name) => name.endsWith("Update"))).toHaveLength(10);
    expect(now).toHaveProperty(["ancient-changes Update"]);
  });

  it("stores nothing in a dry run", async () => {
    expect((await applyMap({ one: "1" }, "fieldManager=me&dryRun=All")).status).toBe(201);
    expect((await kit.json("GET", `${maps}/a`)).status).toBe(404);
  });

  const typed = { apiVersion: "v1", kind: "ConfigMap" };
  it.each([
    ["", configMap({}), 422, "fieldManager: Required value: is required for apply patch"],
    ["fieldManager=me", { ...typed, apiVersion: "v2" }, 400, "invalid object type: /v2, Kind=ConfigMap"],
    ["fieldManager=me", { ...typed, kind: "Pod" }, 400, "invalid object type: /v1, Kind=Pod"],
    ["fieldManager=me", {}, 400, "invalid object type: /, Kind="],
    ["fieldManager=me", { ...typed, metadata: { managedFields: [] } }, 400, "metadata.managedFields must be nil"],
    ["fieldManager=me", { ...typed, metadata: { name: "b" } }, 400, "does not match the name on the URL"],
    [
      "fieldManager=me",
      { ...typed, metadata: { uid: "x" } },
      409,
      "uid mismatch: the provided object specified uid x, and no existing object was found",
    ],
    [
      "fieldManager=me",
      { ...typed, metadata: { name: "a", namespace: "default" }, dat: {} },
      500,
      "failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .dat: field not declared in schema",
    ],
    [
      "fieldManager=me",
      { ...typed, data: { k: 7 }, dat: {} },
      500,
      "failed to create typed patch object (/; /v1, Kind=ConfigMap): errors:\n" +
        "  .data.k: expected string, got &value.valueUnstructured{Value:7}\n  .dat: field not declared in schema",
    ],
    [
      "fieldManager=me",
      { ...typed, metadata: { name: "a", creationTimestamp: "noon" } },
      500,
      'failed to convert new typed object (/a; /v1, Kind=ConfigMap) to object: parsing time "noon"',
    ],
    [
      "fieldManager=me",
      { ...typed, metadata: { finalizers: ["x/y", "x/y"] } },
      500,
      '.metadata.finalizers: duplicate entries for key [="x/y"]',
    ],
    [
      "fieldManager=me",
      [],
      400,
      "while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ],
  ])("refuses with %s %j", async (query, body, status, message) => {
    const refused = await apply(`${maps}/a`, body, query);
    expect(refused.body.message).toContain(message);
    expect(refused.status).toBe(status);
    expect(refused.body.reason === undefined).toBe(status === 500);
  });

  it.each([
    ["", "invalid object type: /, Kind="],
    ["a: [", "error decoding YAML: error converting YAML to JSON: yaml: line 1: "],
    ["kind: 9007199254740993\napiVersion: v1", "invalid object type: /v1, Kind=9007199254740993"],
    ["kind: ConfigMap\napiVersion: 9007199254740993", "invalid object type: /9007199254740993, Kind=ConfigMap"],
  ])("refuses %j, and says why", async (bytes, message) => {
    const refused = await kit.json("PATCH", `${maps}/a?fieldManager=me`, { bytes, headers: applyHeaders });
    expect(refused.body.message).toContain(message);
    expect(refused.status).toBe(400);
  });
});
