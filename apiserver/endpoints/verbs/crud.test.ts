import { StoreFullError, StoreUnavailableError, ValueTooLargeError } from "../../storage/storage.js";
import { type ApiKit, configMap, openApiKit, podManifest } from "../api.test-kit.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const deployments = "/apis/apps/v1/namespaces/default/deployments";

const deployment = (spec: object = {}): object => ({
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "busybox" }] } },
    ...spec,
  },
});

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

describe("create", () => {
  it("stores what it is given with what the server adds", async () => {
    const { status, body } = await kit.json("POST", maps, { body: configMap("a", { k: "v" }) });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: "ConfigMap", apiVersion: "v1", data: { k: "v" } });
    expect(body.metadata).toMatchObject({ name: "a", namespace: "default" });
    expect(body.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata.creationTimestamp).toMatch(/Z$/);
    expect((await kit.json("GET", `${maps}/a`)).body).toEqual(body);
  });

  it("does not let a client choose uid, creationTimestamp, generation, deletion or managedFields", async () => {
    const chosen = {
      uid: "mine",
      creationTimestamp: "2001-01-01T00:00:00Z",
      generation: 7,
      deletionTimestamp: "2001-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 3,
      managedFields: [{ manager: "me", operation: "Update" }],
    };
    const { body } = await kit.json("POST", maps, { body: configMap("a", {}, chosen) });
    expect(body.metadata.uid).not.toBe("mine");
    expect(body.metadata.creationTimestamp > "2020").toBe(true);
    for (const field of ["generation", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"])
      expect(body.metadata).not.toHaveProperty(field);
  });

  it("refuses a name that is taken", async () => {
    await kit.json("POST", maps, { body: configMap("a") });
    const { status, body } = await kit.json("POST", maps, { body: configMap("a") });
    expect(status).toBe(409);
    expect(body).toMatchObject({ reason: "AlreadyExists", message: 'configmaps "a" already exists' });
  });

  it("makes a name from generateName", async () => {
    const { body } = await kit.json("POST", maps, { body: { metadata: { generateName: "x-" } } });
    expect(body.metadata.name).toMatch(/^x-[a-z0-9]{5}$/);
    const long = "y".repeat(70);
    const cut = await kit.json("POST", maps, { body: { metadata: { generateName: long } } });
    expect(cut.body.metadata.name).toHaveLength(63);
  });

  it.each([
    ["without a name", { metadata: {} }, 422, /metadata.name: Required value: name or generateName is required/],
    ["with a bad name", configMap("A_b"), 422, /metadata.name: Invalid value: "A_b"/],
    ["in another namespace", configMap("a", {}, { namespace: "other" }), 400, /namespace of the provided object/],
    ["with a resourceVersion", configMap("a", {}, { resourceVersion: "1" }), 400, /resourceVersion should not be set/],
    ["of another kind", { kind: "Secret", metadata: { name: "a" } }, 400, /Secret in version "v1" cannot be handled/],
    ["of another version", { apiVersion: "v2", metadata: { name: "a" } }, 400, /does not match the expected API ver/],
    ["with a wrong type", { metadata: { name: "a" }, data: { k: 1 } }, 400, /cannot unmarshal number/],
    ["that is a list", [], 400, /./],
  ])("refuses an object %s", async (_what, object, status, message) => {
    const refused = await kit.json("POST", maps, { body: object });
    expect(refused.status).toBe(status);
    expect(refused.body.message).toMatch(message);
    expect((await kit.json("GET", maps)).body.items).toEqual([]);
  });

  it("reads YAML, and refuses what it does not know with 415", async () => {
    const yaml = "metadata:\n  name: yam\ndata:\n  k: v\n";
    const made = await kit.json("POST", maps, { bytes: yaml, headers: { "content-type": "application/yaml" } });
    expect(made.status).toBe(201);
    for (const type of ["application/cbor", "text/plain"]) {
      const refused = await kit.json("POST", maps, { bytes: "k8s", headers: { "content-type": type } });
      expect(refused.status).toBe(415);
      expect(refused.body.reason).toBe("UnsupportedMediaType");
    }
  });

  it("starts with an empty status, not a client's, at generation 1", async () => {
    const { body } = await kit.json("POST", deployments, { body: { ...deployment(), status: { replicas: 9 } } });
    expect(body.metadata.generation).toBe(1);
    expect(body.status).toEqual({});
  });

  it("writes nothing in a dry run", async () => {
    const { status, body } = await kit.json("POST", `${maps}?dryRun=All`, { body: configMap("a") });
    expect(status).toBe(201);
    expect(body.metadata).not.toHaveProperty("resourceVersion");
    expect((await kit.json("GET", `${maps}/a`)).status).toBe(404);
    await kit.json("POST", maps, { body: configMap("a") });
    expect((await kit.json("POST", `${maps}?dryRun=All`, { body: configMap("a") })).status).toBe(409);
    const refused = await kit.json("POST", `${maps}?dryRun=Some`, { body: configMap("b") });
    expect(refused.status).toBe(422);
  });
});

