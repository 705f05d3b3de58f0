import { type ApiKit, configMap, openApiKit, podManifest } from "./api.test-kit.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const deployments = "/apis/apps/v1/namespaces/default/deployments";

const operations = { "content-type": "application/json-patch+json" };
const merge = { "content-type": "application/merge-patch+json" };
const strategic = { "content-type": "application/strategic-merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };

const deployment = {
  metadata: { name: "web", labels: { a: "1" }, finalizers: ["x.io/a", "x.io/b"] },
  spec: {
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          { name: "one", image: "a", args: ["x", "y"], env: [{ name: "A", value: "1" }] },
          { name: "two", image: "b" },
        ],
      },
    },
  },
};

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

describe("a JSON patch", () => {
  beforeEach(() => kit.json("POST", maps, { body: configMap("a", { k: "v" }, { annotations: { "x.io/y": "w" } }) }));
  const patch = (body: unknown, query = "") => kit.json("PATCH", `${maps}/a${query}`, { body, headers: operations });

  it("is done as a whole", async () => {
    const { status, body } = await patch([
      { op: "test", path: "/data/k", value: "v" },
      { op: "copy", from: "/data/k", path: "/data/copy" },
      { op: "move", from: "/metadata/annotations/x.io~1y", path: "/data/moved" },
      { op: "replace", path: "/data/k", value: "new" },
      { op: "add", path: "/metadata/labels", value: { a: "b" } },
    ]);
    expect(status).toBe(200);
    expect(body.data).toEqual({ k: "new", copy: "v", moved: "w" });
    expect(body.metadata.labels).toEqual({ a: "b" });
  });

  it.each([
    ["a test that fails", [{ op: "test", path: "/data/k", value: "other" }]],
    ["a path that is not there", [{ op: "replace", path: "/data/none/deeper", value: "" }]],
    ["a member that is not there", [{ op: "remove", path: "/data/none" }]],
    ["an index beyond the end", [{ op: "add", path: "/metadata/managedFields/9", value: {} }]],
    ["an operation without path", [{ op: "add", value: 1 }]],
    ["an unknown operation", [{ op: "merge", path: "/data" }]],
    ["an operation that is null", [null]],
  ])("is refused with 422 for %s, and changes nothing", async (_what, refused) => {
    const before = await kit.storage.currentRevision();
    const { status, body } = await patch([{ op: "add", path: "/data/n", value: "1" }, ...refused]);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      reason: "Invalid",
      message: "the server rejected our request due to an error in our request",
      details: {},
    });
    expect(await kit.storage.currentRevision()).toBe(before);
  });

  it("makes what it replaces where it is not there", async () => {
    const { status, body } = await patch([{ op: "replace", path: "/data/none", value: "v" }]);
    expect([status, body.data]).toEqual([200, { k: "v", none: "v" }]);
  });

  const strictly = "error decoding patch: json: cannot unmarshal";
  it.each([
    ["", { op: "add" }, `${strictly} object into Go value of type []handlers.jsonPatchOp`],
    ["", ["add"], `${strictly} string into Go value of type handlers.jsonPatchOp`],
    ["", [{ op: 1, path: "/data" }], `${strictly} number into Go struct field jsonPatchOp.op of type string`],
    ["?fieldValidation=Ignore", { op: "add" }, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"],
  ])("is none %s: %j", async (query, body, message) => {
    const refused = await patch(body, query);
    expect([refused.status, refused.body.reason, refused.body.message]).toEqual([400, "BadRequest", message]);
  });

  it("has no more than 10,000 operations", async () => {
    const operation = { op: "test", path: "", value: 1 };
    expect((await patch(Array.from({ length: 10_001 }, () => operation))).status).toBe(413);
  });

  it("leaves an object", async () => {
    const { status, body } = await patch([{ op: "replace", path: "", value: [] }]);
    expect([status, body.reason]).toEqual([422, "Invalid"]);
    expect(body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "\[\]": couldn't get version\/kind; json parse/,
    );
  });

  it("may hold members twice or unknown ones unless strict", async () => {
    const bytes = '[{"op":"add","path":"/data/n","value":"1","value":"2","note":"x"}]';
    const warned = await kit.json("PATCH", `${maps}/a`, { bytes, headers: operations });
    expect(warned.body.data.n).toBe("2");
    expect(warned.warnings).toEqual(['json patch duplicate field "[0].value"', 'json patch unknown field "[0].note"']);
    const ignored = await kit.json("PATCH", `${maps}/a?fieldValidation=Ignore`, { bytes, headers: operations });
    expect([ignored.status, ignored.warnings]).toEqual([200, []]);
    const strict = await kit.json("PATCH", `${maps}/a?fieldValidation=Strict`, { bytes, headers: operations });
    expect(strict.status).toBe(422);
    expect(strict.body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: .*: strict decoding error: json patch duplicate field "\[0\].value", json patch unknown field "\[0\].note"$/,
    );
  });
});

