import { encodeAnswer } from "../../encoding/encode.js";
import { encodeCount } from "../../encoding/stored-object.js";
import type { WatchFrame } from "../../request.js";
import { type ApiKit, collect, configMap, frameText, openApiKit, podManifest, takeFrames } from "../api.test-kit.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

async function watch(url: string): Promise<(count: number) => Promise<readonly WatchFrame[]>> {
  const { answer } = await kit.call("GET", `${url}${url.includes("?") ? "&" : "?"}watch=true`);
  if (answer.type !== "watch") throw new Error("not a watch");
  const { events } = answer;
  return (count) => takeFrames(events, (frames) => frames.length >= count);
}
const texts = (frames: readonly WatchFrame[]): readonly string[] => frames.map(frameText);
const post = (name: string, more: object = {}): Promise<unknown> =>
  kit.json("POST", maps, { body: configMap(name, {}, more) });
const version = async (): Promise<string> => String(await kit.storage.currentRevision());

describe("watch", () => {
  it("sends the objects that are there, then every change, without a version", async () => {
    await post("a");
    const take = await watch(maps);
    await post("b");
    await kit.json("PUT", `${maps}/a`, { body: configMap("a", { k: "v" }) });
    await kit.json("DELETE", `${maps}/b`);
    const frames = await take(4);
    expect(texts(frames)).toEqual(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
    const deleted = frames.at(-1);
    expect(deleted?.type === "DELETED" && deleted.revision.object.metadata.resourceVersion).toBe(await version());
  });

  it("resumes after a version", async () => {
    await post("a");
    const since = await version();
    await post("b");
    await kit.json("DELETE", `${maps}/a`);
    const take = await watch(`${maps}?resourceVersion=${since}`);
    await post("c");
    expect(texts(await take(3))).toEqual(["ADDED b", "DELETED a", "ADDED c"]);
  });

  it("shows an object that leaves the selection as DELETED in its last selected state, one that enters as ADDED", async () => {
    const take = await watch(`${maps}?labelSelector=x%3Dy`);
    await post("a");
    await kit.json("PUT", `${maps}/a`, { body: configMap("a", { k: "in" }, { labels: { x: "y" } }) });
    await kit.json("PUT", `${maps}/a`, { body: configMap("a", { k: "out" }) });
    const left = await version();
    const frames = await take(2);
    expect(texts(frames)).toEqual(["ADDED a", "DELETED a"]);
    const last = frames[1];
    expect(last?.type === "DELETED" && last.revision.object).toMatchObject({
      metadata: { resourceVersion: left },
      data: { k: "in" },
    });
  });

  it("follows a field over binding", async () => {
    const take = await watch(`/api/v1/pods?fieldSelector=spec.nodeName%3Dn1`);
    await kit.json("POST", pods, { body: podManifest("p") });
    await kit.json("POST", `${pods}/p/binding`, { body: { metadata: { name: "p" }, target: { name: "n1" } } });
    await kit.json("DELETE", `${pods}/p?gracePeriodSeconds=0`);
    expect(texts(await take(2))).toEqual(["ADDED p", "DELETED p"]);
  });

  it("closes the initial objects with a bookmark when asked to", async () => {
    await post("a");
    const query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const take = await watch(`${maps}?${query}`);
    await post("b");
    expect(texts(await take(3))).toEqual(["ADDED a", "BOOKMARK end", "ADDED b"]);
  });

  it("sends no initial objects when told not to", async () => {
    await post("a");
    const take = await watch(`${maps}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    await post("b");
    expect(texts(await take(1))).toEqual(["ADDED b"]);
  });

  it("tells within the watch that a version is before the history that is kept", async () => {
    await post("a");
    await post("b");
    const again = await openApiKit({ storage: kit.storage });
    const { answer } = await again.call("GET", `${maps}?watch=true&resourceVersion=1`);
    const frames = answer.type === "watch" ? await takeFrames(answer.events, () => false) : [];
    expect(frames).toEqual([{ type: "ERROR", error: expect.objectContaining({ code: 410, reason: "Expired" }) }]);
    expect(texts(frames)[0]).toMatch(/^ERROR too old resource version: 1 \(\d+\)$/);
    await again.close();
  });

  it("says at its end how far it has got, to who takes bookmarks", async () => {
    const controller = new AbortController();
    const { answer } = await kit.call("GET", `${maps}?watch=true&allowWatchBookmarks=true`, {
      signal: controller.signal,
    });
    await post("a");
    await kit.json("POST", "/api/v1/namespaces", { body: { metadata: { name: "other" } } });
    const reached = Number(await version());
    controller.abort();
    const frames = answer.type === "watch" ? await takeFrames(answer.events, () => false) : [];
    expect(texts(frames)).toEqual(["ADDED a", "BOOKMARK"]);
    expect(frames[1]).toMatchObject({ atRevision: reached, initialEventsEnd: false });
  });

  it("is had by the paths of old, too, of a collection and of one object", async () => {
    await post("a");
    await post("b");
    const old = "/api/v1/watch/namespaces/default/configmaps";
    expect(texts(await (await watch(`${old}/b?fieldSelector=metadata.namespace%3Ddefault`))(1))).toEqual(["ADDED b"]);
    expect(texts(await (await watch("/api/v1/watch/configmaps?labelSelector=!x"))(2))).toEqual(["ADDED a", "ADDED b"]);
    for (const method of ["POST", "PUT", "DELETE"])
      expect((await kit.json(method, `${old}/b`, { body: configMap("b") })).status).toBe(405);
    expect((await kit.json("GET", `${old}/b/status`)).status).toBe(404);
  });

  it.each(["x", "1.5"])("is refused for a time that is no number: %s", async (time) => {
    for (const query of [`watch=true&timeoutSeconds=${time}`, `timeoutSeconds=${time}`]) {
      const { status, body } = await kit.json("GET", `${maps}?${query}`);
      expect([status, body.message]).toEqual([400, `strconv.ParseInt: parsing "${time}": invalid syntax`]);
    }
  });

  it("answers 504 for a version that no write has reached", async () => {
    expect((await kit.json("GET", `${maps}?watch=true&resourceVersion=9000`)).status).toBe(504);
  });

  it("ends when the request is over, after what had been pushed", async () => {
    const controller = new AbortController();
    const { answer } = await kit.call("GET", `${maps}?watch=true`, { signal: controller.signal });
    await post("a");
    controller.abort();
    const frames = answer.type === "watch" ? await takeFrames(answer.events, () => false) : [];
    expect(texts(frames)).toEqual(["ADDED a"]);
  });
});

describe("encoding", () => {
  it("encodes a revision once for the write, 50 watchers, GET and LIST", async () => {
    const bodies = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { answer, context } = await kit.call("GET", `${maps}?watch=true`);
        const { body } = encodeAnswer(answer, { request: context.request, now: () => 0 });
        return (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
      }),
    );
    const waiting = bodies.map((body) => body.next());
    const before = encodeCount();
    const made = await kit.json("POST", maps, { body: configMap("a", { k: "v" }) });
    const lines = (await Promise.all(waiting)).map(({ value }) => Buffer.from(value).toString());
    expect(new Set(lines).size).toBe(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({ type: "ADDED", object: made.body });
    expect((await kit.json("GET", `${maps}/a`)).body).toEqual(made.body);
    const { kind: _kind, apiVersion: _apiVersion, ...item } = made.body;
    expect((await kit.json("GET", maps)).body.items).toEqual([item]);
    expect(encodeCount() - before).toBe(1);
    await Promise.all(bodies.map((body) => body.return?.()));
  });

  it("writes all frames of one batch as one piece", async () => {
    for (const name of ["a", "b", "c"]) await post(name);
    const { answer, context } = await kit.call("GET", `${maps}?watch=true`);
    const { body } = encodeAnswer(answer, { request: context.request, now: () => 0 });
    const first = await (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().next();
    expect(Buffer.from(first.value).toString().trim().split("\n")).toHaveLength(3);
  });

  it.each([
    ["application/json;as=Table;v=v1;g=meta.k8s.io", "Table"],
    ["application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "PartialObjectMetadata"],
  ])("shows the objects of a watch as asked: %s", async (accept, kind) => {
    await post("a");
    const headers = { accept };
    const controller = new AbortController();
    const options = { headers, signal: controller.signal };
    const { answer, context } = await kit.call("GET", `${maps}?watch=true`, options);
    const { body } = encodeAnswer(answer, { request: context.request, now: () => 0 });
    controller.abort();
    const [line = ""] = (await collect(body)).toString().split("\n");
    expect(JSON.parse(line)).toMatchObject({ type: "ADDED", object: { kind, apiVersion: "meta.k8s.io/v1" } });
  });
});