describe("a body that is no object", () => {
  const json = { "content-type": "application/json" };
  const unrecognized =
    "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error";
  it.each([
    ["", `${unrecognized}: unexpected end of JSON input (<empty>)`],
    ["{", `${unrecognized}: unexpected end of JSON input ({)`],
    [
      `{"metadata": ${"x".repeat(40)}`,
      `${unrecognized}: invalid character 'x' looking for beginning of value ({"metadata": xxxxxxxxxxxxxxxxx ...)`,
    ],
    [
      "[]",
      `${unrecognized}: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)`,
    ],
  ])("is refused by what it starts with: %j", async (bytes, message) => {
    const { status, body } = await kit.json("POST", maps, { bytes, headers: json });
    expect([status, body.reason, body.message]).toEqual([400, "BadRequest", message]);
  });

  it("may be null, which says nothing", async () => {
    const { status, body } = await kit.json("POST", maps, { bytes: "null", headers: json });
    expect([status, body.message]).toEqual([422, expect.stringContaining("name or generateName is required")]);
    expect(body.details).not.toHaveProperty("name");
  });

  it("takes nothing away where it is another than DeleteOptions", async () => {
    await kit.json("POST", maps, { body: configMap("a") });
    const refused = await kit.json("DELETE", `${maps}/a`, { body: { kind: "ConfigMap", apiVersion: "v1" } });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      "decoded object cannot be converted to DeleteOptions",
    ]);
    expect((await kit.json("DELETE", `${maps}/a`, { body: { kind: "DeleteOptions", apiVersion: "v1" } })).status).toBe(
      200,
    );
  });
});

describe("field validation", () => {
  const odd = { ...configMap("a"), dat: {} };
  const twice = '{"metadata":{"name":"a"},"data":{"k":"1","k":"2"}}';
  const json = { "content-type": "application/json" };

  it("warns of unknown and duplicate fields unless told otherwise", async () => {
    expect((await kit.json("POST", maps, { body: odd })).warnings).toEqual(['unknown field "dat"']);
    const duplicate = await kit.json("POST", `${maps}?dryRun=All`, {
      bytes: twice.replace('"a"', '"b"'),
      headers: json,
    });
    expect(duplicate.warnings).toEqual(['duplicate field "data.k"']);
  });

  it("ignores them with Ignore", async () => {
    const { status, warnings } = await kit.json("POST", `${maps}?fieldValidation=Ignore`, { body: odd });
    expect([status, warnings]).toEqual([201, []]);
  });

  it("refuses them with Strict", async () => {
    const unknown = await kit.json("POST", `${maps}?fieldValidation=Strict`, { body: odd });
    expect(unknown.status).toBe(400);
    expect(unknown.body.message).toContain('strict decoding error: unknown field "dat"');
    const duplicate = await kit.json("POST", `${maps}?fieldValidation=Strict`, { bytes: twice, headers: json });
    expect(duplicate.body.message).toContain('strict decoding error: duplicate field "data.k"');
    const bytes = '{"metadata":{"name":"both","odd":1},"data":{"k":"1","k":"2"},"dat":{},"data":{}}';
    const both = await kit.json("POST", `${maps}?fieldValidation=Strict`, { bytes, headers: json });
    const inOrder = ['unknown field "metadata.odd"', 'duplicate field "data.k"', 'unknown field "dat"'];
    expect(both.body.message).toContain(`strict decoding error: ${inOrder.join(", ")}, duplicate field "data"`);
    expect((await kit.json("POST", `${maps}?fieldValidation=Loud`, { body: odd })).status).toBe(422);
  });
});

