import { builtins } from "../../api/catalogue.js";
import { definitionsOf } from "../../apimachinery/schema/json-schema.js";
import { call, startTestServer, type TestServer } from "../apiserver.test-kit.js";
import { nameDefinitions } from "./definition-names.js";
import { OpenApiDocuments } from "./documents.js";

interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly "x-kubernetes-action": string;
  readonly "x-kubernetes-group-version-kind": {
    readonly group: string;
    readonly kind: string;
    readonly version: string;
  };
}
const methods = ["get", "put", "post", "patch", "delete"] as const;
type Item = { readonly [M in (typeof methods)[number]]?: Operation } & { readonly parameters?: readonly Parameter[] };
const operationsOf = (item: Item) =>
  methods.flatMap((method) => (item[method] ? [{ method, operation: item[method] }] : []));
interface Document {
  readonly paths: Readonly<Record<string, Item>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into schemas of every kind
  readonly components: { readonly schemas: Readonly<Record<string, any>> };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into schemas of every kind
  readonly definitions: Readonly<Record<string, any>>;
}

const descriptions = {
  core: { PodSpec: { text: "What runs.", fields: { nodeName: "Where it runs." } } },
};
const documents = new OpenApiDocuments(builtins, descriptions, "v1.36.0+test");
const parsed = async (made: ReturnType<OpenApiDocuments["v3"]>): Promise<Document> =>
  JSON.parse(Buffer.from((await (await made)?.bytes()) ?? []).toString()) as Document;
const v3 = (path: string): Promise<Document> => parsed(documents.v3(path));
const v2 = (): Promise<Document> => parsed(documents.v2("json"));

function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (typeof value !== "object" || value === null) return [];
  // A kind may have a property of that name.
  return Object.entries(value).flatMap(([key, each]) =>
    key === "$ref" && typeof each === "string" ? [each] : refsIn(each),
  );
}
const groupVersions = [
  ...new Set(builtins.map(({ group, version }) => `${group === "" ? "api" : `apis/${group}`}/${version}`)),
];

describe("names of definitions", () => {
  const nameOf = nameDefinitions(builtins);
  const namesFrom = (plural: string): string[] =>
    definitionsOf(builtins.find((one) => one.plural === plural)?.schema ?? { node: { type: "any" } }).map(
      (node) => nameOf(node) ?? "",
    );

  it("say the package as Kubernetes does", () => {
    expect(namesFrom("deployments")).toEqual(
      expect.arrayContaining([
        "io.k8s.api.apps.v1.DeploymentSpec",
        "io.k8s.api.core.v1.PodTemplateSpec",
        "io.k8s.api.core.v1.Container",
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
        "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector",
      ]),
    );
    expect(namesFrom("rolebindings")).toContain("io.k8s.api.rbac.v1.RoleRef");
    expect(namesFrom("endpointslices")).toContain("io.k8s.api.core.v1.ObjectReference");
  });

  it("are told apart where two definitions share a plain name", () => {
    const all = [...new Set(builtins.flatMap(({ schema }) => definitionsOf(schema)))];
    const names = new Map<string, string>();
    for (const node of all) {
      const fields = [...node.fields.keys()].join();
      const name = nameOf(node) ?? "";
      expect(`${name} ${names.get(name) ?? fields}`).toBe(`${name} ${fields}`);
      names.set(name, fields);
    }
    expect(names.size).toBeGreaterThan(200);
    expect([...names.keys()].filter((name) => /_\d+$/.test(name))).toEqual([]);
  });
});

