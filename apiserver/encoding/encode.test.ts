import { gunzipSync } from "node:zlib";
import { type ApiKit, collect, configMap, openApiKit, podManifest } from "../endpoints/api.test-kit.js";
import { negotiate } from "./accept.js";
import { encodeAnswer } from "./encode.js";
import { toLocalAnswer } from "./local-answer.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const as = (kind: string): string => `application/json;as=${kind};v=v1;g=meta.k8s.io`;

describe("negotiation", () => {
  it.each([
    [undefined, "application/json", "object"],
    ["*/*", "application/json", "object"],
    ["application/vnd.kubernetes.protobuf, */*", "application/json", "object"],
    ["application/vnd.kubernetes.protobuf,application/json", "application/json", "object"],
    ["application/yaml", "application/yaml", "object"],
    [`${as("Table")},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, "application/json", "table"],
    ["application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "application/json", "object"],
    ["application/json;q=0.2,application/yaml;q=0.9", "application/yaml", "object"],
    [as("PartialObjectMetadataList"), "application/json", "metadata"],
  ])("of %s", (accept, mediaType, shape) => {
    expect(negotiate(accept, { shaped: true })).toMatchObject({ mediaType, shape });
  });

  it("refuses what is not served, and YAML for a watch", () => {
    expect(() => negotiate("application/vnd.kubernetes.protobuf", { shaped: true })).toThrow(/only the following/);
    expect(() => negotiate("application/yaml", { shaped: true, streamed: true })).toThrow(/only the following/);
    expect(() => negotiate(as("Table"), { shaped: false })).toThrow(/only the following/);
  });
});

describe("forms of an answer", () => {
  let kit: ApiKit;
  beforeEach(async () => {
    kit = await openApiKit();
    await kit.json("POST", pods, { body: podManifest("p", {}, { labels: { app: "x" } }) });
    await kit.json("POST", pods, { body: podManifest("q") });
  });
  afterEach(() => kit.close());

  it("shows a list as a Table", async () => {
    const { body } = await kit.json("GET", pods, { headers: { accept: as("Table") } });
    expect(body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
    expect(body).toHaveProperty("columnDefinitions.0", {
      name: "Name",
      type: "string",
      format: "name",
      description: "",
      priority: 0,
    });
    expect(body.rows.map(({ cells }) => cells.slice(0, 4))).toEqual([
      ["p", "0/1", "Pending", expect.anything()],
      ["q", "0/1", "Pending", expect.anything()],
    ]);
    expect(body.rows[0]?.object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "p" } });
  });

  it("includes with rows what is asked for", async () => {
    const headers = { accept: as("Table") };
    const none = await kit.json("GET", `${pods}?includeObject=None`, { headers });
    expect(none.body.rows[0]).not.toHaveProperty("object");
    const whole = await kit.json("GET", `${pods}?includeObject=Object`, { headers });
    expect(whole.body.rows[0]?.object).toMatchObject({ kind: "Pod", spec: {} });
    expect((await kit.json("GET", `${pods}?includeObject=Some`, { headers })).status).toBe(400);
    const one = await kit.json("GET", `${pods}/p`, { headers });
    expect(one.body.rows).toHaveLength(1);
  });

  it("shows metadata alone", async () => {
    const one = await kit.json("GET", `${pods}/p`, { headers: { accept: as("PartialObjectMetadata") } });
    expect(one.body).toMatchObject({ kind: "PartialObjectMetadata", metadata: { labels: { app: "x" } } });
    expect(one.body).not.toHaveProperty("spec");
    const all = await kit.json("GET", pods, { headers: { accept: as("PartialObjectMetadataList") } });
    expect(all.body.kind).toBe("PartialObjectMetadataList");
    expect(all.body.items.map(({ kind }) => kind)).toEqual(["PartialObjectMetadata", "PartialObjectMetadata"]);
  });

  it("says of what kind the items of a list are only once, as Kubernetes does", async () => {
    const { body } = await kit.json("GET", pods);
    const { kind, apiVersion, ...rest } = (await kit.json("GET", `${pods}/p`)).body;
    expect([body.kind, body.apiVersion]).toEqual([`${kind}List`, apiVersion]);
    expect(body.items).toContainEqual(rest);
    const yaml = await kit.call("GET", pods, { headers: { accept: "application/yaml" } });
    const { body: lines } = encodeAnswer(yaml.answer, { request: yaml.context.request, now: () => 0 });
    expect((await collect(lines)).toString().match(/^ *-? *kind: .*$/gm)).toEqual(["kind: PodList"]);
  });

  it("writes YAML and indented JSON", async () => {
    const text = async (url: string, headers: Record<string, string> = {}): Promise<string> => {
      const { answer, context } = await kit.call("GET", url, { headers });
      return (await collect(encodeAnswer(answer, { request: context.request, now: () => 0 }).body)).toString();
    };
    const { readYaml } = await import("../../apimachinery/codec/yaml.js");
    const yaml = { accept: "application/yaml" };
    expect(readYaml(await text(pods, yaml)).documents).toEqual([(await kit.json("GET", pods)).body]);
    expect(readYaml(await text(`${pods}/p`, yaml)).documents).toEqual([(await kit.json("GET", `${pods}/p`)).body]);
    const pretty = await text(`${pods}?pretty=true`);
    expect(pretty).toContain('\n  "items": [');
    expect(JSON.parse(pretty)).toEqual((await kit.json("GET", pods)).body);
  });

  it("compresses long lists for those who take gzip, in slabs that join to the same JSON", async () => {
    const data = { text: "x".repeat(20_000) };
    for (let at = 0; at < 40; at++) await kit.json("POST", maps, { body: configMap(`m${at}`, data) });
    await kit.json("POST", maps, { body: configMap("big", { text: "y".repeat(400_000) }) });
    const { answer, context } = await kit.call("GET", maps, { headers: { "accept-encoding": "gzip, deflate" } });
    const zipped = encodeAnswer(answer, { request: context.request, now: () => 0 });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    const bytes = gunzipSync(await collect(zipped.body));
    const { body } = await kit.json("GET", maps);
    expect(body.items).toHaveLength(41);
    expect(JSON.parse(bytes.toString())).toEqual(body);
    const small = await kit.json("GET", pods, { headers: { "accept-encoding": "gzip" } });
    expect(small.headers).not.toHaveProperty("content-encoding");
  });

  it("hands in-process callers the frozen objects themselves", async () => {
    const list = async () => {
      const { answer } = await kit.call("GET", pods);
      const local = toLocalAnswer(answer, undefined, []);
      return local.type === "list" ? local.list.items : [];
    };
    const [one] = await list();
    expect(one).toBe((await list())[0]);
    expect(one).toBe(
      kit.api.reads.get(kit.api.definitions().find(({ kind }) => kind === "Pod") ?? never(), "default", "p"),
    );
    expect(Object.isFrozen(one?.metadata.labels)).toBe(true);
    const { answer } = await kit.call("GET", pods);
    const partial = toLocalAnswer(answer, as("PartialObjectMetadataList"), []);
    expect(partial.type === "list" && partial.list.items[0]).toMatchObject({ kind: "PartialObjectMetadata" });
  });
});

function never(): never {
  throw new Error("no such kind");
}