describe("a merge patch", () => {
  beforeEach(() => kit.json("POST", deployments, { body: deployment }));
  const patch = (body: unknown) => kit.json("PATCH", `${deployments}/web`, { body, headers: merge });

  it("takes away what is null and replaces lists whole", async () => {
    const containers = [{ name: "three", image: "c" }];
    const { status, body } = await patch({
      metadata: { labels: { a: null, b: "2" }, finalizers: ["x.io/c"] },
      spec: { template: { spec: { containers } } },
    });
    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({ labels: { b: "2" }, finalizers: ["x.io/c"] });
    expect(body.spec.template).toMatchObject({ spec: { containers: [{ name: "three" }] } });
    expect((await patch({ metadata: { labels: null } })).body.metadata).not.toHaveProperty("labels");
  });

  it("fills in defaults for what it takes away", async () => {
    expect((await patch({ spec: { replicas: 5 } })).body.spec.replicas).toBe(5);
    expect((await patch({ spec: { replicas: null } })).body.spec.replicas).toBe(1);
  });

  it("is refused when it is no object, or makes an object invalid", async () => {
    const list = await patch([]);
    expect([list.status, list.body.message]).toEqual([
      400,
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ]);
    const nothing = await patch(null);
    expect([nothing.status, nothing.body.message]).toEqual([400, "Invalid JSON Patch"]);
    const bytes = '{"spec":';
    const broken = await kit.json("PATCH", `${deployments}/web`, { bytes, headers: merge });
    expect([broken.status, broken.body.message]).toEqual([400, "error decoding patch: unexpected end of JSON input"]);
    const negative = await patch({ spec: { replicas: -1 } });
    expect([negative.status, negative.body.message]).toEqual([
      422,
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
});

describe("a strategic merge patch", () => {
  beforeEach(() => kit.json("POST", deployments, { body: deployment }));
  const patch = (body: unknown) => kit.json("PATCH", `${deployments}/web`, { body, headers: strategic });
  const podSpec = (spec: object): object => ({ spec: { template: { spec } } });
  const containers = (body: { readonly spec: Readonly<Record<string, unknown>> }): readonly object[] =>
    (body.spec.template as { spec: { containers: readonly object[] } }).spec.containers;

  it("merges lists by their keys", async () => {
    const env = [{ name: "B", value: "2" }];
    const { body } = await patch(podSpec({ containers: [{ name: "one", env }] }));
    expect(containers(body)).toMatchObject([
      { name: "one", image: "a", args: ["x", "y"], env: [env[0], { name: "A", value: "1" }] },
      { name: "two" },
    ]);
  });

  it.each([
    ["$patch: delete", { containers: [{ name: "one", $patch: "delete" }] }, ["two"]],
    ["$patch: replace", { containers: [{ name: "three", image: "c" }, { $patch: "replace" }] }, ["three"]],
    ["$setElementOrder", { "$setElementOrder/containers": [{ name: "two" }, { name: "one" }] }, ["two", "one"]],
  ])("takes %s", async (_what, spec, names) => {
    expect(containers((await patch(podSpec(spec))).body).map((each) => (each as { name: string }).name)).toEqual(names);
  });

  it("takes $deleteFromPrimitiveList and $retainKeys", async () => {
    const less = await patch({ metadata: { "$deleteFromPrimitiveList/finalizers": ["x.io/a"] } });
    expect(less.body.metadata.finalizers).toEqual(["x.io/b"]);
    const { body } = await patch({ spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } });
    expect(body.spec.strategy).toEqual({ type: "Recreate" });
  });

  it.each<[string, object, number, string, RegExp]>([
    [
      "an unknown directive",
      podSpec({ $patch: "sort" }),
      500,
      "",
      /^unknown patch type: sort in map: map\[\$patch:sort\]$/,
    ],
    ["$retainKeys that is no list", { spec: { strategy: { $retainKeys: "type" } } }, 400, "BadRequest", /retainKeys$/],
    [
      "an order that is no list",
      podSpec({ "$setElementOrder/containers": "one" }),
      500,
      "",
      /^expected a \[\]interface \{\}, but received a string$/,
    ],
    [
      "scalars to delete that are no list",
      { metadata: { "$deleteFromPrimitiveList/finalizers": "a" } },
      400,
      "BadRequest",
      /^invalid patch format of primitive list$/,
    ],
    [
      "an item without its key",
      podSpec({ containers: [{ image: "c" }] }),
      500,
      "",
      /^map: map\[image:c\] does not contain declared merge key: name$/,
    ],
    [
      "a list",
      [],
      400,
      "BadRequest",
      /^json: cannot unmarshal array into Go value of type map\[string\]interface \{\}$/,
    ],
  ])("is refused for %s", async (_what, body, status, reason, message) => {
    const refused = await patch(body);
    expect([refused.status, refused.body.reason ?? ""]).toEqual([status, reason]);
    expect(refused.body.message).toMatch(message);
  });
});

describe("every kind of patch", () => {
  beforeEach(() => kit.json("POST", maps, { body: configMap("a", { k: "v" }) }));

  it.each([["application/json"], ["application/cbor"], ["application/apply-patch+cbor"], [""]])(
    "is none of %j",
    async (type) => {
      const { status, body } = await kit.json("PATCH", `${maps}/a`, { bytes: "{}", headers: { "content-type": type } });
      expect([status, body.reason]).toEqual([415, "UnsupportedMediaType"]);
      expect(body.message).toBe(
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, " +
          "application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
      );
    },
  );

  const unread =
    /^ "" is invalid: patch: Invalid value: "\{.*: json: cannot unmarshal number into Go struct field ConfigMap.data of type string$/;
  it.each<[string, Readonly<Record<string, string>>, unknown, RegExp]>([
    ["JSON", operations, [{ op: "replace", path: "/data/k", value: 7 }], unread],
    ["merge", merge, { data: { k: 7 } }, unread],
    [
      "strategic",
      strategic,
      { data: { k: 7 } },
      /^ "" is invalid: patch: Invalid value: "map\[data:map\[k:7\]\]": cannot convert int64 to string$/,
    ],
    ["strategic", strategic, { data: { k: true } }, /: unrecognized type: string$/],
    ["strategic", strategic, { data: "x" }, /: cannot restore map from string$/],
    ["strategic", strategic, { metadata: { finalizers: {} } }, /: cannot restore slice from map$/],
    ["strategic", strategic, { metadata: [] }, /: cannot restore struct from: slice$/],
    ["strategic", strategic, { immutable: "yes" }, /: unrecognized type: bool$/],
  ])("is refused with 422 where it makes a value of another type: %s", async (_what, headers, patch, message) => {
    const { status, body } = await kit.json("PATCH", `${maps}/a`, { body: patch, headers });
    expect([status, body.reason]).toEqual([422, "Invalid"]);
    expect(body.message).toMatch(message);
  });

  it.each([
    ["name", { name: "b" }, 400, "the name of the object (b) does not match the name on the URL (a)"],
    ["uid", { uid: "u" }, 422, 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "u": field is immutable'],
    [
      "namespace",
      { namespace: "b" },
      400,
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      "resourceVersion",
      { resourceVersion: "1" },
      409,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
  ])("may not name another %s", async (_what, metadata, status, message) => {
    for (const headers of [merge, strategic]) {
      const refused = await kit.json("PATCH", `${maps}/a`, { body: { metadata, data: { k: "w" } }, headers });
      expect([refused.status, refused.body.message]).toEqual([status, message]);
    }
    expect((await kit.json("GET", `${maps}/a`)).body.data).toEqual({ k: "v" });
  });

  it.each([
    ["strategic", strategic, { kind: "Deployment", apiVersion: "apps/v1", data: { k: "w" } }],
    ["merge, which takes kind and version away", merge, { kind: null, apiVersion: null, data: { k: "w" } }],
  ])("is of the kind that the path names, whatever else it may say: %s", async (_what, headers, patch) => {
    const { status, body } = await kit.json("PATCH", `${maps}/a`, { body: patch, headers });
    expect([status, body.kind, body.apiVersion, body.data]).toEqual([200, "ConfigMap", "v1", { k: "w" }]);
  });

  it.each([
    ["merge", merge, { kind: "Secret" }],
    ["merge", merge, { apiVersion: "v2" }],
    ["JSON", operations, [{ op: "replace", path: "/kind", value: "Secret" }]],
  ])("is refused with 422 where it makes an object of another kind: %s", async (_what, headers, patch) => {
    const { status, body } = await kit.json("PATCH", `${maps}/a`, { body: patch, headers });
    expect([status, body.reason]).toEqual([422, "Invalid"]);
    expect(body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: .*: a ConfigMap of v1 cannot become (Secret|.* v2)/,
    );
  });

  it("may name the uid and version that there are", async () => {
    const { uid, resourceVersion } = (await kit.json("GET", `${maps}/a`)).body.metadata;
    const body = { metadata: { uid, resourceVersion }, data: { k: "w" } };
    expect((await kit.json("PATCH", `${maps}/a`, { body, headers: strategic })).body.data).toEqual({ k: "w" });
  });

  it.each([
    ["Ignore", 200, []],
    ["Warn", 200, ['duplicate field "spec.activeDeadlineSeconds"', 'unknown field "spec.containers[0].imag"']],
    ["Strict", 422, []],
  ])("tells of unknown and repeated fields at any depth: %s", async (fieldValidation, status, warnings) => {
    const bytes =
      '{"spec":{"activeDeadlineSeconds":9,"containers":[{"name":"c","imag":"b"}],"activeDeadlineSeconds":8}}';
    await kit.json("POST", pods, { body: podManifest("p") });
    const url = `${pods}/p?fieldValidation=${fieldValidation}`;
    const patched = await kit.json("PATCH", url, { bytes, headers: strategic });
    expect(patched.status).toBe(status);
    expect(patched.warnings).toEqual(warnings);
    if (status !== 422) return;
    expect(patched.body.message).toContain(
      'strict decoding error: duplicate field "spec.activeDeadlineSeconds", unknown field "spec.containers[0].imag"',
    );
  });

  it.each([
    ["apply without a manager", apply, "", "fieldManager: Required value: is required for apply patch"],
    ["force without apply", merge, "?force=true", "force: Forbidden: may not be specified for non-apply patch"],
    ["a word for fieldValidation", merge, "?fieldValidation=Some", 'fieldValidation: Unsupported value: "Some"'],
    ["a word for dryRun", merge, "?dryRun=Yes", 'dryRun: Unsupported value: ["Yes"]'],
  ])("has options that are checked: %s", async (_what, headers, query, message) => {
    const { status, body } = await kit.json("PATCH", `${maps}/a${query}`, { bytes: "{}", headers });
    expect(status).toBe(422);
    expect(body.message).toContain(`PatchOptions.meta.k8s.io "" is invalid: ${message}`);
  });
});