describe("OpenAPI 3.0", () => {
  it.each(groupVersions)("refers within %s to nothing that is not there", async (path) => {
    const document = await v3(path);
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    const refs = refsIn(document);
    expect(refs.length).toBeGreaterThan(10);
    expect(refs.filter((ref) => !known.has(ref))).toEqual([]);
  });

  it("tells on every write what becomes of unknown fields and of dry runs", async () => {
    for (const path of groupVersions)
      for (const item of Object.values((await v3(path)).paths))
        for (const { method, operation } of operationsOf(item)) {
          if (method === "get" || method === "delete" || operation["x-kubernetes-action"] === "connect") continue;
          const names = operation.parameters.map(({ name }) => name);
          expect(names).toEqual(expect.arrayContaining(["dryRun", "fieldManager", "fieldValidation"]));
        }
  });

  it("names the kind by which clients find a patch", async () => {
    const { paths } = await v3("apis/apps/v1");
    expect(paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]?.patch).toMatchObject({
      operationId: "patchAppsV1NamespacedDeployment",
      "x-kubernetes-action": "patch",
      "x-kubernetes-group-version-kind": { group: "apps", version: "v1", kind: "Deployment" },
    });
  });

  it("has the paths of subresources, with the kinds that they take", async () => {
    const { paths } = await v3("api/v1");
    const pod = "/api/v1/namespaces/{namespace}/pods/{name}";
    expect(paths[`${pod}/status`]?.put?.operationId).toBe("replaceCoreV1NamespacedPodStatus");
    expect(paths[`${pod}/eviction`]?.post?.["x-kubernetes-group-version-kind"].kind).toBe("Eviction");
    expect(paths[`${pod}/exec`]?.get?.["x-kubernetes-action"]).toBe("connect");
    expect(paths[`${pod}/log`]?.parameters?.map(({ name }) => name)).toContain("tailLines");
    expect(paths["/api/v1/pods"]?.get?.operationId).toBe("listCoreV1PodForAllNamespaces");
    const { paths: apps } = await v3("apis/apps/v1");
    const scale = apps["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"];
    expect(scale?.get?.["x-kubernetes-group-version-kind"]).toEqual({
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
    });
  });

  it("has in every operation an id of its own and in every path its parameters", async () => {
    const ids: string[] = [];
    for (const path of groupVersions)
      for (const [address, item] of Object.entries((await v3(path)).paths)) {
        const named = (item.parameters ?? []).filter((each) => each.in === "path").map(({ name }) => name);
        expect(named.sort()).toEqual([...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
        for (const { operation } of operationsOf(item)) ids.push(operation.operationId);
      }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("says how lists merge, and what is written of a field", async () => {
    const { schemas } = (await v3("api/v1")).components;
    const spec = schemas["io.k8s.api.core.v1.PodSpec"];
    expect(spec).toMatchObject({ description: "What runs.", type: "object", required: ["containers"] });
    expect(spec.properties.nodeName).toEqual({ description: "Where it runs.", type: "string" });
    expect(spec.properties.containers).toMatchObject({
      type: "array",
      items: { $ref: "#/components/schemas/io.k8s.api.core.v1.Container" },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
    });
    expect(schemas["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"]).toEqual([
      { group: "", version: "v1", kind: "Pod" },
    ]);
    expect(schemas["io.k8s.api.core.v1.ServicePort"].properties.targetPort).toEqual({
      $ref: "#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    });
  });
});

describe("OpenAPI 2.0", () => {
  it("refers to nothing that is not there and holds every kind", async () => {
    const document = await v2();
    const known = new Set(Object.keys(document.definitions).map((name) => `#/definitions/${name}`));
    expect(refsIn(document).filter((ref) => !known.has(ref))).toEqual([]);
    const kinds = Object.values(document.definitions).flatMap(
      (each: { readonly "x-kubernetes-group-version-kind"?: readonly { readonly kind: string }[] }) =>
        each["x-kubernetes-group-version-kind"]?.map(({ kind }) => kind) ?? [],
    );
    expect(kinds).toEqual(expect.arrayContaining(builtins.map(({ kind }) => kind)));
  });

  it("keeps to the schemas that clients of it know", async () => {
    const { definitions } = await v2();
    expect(definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"].type).toBe("string");
    const choices = Object.entries(definitions as Readonly<Record<string, object>>).filter(([, definition]) =>
      JSON.stringify(definition, (key, value: unknown) =>
        ["oneOf", "anyOf", "allOf"].includes(key) && Array.isArray(value) ? "a choice" : value,
      ).includes('"a choice"'),
    );
    // As keywords of a schema they hold lists; as properties of a kind, schemas.
    expect(choices.map(([name]) => name)).toEqual([]);
  });
});

describe("published schemas", () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startTestServer();
  });
  afterAll(() => test.stop());
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
    call(test, "GET", path, { as: await test.identity({ user: "anybody" }), headers });

  it("are for whoever is known, at addresses that say what lies there", async () => {
    const { status, body, headers } = await get("/openapi/v3");
    expect(status).toBe(200);
    expect(headers.etag).toMatch(/^"[0-9A-F]{128}"$/);
    const url: string = body.paths["apis/apps/v1"].serverRelativeURL;
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
    const document = await get(url);
    expect(document.headers["cache-control"]).toContain("immutable");
    expect(document.headers.etag).toBe(`"${url.split("=")[1]}"`);
    const stale = await get("/openapi/v3/apis/apps/v1?hash=00");
    expect([stale.status, stale.headers.location]).toEqual([301, url]);
    expect((await get("/openapi/v3/apis/nothing/v1")).status).toBe(404);
    expect((await call(test, "GET", "/openapi/v3")).status).toBe(403);
  });

  it("are not sent again to who has them", async () => {
    for (const path of ["/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1"]) {
      const { headers } = await get(path);
      const again = await get(path, { "if-none-match": String(headers.etag) });
      expect([again.status, again.text]).toEqual([304, ""]);
    }
  });

  it("come in the form that is asked for", async () => {
    for (const accept of [
      "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
      "application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json;q=0.5",
    ])
      expect((await get("/openapi/v2", { accept })).headers["content-type"]).toBe(
        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
      );
    for (const accept of ["application/json, */*", "*/*", "application/json"])
      expect((await get("/openapi/v2", { accept })).body.swagger).toBe("2.0");
    expect((await get("/openapi/v2", { accept: "text/html" })).status).toBe(406);
    const zipped = await get("/openapi/v2", { "accept-encoding": "gzip" });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(Number(zipped.headers["content-length"])).toBeLessThan(150_000);
  });
});
