import fc from "fast-check";
import { type ConfigMap, configMaps } from "../../api/core/config-map.js";
import { namespaces } from "../../api/core/namespace.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { FlakyDoor } from "../../e2e/harness/flaky-door.js";
import { type MemoryApi, openMemoryApi } from "../../e2e/harness/memory-api.js";
import type { Informer } from "./informer.js";
import { createInformers, type Informers } from "./informers.js";
import { keyOf } from "./store.js";

let clock: VirtualClock;
let server: MemoryApi;
let door: FlakyDoor;
let informers: Informers;
let informer: Informer<ConfigMap>;

beforeEach(async () => {
  clock = new VirtualClock();
  server = await openMemoryApi({ clock });
  door = new FlakyDoor(server.door);
  informers = createInformers(door.client, { clock, log: silentLog, random: seededRandom(3) });
  informer = informers.for(configMaps);
  for (const name of ["default", "other"]) await server.client.create(namespaces, { metadata: { name } });
});
afterEach(async () => {
  await informers.stop();
  await server.close();
});

const put = (name: string, namespace = "default", on = server) =>
  on.client.create(configMaps, { metadata: { name, namespace }, data: { value: name } });
const change = (name: string, value: string) =>
  server.client.patch(configMaps, { namespace: "default", name }, { type: "merge", body: { data: { value } } });
const remove = (name: string, on = server) => on.client.delete(configMaps, { namespace: "default", name });

async function start(): Promise<void> {
  informer.start();
  await informer.synced();
  await clock.advance(0);
}

/** What handlers were told, as `+name`, `~name`, `-name`. */
function tape(): string[] {
  const told: string[] = [];
  const signs = { added: "+", updated: "~", deleted: "-" };
  informer.onEvent(({ type, object }) => told.push(signs[type] + object.metadata.name));
  return told;
}

const names = () =>
  informer
    .list()
    .map(({ metadata }) => metadata.name)
    .sort();

test("it lists, then follows every change", async () => {
  await put("a");
  const told = tape();
  await start();
  await put("b");
  await change("a", "2");
  await remove("a");
  await clock.advance(0);
  expect(told).toEqual(["+a", "+b", "~a", "-a"]);
  expect(names()).toEqual(["b"]);
});

test("it finds objects by namespace, owner and an index of one's own", async () => {
  informer.addIndex("value", ({ data }) => [data?.value ?? ""]);
  await start();
  await put("a");
  await put("b", "other");
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "a", uid: "the-owner" };
  await server.client.create(configMaps, {
    metadata: { name: "owned", namespace: "default", ownerReferences: [owner] },
  });
  await clock.advance(0);
  expect(informer.list("other").map(keyOf)).toEqual(["other/b"]);
  expect(informer.byIndex("owner", "the-owner").map(keyOf)).toEqual(["default/owned"]);
  expect(informer.byIndex("value", "a").map(keyOf)).toEqual(["default/a"]);
  await change("a", "z");
  await clock.advance(0);
  expect(informer.byIndex("value", "a")).toEqual([]);
  expect(informer.byIndex("value", "z").map(keyOf)).toEqual(["default/a"]);
});

test("a handler that comes late is told of everything known", async () => {
  await put("a");
  await start();
  expect(tape()).toEqual(["+a"]);
});

test("a broken watch goes on from the last version, without a new list", async () => {
  await put("a");
  await start();
  const told = tape();
  const lists = door.lists;
  await put("b");
  await clock.advance(0);
  door.cut();
  await put("c");
  await clock.advance(60_000);
  expect(told).toEqual(["+a", "+b", "+c"]);
  expect(door.lists).toBe(lists);
});

test("what was deleted while the server was away is noticed when the version has expired", async () => {
  await put("a");
  await put("b");
  await start();
  const told = tape();
  door.replace(undefined);
  await remove("a");
  await change("b", "2");
  await put("c");
  await server.storage.compact(await server.storage.currentRevision());
  await clock.advance(1000);
  door.replace(server.door);
  await clock.advance(60_000);
  expect(told.slice(2).sort()).toEqual(["+c", "-a", "~b"]);
  expect(names()).toEqual(["b", "c"]);
});

test("a name that now stands for another object is a deletion and an addition", async () => {
  await put("a");
  await start();
  const told = tape();
  door.replace(undefined);
  await remove("a");
  await put("a");
  await server.storage.compact(await server.storage.currentRevision());
  door.replace(server.door);
  await clock.advance(60_000);
  expect(told).toEqual(["+a", "-a", "+a"]);
});

