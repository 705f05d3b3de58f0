import { ProtoReader } from "../../apimachinery/codec/protobuf/reader.js";
import { type ApiKit, collect, configMap, openApiKit, podManifest } from "../endpoints/api.test-kit.js";
import { encodeAnswer } from "./encode.js";
import { decodeBody, encodeObjectOf, encodeValue, wrapped } from "./protobuf.js";

const protobuf = "application/vnd.kubernetes.protobuf";
const accept = `${protobuf},application/json`;
const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

async function get(url: string, headers: Readonly<Record<string, string>> = { accept }, method = "GET") {
  const { answer, context } = await kit.call(method, url, { headers });
  const { status, headers: given, body } = encodeAnswer(answer, { request: context.request, now: () => 0 });
  return { status, type: String(given["content-type"]), bytes: await collect(body) };
}

describe("answers in protocol buffers", () => {
  it("say the same as JSON of an object, a list and an empty list", async () => {
    for (const url of [pods, `${pods}?limit=1`]) {
      if (url === pods)
        expect(decodeBody((await get(url)).bytes)).toMatchObject({ kind: "PodList", apiVersion: "v1", metadata: {} });
      await kit.json("POST", pods, { body: podManifest(url === pods ? "p" : "q", {}, { labels: { app: "x" } }) });
      const { type, bytes } = await get(url);
      expect(type).toBe(protobuf);
      const { body } = await kit.json("GET", url);
      const { items, ...list } = decodeBody(bytes) as { readonly items: readonly object[] };
      expect(list).toEqual({ ...body, items: undefined });
      expect(items).toEqual(body.items.map(present));
    }
    expect(decodeBody((await get(`${pods}/p`)).bytes)).toEqual(present((await kit.json("GET", `${pods}/p`)).body));
  });

  it("are encoded once a revision", async () => {
    await kit.json("POST", maps, { body: configMap("m", { a: "b" }) });
    const { answer } = await kit.call("GET", `${maps}/m`, { headers: { accept } });
    if (answer.type !== "object") throw new Error("an object was expected");
    const { encodeRevision } = await import("./protobuf.js");
    expect(encodeRevision(answer.revision)).toBe(encodeRevision(answer.revision));
  });

  it("come to those who prefer them", async () => {
    await kit.json("POST", maps, { body: configMap("m") });
    const typeFor = async (value: string): Promise<string | undefined> =>
      (await get(`${maps}/m`, { accept: value })).type;
    expect(await typeFor(`application/json;q=0.5,${protobuf}`)).toBe(protobuf);
    expect(await typeFor(`application/json,${protobuf};q=0.9`)).toBe("application/json");
    expect(await typeFor(`${protobuf};as=Table;g=meta.k8s.io;v=v1,application/json`)).toBe("application/json");
    expect(await typeFor("*/*")).toBe("application/json");
  });

  it("hold metadata alone where that is asked for", async () => {
    await kit.json("POST", maps, { body: configMap("m", { a: "b" }) });
    const partial = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
    expect(decodeBody((await get(`${maps}/m`, { accept: partial })).bytes)).toEqual({
      kind: "PartialObjectMetadata",
      apiVersion: "meta.k8s.io/v1",
      metadata: (await kit.json("GET", `${maps}/m`)).body.metadata,
    });
  });

  it("join long lists from slabs", async () => {
    for (let at = 0; at < 150; at++)
      await kit.json("POST", maps, { body: configMap(`m${at}`, { text: String(at).repeat(4_000) }) });
    const { items } = decodeBody((await get(maps)).bytes) as { readonly items: readonly unknown[] };
    expect(items).toHaveLength(150);
    expect(items).toEqual((await kit.json("GET", maps)).body.items);
  });

  it("tell what became of a deletion", async () => {
    await kit.json("POST", maps, { body: configMap("m") });
    const { bytes } = await get(`${maps}/m`, { accept }, "DELETE");
    expect(decodeBody(bytes)).toMatchObject({ kind: "Status", status: "Success", details: { name: "m" } });
  });
});

describe("a watch in protocol buffers", () => {
  it("is one event behind its length after the other", async () => {
    const stop = new AbortController();
    await kit.json("POST", maps, { body: configMap("m", { a: "b" }) });
    const { answer, context } = await kit.call(
      "GET",
      `${maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      { headers: { accept: `${protobuf};stream=watch` }, signal: stop.signal },
    );
    const { headers, body } = encodeAnswer(answer, { request: context.request, now: () => 0 });
    expect(headers["content-type"]).toBe(`${protobuf};stream=watch`);
    const events: { readonly type: string; readonly object: unknown }[] = [];
    for await (const event of eventsOf(body as AsyncIterable<Uint8Array>)) {
      events.push(event);
      if (event.type === "BOOKMARK") await kit.json("DELETE", `${maps}/m`);
      if (event.type === "DELETED") break;
    }
    stop.abort();
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "BOOKMARK", "DELETED"]);
    expect(events[0]?.object).toMatchObject({ kind: "ConfigMap", metadata: { name: "m" }, data: { a: "b" } });
    expect(events[1]?.object).toMatchObject({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { annotations: { "k8s.io/initial-events-end": "true" } },
    });
  });
});

describe("a body in protocol buffers", () => {
  const type = { "content-type": protobuf };

  it("creates, and deletes by its options", async () => {
    const definition = kit.api.definitions().find(({ kind }) => kind === "ConfigMap");
    if (!definition) throw new Error("no such kind");
    const raw = encodeObjectOf(definition, { metadata: { name: "m" }, data: { a: "b" } });
    const bytes = Buffer.from(wrapped({ apiVersion: "v1", kind: "ConfigMap" }, raw));
    const created = await kit.json("POST", maps, { bytes, headers: type });
    expect(created).toMatchObject({ status: 201, body: { data: { a: "b" } } });
    const wrong = await kit.json("POST", pods, { bytes, headers: type });
    expect(wrong).toMatchObject({ status: 400, body: { reason: "BadRequest" } });
    const options = Buffer.from(wrapped({ apiVersion: "v1", kind: "DeleteOptions" }, Buffer.from("2a03416c6c", "hex")));
    expect((await kit.json("DELETE", `${maps}/m`, { bytes: options, headers: type })).status).toBe(200);
    expect((await kit.json("GET", `${maps}/m`)).status).toBe(200);
  });

  it("is refused when it is none", async () => {
    const { status, body } = await kit.json("POST", maps, { bytes: "{}", headers: type });
    expect([status, body.reason]).toEqual([400, "BadRequest"]);
  });
});

it("leaves nothing behind of a value that cannot be encoded", () => {
  expect(() => encodeValue({ kind: "Status", apiVersion: "v1", code: "x", message: "text" })).toThrow(TypeError);
  const status = { kind: "Status", apiVersion: "v1", status: "Success" };
  expect(decodeBody(encodeValue(status))).toEqual(status);
});

/** Without nulls, which are absence. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (each === null ? [] : [[name, present(each)]])),
  );
}

async function* eventsOf(body: AsyncIterable<Uint8Array>) {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      yield eventOf(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
  }
}

function eventOf(bytes: Uint8Array) {
  const fields = new Map<number, Buffer>();
  const reader = new ProtoReader(bytes);
  while (!reader.atEnd) fields.set(reader.tag().field, reader.bytes());
  const extension = new ProtoReader(fields.get(2) ?? Buffer.alloc(0));
  extension.tag();
  return { type: fields.get(1)?.toString() ?? "", object: decodeBody(extension.bytes()) };
}