describe("update", () => {
  it("replaces the object and counts changes of what is desired", async () => {
    const made = (await kit.json("POST", deployments, { body: deployment() })).body;
    const wanted = { ...made, spec: { ...made.spec, replicas: 3 } };
    const { status, body } = await kit.json("PUT", `${deployments}/web`, { body: wanted });
    expect(status).toBe(200);
    expect(body.spec.replicas).toBe(3);
    expect(body.metadata.generation).toBe(2);
    expect(body.metadata.uid).toBe(made.metadata.uid);
    const labelled = { ...body, metadata: { ...body.metadata, labels: { a: "b" } } };
    expect((await kit.json("PUT", `${deployments}/web`, { body: labelled })).body.metadata.generation).toBe(2);
  });

  it("answers 409 for a version that is not the newest", async () => {
    const made = (await kit.json("POST", maps, { body: configMap("a") })).body;
    await kit.json("PUT", `${maps}/a`, { body: { ...made, data: { k: "1" } } });
    const { status, body } = await kit.json("PUT", `${maps}/a`, { body: { ...made, data: { k: "2" } } });
    expect(status).toBe(409);
    expect(body.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it("takes an object without a version as it stands", async () => {
    await kit.json("POST", maps, { body: configMap("a") });
    expect((await kit.json("PUT", `${maps}/a`, { body: configMap("a", { k: "v" }) })).body.data).toEqual({ k: "v" });
  });

  it("writes nothing when nothing changes, whatever the order of the fields", async () => {
    const made = (await kit.json("POST", maps, { body: configMap("a", { x: "1", y: "2" }) })).body;
    const before = await kit.storage.currentRevision();
    const same = await kit.json("PUT", `${maps}/a`, { body: configMap("a", { y: "2", x: "1" }) });
    expect(same.body.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    expect(await kit.storage.currentRevision()).toBe(before);
  });

  it.each([
    ["another name", configMap("b"), 400, /the name of the object \(b\) does not match the name on the URL \(a\)/],
    ["no name", { metadata: {} }, 400, /was undeterminable/],
    ["another uid", configMap("a", {}, { uid: "u" }), 409, /UID in precondition: u, UID in object meta/],
  ])("refuses %s", async (_what, object, status, message) => {
    await kit.json("POST", maps, { body: configMap("a") });
    const refused = await kit.json("PUT", `${maps}/a`, { body: object });
    expect(refused.status).toBe(status);
    expect(refused.body.message).toMatch(message);
  });

  it("answers 404 for an object that is not there", async () => {
    const { status, body } = await kit.json("PUT", `${maps}/a`, { body: configMap("a") });
    expect([status, body.message]).toEqual([404, 'configmaps "a" not found']);
  });

  it("refuses a change of what is immutable", async () => {
    const made = (await kit.json("POST", deployments, { body: deployment() })).body;
    const moved = {
      ...made,
      spec: {
        ...made.spec,
        selector: { matchLabels: { app: "other" } },
        template: { metadata: { labels: { app: "other" } }, spec: { containers: [{ name: "c", image: "b" }] } },
      },
    };
    const { status, body } = await kit.json("PUT", `${deployments}/web`, { body: moved });
    expect(status).toBe(422);
    expect(body.message).toContain("field is immutable");
  });

  it("leaves the status alone; the status subresource leaves everything else alone", async () => {
    const made = (await kit.json("POST", deployments, { body: deployment() })).body;
    const both = { ...made, spec: { ...made.spec, replicas: 5 }, status: { replicas: 4 } };
    const status = await kit.json("PUT", `${deployments}/web/status`, { body: both });
    expect(status.body).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 4 } });
    expect(status.body.metadata.generation).toBe(1);
    const { resourceVersion } = status.body.metadata;
    const next = { ...both, metadata: { ...both.metadata, resourceVersion }, status: { replicas: 9 } };
    const main = await kit.json("PUT", `${deployments}/web`, { body: next });
    expect(main.body).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 4 } });
  });
});