test("a store whose revision went back is listed anew", async () => {
  for (const name of ["a", "b", "c", "d"]) await put(name);
  await start();
  const told = tape();
  const older = await openMemoryApi({ clock, seed: 2 });
  await older.client.create(namespaces, { metadata: { name: "default" } });
  await put("c", "default", older);
  door.replace(older.door);
  await clock.advance(60_000);
  expect(names()).toEqual(["c"]);
  expect(informer.hasSeen("1000000")).toBe(false);
  await put("e", "default", older);
  await clock.advance(60_000);
  expect(names()).toEqual(["c", "e"]);
  expect(told.filter((line) => line.endsWith("e"))).toEqual(["+e"]);
  await older.close();
});

test("while nobody answers it asks less and less often", async () => {
  await start();
  const from = door.watchedFrom.length;
  door.replace(undefined);
  let calls = 0;
  const lists = door.lists;
  door.replace(async () => {
    calls += 1;
    throw new Error("connection refused");
  });
  await clock.advance(10 * 60_000);
  expect(calls).toBeGreaterThan(20);
  expect(calls).toBeLessThan(80);
  expect(door.lists).toBe(lists);
  expect(door.watchedFrom.length).toBeGreaterThan(from);
});

test("it says which of one's own writes it has seen", async () => {
  await start();
  const written = await put("a");
  expect(informer.hasSeen(String(Number(written.metadata.resourceVersion) + 1))).toBe(false);
  await informer.whenTrue(() => informer.hasSeen(written.metadata.resourceVersion));
  expect(informer.get("default", "a")).toEqual(written);
  expect(informer.byUid(written.metadata.uid)).toEqual(written);
});

test("a handler that fails harms nobody else", async () => {
  const bad = jest.fn(() => {
    throw new Error("no");
  });
  informer.onEvent(bad);
  const told = tape();
  await start();
  await put("a");
  await clock.advance(0);
  expect(bad).toHaveBeenCalledTimes(1);
  expect(told).toEqual(["+a"]);
});

test("a handler that comes late and fails at one object is told of the others", async () => {
  await start();
  await put("a");
  await put("b");
  await informer.whenTrue(() => informer.size === 2);
  const told: string[] = [];
  informer.onEvent(({ object: { metadata } }) => {
    if (metadata.name === "a") throw new Error("no");
    told.push(metadata.name);
  });
  expect(told).toEqual(["b"]);
});

test("one informer serves all who ask for the same, another those who ask for a part", async () => {
  expect(informers.for(configMaps)).toBe(informer);
  const part = informers.for(configMaps, { namespace: "other" });
  expect(part).not.toBe(informer);
  await put("a");
  await put("b", "other");
  await informers.synced();
  expect(part.list().map(keyOf)).toEqual(["other/b"]);
});

type Step = { readonly act: "put" | "change" | "remove" | "cut" | "restart" | "compact"; readonly name: string };
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom("put", "put", "change", "remove", "cut", "restart", "compact"),
  name: fc.constantFrom("a", "b", "c", "d"),
});

test("whatever happens to server and connection, in the end it knows what is, and told no change twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      for (const name of ["a", "b", "c", "d"]) await remove(name).catch(() => undefined);
      const fresh = createInformers(door.client, { clock, log: silentLog, random: seededRandom(5) });
      const subject = fresh.for(configMaps);
      const known = new Map<string, string>();
      const wrong: string[] = [];
      subject.onEvent(({ type, object: { metadata } }) => {
        const at = `${type} ${metadata.name}`;
        if (type === "added" && known.has(metadata.name)) wrong.push(at);
        if (type !== "added" && !known.has(metadata.name)) wrong.push(at);
        if (type === "updated" && known.get(metadata.name) === metadata.resourceVersion) wrong.push(at);
        if (type === "deleted") known.delete(metadata.name);
        else known.set(metadata.name, metadata.resourceVersion);
      });
      subject.start();
      for (const [at, { act, name }] of steps.entries()) {
        if (act === "put") await put(name).catch(() => undefined);
        if (act === "change") await change(name, `${at}`).catch(() => undefined);
        if (act === "remove") await remove(name).catch(() => undefined);
        if (act === "cut") door.cut();
        if (act === "compact") await server.storage.compact(await server.storage.currentRevision());
        if (act === "restart") {
          door.replace(undefined);
          await clock.advance(20);
          door.replace(server.door);
        }
        if (at % 3 === 0) await clock.advance(30);
      }
      await clock.advance(60_000);
      const { items } = await server.client.list(configMaps);
      expect(new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))).toEqual(known);
      expect([...subject.list()].map(keyOf).sort()).toEqual(items.map(keyOf).sort());
      expect(wrong).toEqual([]);
      await fresh.stop();
    }),
    { numRuns: 40 },
  );
});
