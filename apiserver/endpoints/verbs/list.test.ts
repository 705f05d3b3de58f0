import { systemClock } from "../../../base/clock.js";
import { openMemory } from "../../storage/memory/memory.js";
import { type ApiKit, configMap, openApiKit, podManifest } from "../api.test-kit.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

const names = async (url: string): Promise<readonly string[]> =>
  ((await kit.json("GET", url)).body.items ?? []).map(({ metadata }) => metadata.name);
const make = async (...all: readonly string[]): Promise<void> => {
  for (const name of all) await kit.json("POST", maps, { body: configMap(name) });
};

describe("list", () => {
  it("answers what is in the namespace in order of names, with the version of the list", async () => {
    await make("b", "a");
    await kit.json("POST", "/api/v1/namespaces/default-2/configmaps", { body: configMap("c") });
    const { body } = await kit.json("GET", maps);
    expect(body).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1" });
    expect(body.metadata).toEqual({ resourceVersion: String(await kit.storage.currentRevision()) });
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
    expect(await names("/api/v1/configmaps")).toEqual(["c", "a", "b"]);
    expect(await names("/api/v1/namespaces/none/configmaps")).toEqual([]);
  });

  it("selects by labels and fields", async () => {
    await kit.json("POST", pods, { body: podManifest("a", { nodeName: "n1" }, { labels: { app: "x" } }) });
    await kit.json("POST", pods, { body: podManifest("b", { nodeName: "n2" }, { labels: { app: "x" } }) });
    await kit.json("POST", pods, { body: podManifest("c", {}, { labels: { app: "y" } }) });
    expect(await names(`${pods}?labelSelector=app%3Dx`)).toEqual(["a", "b"]);
    expect(await names(`${pods}?labelSelector=app!%3Dx`)).toEqual(["c"]);
    expect(await names(`${pods}?fieldSelector=spec.nodeName%3Dn2`)).toEqual(["b"]);
    expect(await names(`${pods}?fieldSelector=spec.nodeName!%3Dn2`)).toEqual(["a", "c"]);
    expect(await names(`${pods}?fieldSelector=metadata.name%3Da`)).toEqual(["a"]);
    expect(await names("/api/v1/pods?fieldSelector=metadata.name%3Da,metadata.namespace%3Ddefault")).toEqual(["a"]);
    expect(await names(`${pods}?fieldSelector=spec.nodeName%3Dn2&labelSelector=app%3Dy`)).toEqual([]);
    await kit.json("DELETE", `${pods}/b?gracePeriodSeconds=0`);
    expect(await names(`${pods}?fieldSelector=spec.nodeName%3Dn2`)).toEqual([]);
  });

  it("goes through pages at one revision, whatever is written meanwhile", async () => {
    await make("a", "b", "c", "d", "e");
    const first = (await kit.json("GET", `${maps}?limit=2`)).body;
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
    expect(first.metadata.remainingItemCount).toBe(3);
    await make("bb", "f");
    await kit.json("DELETE", `${maps}/c`);
    await kit.json("PUT", `${maps}/d`, { body: configMap("d", { k: "new" }) });
    const second = (await kit.json("GET", `${maps}?limit=2&continue=${first.metadata.continue}`)).body;
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(["c", "d"]);
    expect(second.items[1]).not.toHaveProperty("data");
    expect(second.metadata).toMatchObject({ resourceVersion: first.metadata.resourceVersion, remainingItemCount: 1 });
    const third = (await kit.json("GET", `${maps}?limit=2&continue=${second.metadata.continue}`)).body;
    expect(third.items.map(({ metadata }) => metadata.name)).toEqual(["e"]);
    expect(third.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
  });

  it("tells no remaining count with a selector, and stops where nothing more matches", async () => {
    for (const name of ["a", "b", "c"])
      await kit.json("POST", maps, { body: configMap(name, {}, { labels: { x: name === "c" ? "n" : "y" } }) });
    const first = (await kit.json("GET", `${maps}?limit=1&labelSelector=x%3Dy`)).body;
    expect(first.metadata).not.toHaveProperty("remainingItemCount");
    const second = (await kit.json("GET", `${maps}?limit=1&labelSelector=x%3Dy&continue=${first.metadata.continue}`))
      .body;
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
    expect(second.metadata).not.toHaveProperty("continue");
  });

  it("answers 410 for an expired token, with one that leads to the rest as it is now", async () => {
    await make("a", "b", "c");
    const first = (await kit.json("GET", `${maps}?limit=1`)).body;
    await make("d");
    await kit.storage.compact(await kit.storage.currentRevision());
    const expired = await kit.json("GET", `${maps}?limit=1&continue=${first.metadata.continue}`);
    expect(expired.status).toBe(410);
    expect(expired.body.reason).toBe("Expired");
    const { body } = await kit.json("GET", `${maps}?continue=${expired.body.metadata.continue}`);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(["b", "c", "d"]);
  });

  it("answers at an exact version, at none older, and 504 for one that is not there yet", async () => {
    await make("a");
    const then = (await kit.json("GET", maps)).body.metadata.resourceVersion;
    await make("b");
    expect(await names(`${maps}?resourceVersion=${then}&resourceVersionMatch=Exact`)).toEqual(["a"]);
    expect(await names(`${maps}?resourceVersion=${then}&resourceVersionMatch=NotOlderThan`)).toEqual(["a", "b"]);
    expect(await names(`${maps}?resourceVersion=${then}&limit=5`)).toEqual(["a"]);
    expect(await names(`${maps}?resourceVersion=0`)).toEqual(["a", "b"]);
    const exact = await kit.json("GET", `${maps}?resourceVersion=9000&resourceVersionMatch=Exact`);
    expect(exact.status).toBe(504);
    await kit.storage.compact(Number(then) + 1);
    expect((await kit.json("GET", `${maps}?resourceVersion=${then}&resourceVersionMatch=Exact`)).status).toBe(410);
  });

  it("waits for a version that is on its way, then says how far it has got", async () => {
    const current = await kit.storage.currentRevision();
    const waiting = kit.json("GET", `${maps}?resourceVersion=${current + 1}`);
    await make("a");
    expect((await waiting).body.items).toHaveLength(1);
    const { status, body } = await kit.json("GET", `${maps}?resourceVersion=9000`);
    expect(status).toBe(504);
    expect(body).toMatchObject({
      reason: "Timeout",
      message: `Too large resource version: 9000, current: ${current + 1}`,
      details: { retryAfterSeconds: 1, causes: [{ reason: "ResourceVersionTooLarge" }] },
    });
  });

  it("leaves out a value of the store that is no object", async () => {
    await make("a");
    await kit.storage.create("/registry/configmaps/default/broken", Buffer.from("no json"));
    expect(await names(maps)).toEqual(["a"]);
  });
});

describe("reads on another API server over the same store", () => {
  it("see what the first one has acknowledged", async () => {
    const storage = openMemory({ clock: systemClock });
    const one = await openApiKit({ storage });
    const other = await openApiKit({ storage });
    for (let round = 0; round < 200; round++) {
      await one.json("POST", maps, { body: configMap(`m${round}`) });
      expect((await other.json("GET", maps)).body.items).toHaveLength(round + 1);
      expect((await other.json("GET", `${maps}/m${round}`)).status).toBe(200);
    }
    await one.close();
    await other.close();
    await storage.close();
  });
});