describe("patch", () => {
  const merge = { "content-type": "application/merge-patch+json" };
  const strategic = { "content-type": "application/strategic-merge-patch+json" };

  it("applies JSON, merge and strategic merge patches", async () => {
    await kit.json("POST", pods, { body: podManifest("p") });
    const merged = await kit.json("PATCH", `${pods}/p`, { body: { metadata: { labels: { a: "1" } } }, headers: merge });
    expect(merged.body.metadata.labels).toEqual({ a: "1" });
    const operations = [{ op: "replace", path: "/metadata/labels/a", value: "2" }];
    const json = await kit.json("PATCH", `${pods}/p`, {
      body: operations,
      headers: { "content-type": "application/json-patch+json" },
    });
    expect(json.body.metadata.labels).toEqual({ a: "2" });
    const body = { spec: { containers: [{ name: "c", image: "alpine" }] } };
    const image = await kit.json("PATCH", `${pods}/p`, { body, headers: strategic });
    expect(image.body.spec.containers).toMatchObject([{ name: "c", image: "alpine" }]);
  });

  it("says what kinds of patches it takes, and to which force belongs", async () => {
    await kit.json("POST", maps, { body: configMap("a") });
    const json = await kit.json("PATCH", `${maps}/a`, { bytes: "{}", headers: { "content-type": "application/json" } });
    expect(json.status).toBe(415);
    expect(json.body.message).toContain("application/merge-patch+json");
    expect((await kit.json("PATCH", `${maps}/a?force=true`, { body: {}, headers: merge })).status).toBe(422);
  });

  it("refuses a version that is not the newest, another namespace and, when strict, unknown fields", async () => {
    await kit.json("POST", maps, { body: configMap("a") });
    const stale = { metadata: { resourceVersion: "1000" } };
    expect((await kit.json("PATCH", `${maps}/a`, { body: stale, headers: merge })).status).toBe(409);
    const moved = { metadata: { namespace: "other" } };
    expect((await kit.json("PATCH", `${maps}/a`, { body: moved, headers: merge })).status).toBe(400);
    const odd = await kit.json("PATCH", `${maps}/a?fieldValidation=Strict`, { body: { dat: 1 }, headers: merge });
    expect(odd.status).toBe(422);
    expect(odd.body.message).toContain('strict decoding error: unknown field "dat"');
    expect((await kit.json("PATCH", `${maps}/b`, { body: {}, headers: merge })).status).toBe(404);
  });
});

describe("paths and parameters", () => {
  it.each([
    ["GET", "/api/v1/namespaces/default/things", 404],
    ["GET", "/api/v1/namespaces/default/nodes", 404],
    ["POST", "/api/v1/configmaps", 405],
    ["DELETE", "/api/v1/configmaps", 405],
    ["POST", `${maps}/a`, 405],
    ["DELETE", "/api/v1/namespaces", 405],
    ["GET", `${maps}/a/status`, 404],
    ["DELETE", `${pods}/a/resize`, 405],
    ["DELETE", `${pods}/a/binding`, 405],
    ["GET", `${maps}?shardSelector=x`, 400],
    ["GET", `${maps}?fieldSelector=data.k%3Dv`, 400],
    ["GET", `${maps}?labelSelector=a%3D%3D%3Db`, 400],
    ["GET", `${maps}?limit=few`, 400],
    ["GET", `${maps}?resourceVersion=new`, 400],
    ["GET", `${maps}?resourceVersionMatch=Exact`, 422],
    ["GET", `${maps}?resourceVersion=0&resourceVersionMatch=Exact`, 422],
    ["GET", `${maps}?sendInitialEvents=true`, 422],
    ["GET", `${maps}?continue=nonsense`, 400],
    ["GET", `${maps}?watch=true&sendInitialEvents=true`, 422],
    ["GET", `${maps}?watch=true&resourceVersionMatch=NotOlderThan`, 422],
  ])("%s %s is answered %i", async (method, url, status) => {
    expect((await kit.json(method, url, { body: configMap("a") })).status).toBe(status);
  });

  it("lets nothing be written whose answer would not be taken", async () => {
    const headers = { accept: "application/cbor" };
    const { status, body } = await kit.json("POST", maps, { body: configMap("a"), headers });
    expect([status, body.reason]).toEqual([406, "NotAcceptable"]);
    expect((await kit.json("GET", maps)).body.items).toEqual([]);
  });
});

describe("a store that does not take the write", () => {
  it.each([
    ["full", new StoreFullError("the store is full"), 500, /database space exceeded: the store is full/],
    ["that the value is too large", new ValueTooLargeError("too large"), 413, /too large/],
    ["out of reach", new StoreUnavailableError("out of reach"), 503, /out of reach/],
  ])("says %s", async (_what, error, status, message) => {
    jest.spyOn(kit.storage, "create").mockRejectedValueOnce(error);
    const refused = await kit.json("POST", maps, { body: configMap("a") });
    expect(refused.status).toBe(status);
    expect(refused.body.message).toMatch(message);
  });

  it("refuses an object that is too large to keep", async () => {
    const data = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`k${at}`, "x".repeat(100_000)]));
    expect((await kit.json("POST", maps, { body: configMap("a", data) })).status).toBeGreaterThanOrEqual(413);
    expect((await kit.json("GET", maps)).body.items).toEqual([]);
  });
});
