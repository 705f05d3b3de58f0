import { builtins } from "../api/catalogue.js";
import { configMaps } from "../api/core/config-map.js";
import { flowSchemas } from "../api/flowcontrol/flow-schema.js";
import { groupResourceOf } from "../apimachinery/resource.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { type Answer, send } from "./harness/http.js";
import { eventually, type RunResult } from "./harness/run.js";

const deploymentsPath = "/apis/apps/v1/namespaces/default/deployments";
const configMapsPath = "/api/v1/namespaces/default/configmaps";

/** A Deployment as JSON text; `more` goes into its spec as it stands. */
const deployment = (more: string, name = "wrong"): string =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"${name}"},"spec":{"selector":{"matchLabels":{"app":"w"}},
    "template":{"metadata":{"labels":{"app":"w"}},"spec":{"containers":[{"name":"w","image":"my-app:latest"}]}}${more}}}`;

describe("wrong input", () => {
  let cluster: Cluster;
  let before: string;
  beforeAll(async () => {
    cluster = await startCluster();
    await eventually("the flow schemas have their status", async () =>
      (await cluster.client.list(flowSchemas)).items.every(({ status }) => (status?.conditions ?? []).length > 0),
    );
    before = await everything();
  });
  afterEach(async () => expect(await everything()).toBe(before));
  afterAll(stopClusters);

  /** All objects but those that go on changing by themselves. */
  const everything = async (): Promise<string> => {
    const lists = builtins
      .filter(({ verbs, plural }) => verbs.includes("list") && !["events", "leases", "nodes"].includes(plural))
      .map(async (kind) => {
        const { items } = await cluster.client.list(kind);
        const names = items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`);
        return `${groupResourceOf(kind)}: ${names.toSorted().join(" ")}`;
      });
    return (await Promise.all(lists)).toSorted().join("\n");
  };
  const http = (
    method: string,
    path: string,
    body?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer> => send(cluster.client, method, path, body, headers);
  const post = (body: string, path = deploymentsPath) => http("POST", path, body);
  const strictly = (body: string) => post(body, `${deploymentsPath}?fieldValidation=Strict`);
  const yaml = { "content-type": "application/yaml" };
  const apply = (input: string): Promise<RunResult> => cluster.navctl(["apply", "-f", "-"], { input });

  const refused = (code: number, reason: string, message: string | RegExp) => ({
    code,
    status: expect.objectContaining({
      status: "Failure",
      reason,
      code,
      message: typeof message === "string" ? message : expect.stringMatching(message),
    }),
  });
  const fails = (stderr: string | RegExp) => ({
    code: 1,
    stdout: "",
    stderr: typeof stderr === "string" ? stderr : expect.stringMatching(stderr),
  });

  it("malformed YAML and JSON", async () => {
    expect(await http("POST", deploymentsPath, "kind: [Deployment", yaml)).toMatchObject(
      refused(400, "BadRequest", /yaml/),
    );
    expect(await post('{"kind": ')).toMatchObject(refused(400, "BadRequest", /JSON|json/));
    expect(await post("")).toMatchObject(refused(400, "BadRequest", /empty/));
    expect(await http("POST", deploymentsPath, "<x/>", { "content-type": "text/xml" })).toMatchObject(
      refused(415, "UnsupportedMediaType", /application\/json, application\/yaml/),
    );
    expect(await apply("kind: [Deployment")).toMatchObject(fails(/^error: error parsing STDIN: .*yaml: line \d/));
  });

  it("an unknown kind, and one at another's address", async () => {
    const gizmo = '{"apiVersion":"apps/v1","kind":"Gizmo","metadata":{"name":"g"}}';
    expect(await post(gizmo, "/apis/apps/v1/namespaces/default/gizmos")).toMatchObject(
      refused(404, "NotFound", "the server could not find the requested resource"),
    );
    expect(await post(gizmo)).toMatchObject(refused(400, "BadRequest", /Gizmo/));
    expect(await post(deployment(""), configMapsPath)).toMatchObject(
      refused(400, "BadRequest", "the API version in the data (apps/v1) does not match the expected API version (v1)"),
    );
    expect(await apply(gizmo)).toMatchObject(
      fails(
        'error: resource mapping not found for name: "g" namespace: "" from "STDIN": no matches for kind "Gizmo" in version "apps/v1"\nensure CRDs are installed first\n',
      ),
    );
  });

  it("an unknown and a duplicate field", async () => {
    const what = 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ';
    const unknown = 'unknown field "spec.replicsa"';
    expect(await strictly(deployment(',"replicsa":3'))).toMatchObject(refused(400, "BadRequest", what + unknown));
    expect(await strictly(deployment(',"replicas":3,"replicas":4'))).toMatchObject(
      refused(400, "BadRequest", `${what}duplicate field "spec.replicas"`),
    );
    expect(await apply(deployment(',"replicsa":3'))).toMatchObject(
      fails(
        `Error from server (BadRequest): error when creating "STDIN": ${what}${unknown}\ndid you mean "spec.replicas"?\n`,
      ),
    );
  });

  it("a wrong type", async () => {
    const wrong = deployment(',"replicas":"three"');
    const message =
      /^Deployment in version "v1" cannot be handled as a Deployment: .*cannot unmarshal string .*spec\.replicas of type int32$/;
    expect(await post(wrong)).toMatchObject(refused(400, "BadRequest", message));
    expect(await post(deployment("").replace(/"spec":\{"selector".*/s, '"spec":[]}'))).toMatchObject(
      refused(400, "BadRequest", /spec/),
    );
    expect(await post("[]")).toMatchObject(refused(400, "BadRequest", /./));
    expect(await apply(wrong)).toMatchObject(
      fails(/^Error from server \(BadRequest\): .*spec\.replicas of type int32\n$/),
    );
  });

  it("missing fields, all of them at once", async () => {
    const bare = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"wrong"},"spec":{}}';
    const { code, status } = await post(bare);
    expect({ code, reason: status.reason }).toEqual({ code: 422, reason: "Invalid" });
    expect(status.details?.causes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reason: "FieldValueRequired", field: "spec.selector" }),
        expect.objectContaining({ field: "spec.template.spec.containers", message: "Required value" }),
      ]),
    );
    expect(await apply(bare)).toMatchObject(
      fails(/^The Deployment "wrong" is invalid: *\n\* spec\.selector: Required value\n/),
    );
  });

  it("bad names", async () => {
    for (const name of ["Bad_Name", "..", "a/b", "-a", "a".repeat(254), ""]) {
      const { code, status } = await post(deployment("", name));
      expect([name, code, status.reason]).toEqual([name, 422, "Invalid"]);
      expect(status.details?.causes?.[0]?.field).toMatch(/^metadata\.name$|^name$/);
    }
    expect(await apply(deployment("", "Bad_Name"))).toMatchObject(
      fails(
        /^The Deployment "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/,
      ),
    );
  });

  it("a YAML bomb of a hundred aliases", async () => {
    const levels = Array.from(
      { length: 10 },
      (_, i) => `  a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(", ")}]`,
    );
    const bomb = [
      "apiVersion: v1",
      "kind: ConfigMap",
      "metadata: {name: bomb}",
      "data:",
      "  a0: &a0 [lol]",
      ...levels,
    ].join("\n");
    const startMs = performance.now();
    expect(await http("POST", configMapsPath, bomb, yaml)).toMatchObject(
      refused(400, "BadRequest", /excessive aliasing/),
    );
    expect(performance.now() - startMs).toBeLessThan(20_000);
    expect(await apply(bomb)).toMatchObject(fails(/^error: error parsing STDIN: .*excessive aliasing/));
  });

  it("a body of 4 MB", async () => {
    const big = JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "big" },
      data: { x: "x".repeat(4 << 20) },
    });
    expect(await post(big, configMapsPath)).toMatchObject(
      refused(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"),
    );
    expect(await cluster.navctl(["create", "-f", "-"], { input: big })).toMatchObject(
      fails(/^Error from server \(RequestEntityTooLarge\): .*Request entity too large: limit is 3145728\n$/),
    );
    const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
    expect(await post(deep, configMapsPath)).toMatchObject(refused(400, "BadRequest", /nest|deep|depth/));
    const large = JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "large" },
      data: { x: "x".repeat(2 << 20) },
    });
    expect(await post(large, configMapsPath)).toMatchObject(
      refused(422, "Invalid", /Too long: must have at most 1048576 bytes|may not be more than 1048576 bytes/),
    );
  });

  it("__proto__ as a key is a name like any other", async () => {
    const polluting = '"__proto__":{"polluted":"yes"}';
    expect(await strictly(deployment(`,${polluting}`))).toMatchObject(
      refused(400, "BadRequest", /unknown field "spec\.__proto__"$/),
    );
    expect(await post(deployment("").replace('"labels":{', '"labels":{"__proto__":"x",'))).toMatchObject(
      refused(422, "Invalid", /__proto__/),
    );
    const named =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"data":{"__proto__":"kept","constructor":"too"}}';
    expect((await post(named, configMapsPath)).code).toBe(201);
    const merge = { "content-type": "application/merge-patch+json" };
    expect((await http("PATCH", `${configMapsPath}/proto`, `{${polluting},"data":{"toString":"1"}}`, merge)).code).toBe(
      200,
    );
    const stored = JSON.parse((await http("GET", `${configMapsPath}/proto`)).text);
    expect(Object.entries(stored.data)).toEqual(
      expect.arrayContaining([
        ["__proto__", "kept"],
        ["constructor", "too"],
        ["toString", "1"],
      ]),
    );
    const pointer = '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]';
    expect(
      (await http("PATCH", `${configMapsPath}/proto`, pointer, { "content-type": "application/json-patch+json" })).code,
    ).toBe(422);
    expect((await http("GET", configMapsPath)).text).not.toContain("polluted");
    await cluster.client.delete(configMaps, { namespace: "default", name: "proto" });
  });

  it("dots in every segment of a path", async () => {
    const segments = ["api", "v1", "namespaces", "default", "configmaps", "kube-root-ca.crt", "status"];
    for (const dots of ["..", ".", "%2e%2e", "%2E.", "..%2f..", "%2e%2e%2fsecrets", "..%5c..", "%00", "a%2fb"]) {
      for (let at = 0; at < segments.length; at++) {
        const path = `/${segments
          .with(at, dots)
          .slice(0, Math.max(at + 1, 6))
          .join("/")}`;
        for (const [method, body] of [
          ["GET", undefined],
          ["DELETE", undefined],
          ["PUT", "{}"],
          ["POST", '{"metadata":{"name":"dots"}}'],
        ] as const) {
          const { code, status } = await http(method, path, body);
          expect([method, path, code >= 400 && code < 500, status.status]).toEqual([method, path, true, "Failure"]);
        }
      }
    }
    expect((await cluster.navctl(["get", "configmap", ".."])).code).toBe(1);
    expect((await cluster.navctl(["get", "configmaps", "-n", "../kube-system"])).code).toBe(1);
  });

  it("selectors, options and versions that make no sense", async () => {
    for (const query of [
      "labelSelector=a%3D%3D%3Db",
      "fieldSelector=spec.nope%3D1",
      "limit=x",
      "resourceVersion=abc",
      "watch=true&resourceVersion=-1",
      "resourceVersionMatch=Exact",
      "continue=zzz",
    ]) {
      const { code, status } = await http("GET", `${configMapsPath}?${query}`);
      expect([query, code, status.status]).toEqual([query, expect.any(Number), "Failure"]);
      expect([400, 410, 422]).toContain(code);
    }
    expect(await http("POST", `${deploymentsPath}?fieldValidation=Maybe`, deployment(""))).toMatchObject({ code: 422 });
    expect(await http("POST", `${deploymentsPath}?dryRun=Some`, deployment(""))).toMatchObject({ code: 422 });
    expect(await cluster.navctl(["get", "pods", "-l", "a==="])).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("versions that are no longer", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  it("a stale resourceVersion is a conflict, and what is stored stays", async () => {
    const name = "versioned";
    const first = await cluster.client.create(configMaps, {
      metadata: { name, namespace: "default" },
      data: { n: "1" },
    });
    const second = await cluster.client.update(configMaps, { ...first, data: { n: "2" } });
    const message = `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`;
    const stale = JSON.stringify({ ...first, apiVersion: "v1", kind: "ConfigMap", data: { n: "3" } });
    expect(await send(cluster.client, "PUT", `${configMapsPath}/${name}`, stale)).toMatchObject({
      code: 409,
      status: { reason: "Conflict", message },
    });
    const replaced = await cluster.navctl(["replace", "-f", "-"], { input: stale });
    expect(replaced).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining(`(Conflict): error when replacing "STDIN": ${message}`),
    });
    expect(await cluster.client.get(configMaps, { namespace: "default", name })).toEqual(second);
    const wrongUid = JSON.stringify({ preconditions: { uid: "another" } });
    expect(await send(cluster.client, "DELETE", `${configMapsPath}/${name}`, wrongUid)).toMatchObject({ code: 409 });
  });

  it("a watch and a list from before the history are told that it is gone, one from the future that it is not yet", async () => {
    // A server that starts knows what is, not what was.
    await cluster.stop();
    cluster = await startCluster({ dataDir: cluster.dataDir });
    await cluster.client.create(configMaps, { metadata: { name: "later", namespace: "default" } });
    const watched = await send(
      cluster.client,
      "GET",
      `${configMapsPath}?watch=true&resourceVersion=1&timeoutSeconds=5`,
    );
    expect(watched.text).toMatch(/too old resource version: 1 \(\d+\)/);
    expect(watched.text).toContain('"reason":"Expired"');
    expect(watched.text).toContain('"code":410');
    const future = `${configMapsPath}?resourceVersion=999999999`;
    expect(await send(cluster.client, "GET", future)).toMatchObject({
      code: 504,
      status: {
        reason: "Timeout",
        message: expect.stringMatching(/^Too large resource version: 999999999, current: \d+$/),
      },
    });
    // As in Kubernetes: whatever is wrong with a version is told within the watch, which has begun with 200.
    expect(watched).toMatchObject({ code: 200 });
    // What the store still has of the past it tells truthfully.
    const past = await send(cluster.client, "GET", `${configMapsPath}?resourceVersion=1&resourceVersionMatch=Exact`);
    expect(JSON.parse(past.text)).toMatchObject({ metadata: { resourceVersion: "1" }, items: [] });
  });
});
