import { configMaps } from "../../api/core/config-map.js";
import { pods } from "../../api/core/pod/pod.js";
import { parseFieldSelector } from "../../apimachinery/selector/field.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { encodeStored, parseCount } from "../encoding/stored-object.js";
import { configMap, frameText, openApiKit, takeFrames } from "../endpoints/api.test-kit.js";
import type { WatchFrame } from "../request.js";
import { objectKey } from "./keys.js";
import { openMemory } from "./memory/memory.js";
import {
  CompactedError,
  FutureRevisionError,
  type Storage,
  type StorageEvent,
  StoreReplacedError,
  StoreUnavailableError,
  WatchBrokenError,
} from "./storage.js";
import { WatchCache } from "./watch-cache.js";
import { compileSelection, type Selection } from "./watch-cache-selection.js";
import type { Watcher } from "./watch-cache-watcher.js";
import { watchBufferMaxFrames } from "./watch-cache-watcher.js";

/** A store whose watch can be made to end with an error, or to hold back what it has. */
class FaultyStorage {
  inner: Storage = openMemory({ clock: systemClock });
  held = false;
  listFailures = 0;
  watchedUnloaded = false;
  #fail: (error: Error) => void = () => {};
  #inject: (batch: readonly StorageEvent[]) => void = () => {};

  breakWatch(error: Error): void {
    this.#fail(error);
  }

  /** The watch hands this out next, whatever the store holds. */
  inject(batch: readonly StorageEvent[]): void {
    this.#inject(batch);
  }

  readonly storage: Storage = {
    get: (key) => this.inner.get(key),
    list: async (prefix, options) => {
      if (this.listFailures > 0) {
        this.listFailures--;
        throw new StoreUnavailableError("not now");
      }
      return this.inner.list(prefix, options);
    },
    create: (key, value, options) => this.inner.create(key, value, options),
    update: (key, value, expected, options) => this.inner.update(key, value, expected, options),
    delete: (key, expected) => this.inner.delete(key, expected),
    watch: (prefix, after, signal) => this.#watch(prefix, after, signal),
    currentRevision: () => this.inner.currentRevision(),
    compact: (revision) => this.inner.compact(revision),
    healthCheck: (signal) => this.inner.healthCheck(signal),
    close: () => this.inner.close(),
  };

  async *#watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<readonly StorageEvent[]> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    failed.catch(() => {});
    if (this.listFailures > 0) this.watchedUnloaded = true;
    if ((await this.inner.currentRevision()) < after) throw new FutureRevisionError(await this.inner.currentRevision());
    const events = this.inner.watch(prefix, after, signal)[Symbol.asyncIterator]();
    let coming = events.next();
    for (;;) {
      const injected = new Promise<readonly StorageEvent[]>((resolve) => {
        this.#inject = resolve;
      });
      const next = await Promise.race([coming, failed, injected.then((value) => ({ done: false as const, value }))]);
      if (next.done) return;
      if (next === (await Promise.race([coming, undefined]))) coming = events.next();
      while (this.held) await new Promise((resolve) => setTimeout(resolve, 5));
      yield next.value;
    }
  }
}

const put = async (storage: Storage, name: string, data: Readonly<Record<string, string>> = {}): Promise<void> => {
  const key = objectKey(configMaps, "default", name);
  const { bytes } = encodeStored(configMaps, configMap(name, data, { namespace: "default", uid: name }) as never);
  const current = await storage.get(key);
  if (current) await storage.update(key, bytes, current.revision);
  else await storage.create(key, bytes);
};

const everything = compileSelection(configMaps, { namespace: "" });
const texts = (frames: readonly WatchFrame[]): readonly string[] => frames.map(frameText);
const next = async (watcher: Watcher, count: number): Promise<readonly string[]> =>
  texts(await takeFrames(watcher, (frames) => frames.length >= count));

describe("the watch cache", () => {
  let faulty: FaultyStorage;
  let cache: WatchCache;
  const open = (): Promise<WatchCache> =>
    WatchCache.open({ storage: faulty.storage, definitions: [configMaps, pods], clock: systemClock, log: silentLog });
  const watch = (from: Parameters<ReturnType<WatchCache["resource"]>["watch"]>[0]["from"]): Watcher =>
    cache.resource(configMaps).watch({ selection: everything, bookmarks: false, from }, cache.revision);
  const settled = async (): Promise<void> => {
    await cache.waitFor(await faulty.storage.currentRevision(), 3_000);
  };

  beforeEach(async () => {
    faulty = new FaultyStorage();
    await put(faulty.storage, "a");
    cache = await open();
  });
  afterEach(async () => {
    await cache.close();
    await faulty.storage.close();
  });

  it("moves every cache on by every write", async () => {
    const { revision } = cache;
    await faulty.storage.create("/registry/ranges/something", Buffer.from("opaque"));
    expect(await cache.waitFor(revision + 1, 1_000)).toBe(true);
    expect(await cache.waitFor(revision + 2, 20)).toBe(false);
    expect(cache.resource(configMaps).size).toBe(1);
  });

  it("parses nothing that this process wrote", async () => {
    const before = parseCount();
    for (let at = 0; at < 10; at++) await put(faulty.storage, `m${at}`);
    await settled();
    expect(cache.resource(configMaps).size).toBe(11);
    expect(parseCount()).toBe(before);
  });

  it("goes on where a broken watch ended: no watcher notices", async () => {
    const watcher = watch({ initial: true, closing: false });
    const frames = next(watcher, 3);
    await put(faulty.storage, "b");
    await settled();
    faulty.breakWatch(new StoreUnavailableError("connection lost"));
    await put(faulty.storage, "c");
    expect(await frames).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
  });

  it("loads again when a watch cannot tell where it stopped, and keeps what has not changed", async () => {
    const watcher = watch({ initial: true, closing: false });
    const kept = cache.resource(configMaps).get("default", "a");
    faulty.held = true;
    await put(faulty.storage, "b");
    faulty.breakWatch(new WatchBrokenError("fell behind"));
    faulty.held = false;
    expect(texts(await takeFrames(watcher, () => false)).at(-1)).toMatch(/^ERROR /);
    expect(cache.resource(configMaps).get("default", "a")).toBe(kept);
    expect(cache.resource(configMaps).get("default", "b")).toBeDefined();
  });

  it("takes nothing over from a store that was replaced, even at the same revision", async () => {
    const watcher = watch({ initial: true, closing: false });
    const other = openMemory({ clock: systemClock });
    await put(other, "a", { from: "another" });
    expect(await other.currentRevision()).toBe(cache.revision);
    const { inner } = faulty;
    faulty.inner = other;
    faulty.breakWatch(new StoreReplacedError("another one"));
    expect(texts(await takeFrames(watcher, () => false)).at(-1)).toMatch(/^ERROR /);
    expect(cache.resource(configMaps).get("default", "a")?.object.data).toEqual({ from: "another" });
    await inner.close();
  });

  it("does not watch on before a load has succeeded", async () => {
    const watcher = watch({ initial: true, closing: false });
    const other = openMemory({ clock: systemClock });
    await put(other, "a", { from: "another" });
    const { inner } = faulty;
    faulty.inner = other;
    faulty.listFailures = 2;
    faulty.breakWatch(new StoreReplacedError("another one"));
    expect(texts(await takeFrames(watcher, () => false)).at(-1)).toMatch(/^ERROR /);
    expect(faulty.listFailures).toBe(0);
    expect(faulty.watchedUnloaded).toBe(false);
    expect(cache.resource(configMaps).get("default", "a")?.object.data).toEqual({ from: "another" });
    await inner.close();
  });

  it("lets a watch that ended between deletions of one revision go on without a gap", async () => {
    for (const name of ["b", "c", "d"]) await put(faulty.storage, name);
    await settled();
    const watcher = watch("now");
    const revision = cache.revision + 1;
    faulty.inject(
      ["b", "c", "d"].map((name) => ({
        type: "delete",
        key: objectKey(configMaps, "default", name),
        revision,
        previous: undefined,
      })),
    );
    const frames = await takeFrames(watcher, (all) => all.length >= 3);
    expect(texts(frames)).toEqual(["DELETED b", "DELETED c", "DELETED d"]);
    const after = frames.map((frame) => (frame.type === "DELETED" ? frame.revision.revision : 0));
    expect(after).toEqual([revision - 1, revision - 1, revision]);
    expect(await next(watch({ after: after[0] ?? 0 }), 3)).toEqual(["DELETED b", "DELETED c", "DELETED d"]);
    expect(cache.revision).toBe(revision);
  });

  it("takes a big batch in turns, in order", async () => {
    const { bytes } = encodeStored(configMaps, configMap("x", {}, { namespace: "default", uid: "x" }) as never);
    const from = cache.revision;
    const batch = Array.from({ length: 1_000 }, (_, at): StorageEvent => {
      const key = objectKey(configMaps, "default", `m${at % 300}`);
      return { type: "put", key, value: bytes, revision: from + 1 + at, created: false, previous: undefined };
    });
    const watcher = watch("now");
    const steps: number[] = [];
    let seen = from;
    faulty.inject(batch);
    while (cache.revision < from + 1_000) {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(cache.revision - seen);
      seen = cache.revision;
    }
    expect(Math.max(...steps)).toBeLessThanOrEqual(200);
    const frames = await takeFrames(watcher, (all) => all.length >= 1_000);
    const revisions = frames.map((frame) => ("revision" in frame ? frame.revision.revision : 0));
    expect(revisions).toEqual(batch.map((event) => event.revision));
  });

  it("loads again after compaction, and ends the watches with 410", async () => {
    const watcher = watch({ initial: true, closing: false });
    await put(faulty.storage, "b");
    await settled();
    const kept = cache.resource(configMaps).get("default", "b");
    faulty.held = true;
    await put(faulty.storage, "c");
    faulty.breakWatch(new CompactedError(1));
    faulty.held = false;
    await settled();
    const frames = await takeFrames(watcher, () => false);
    const last = frames.at(-1);
    expect(last?.type === "ERROR" && last.error).toMatchObject({ reason: "Expired", code: 410 });
    expect(cache.resource(configMaps).get("default", "c")).toBeDefined();
    expect(cache.resource(configMaps).get("default", "b")).toBe(kept);
    const [told, ...more] = await takeFrames(watch({ after: 1 }), () => false);
    expect(told?.type === "ERROR" && told.error.message).toMatch(/^too old resource version: 1 /);
    expect(more).toEqual([]);
  });

  it("takes nothing over from a store whose revision went back", async () => {
    for (let at = 0; at < 5; at++) await put(faulty.storage, "a", { at: String(at) });
    await settled();
    const watcher = watch({ initial: true, closing: false });
    const older = openMemory({ clock: systemClock });
    await put(older, "a", { from: "backup" });
    const { inner } = faulty;
    faulty.inner = older;
    faulty.breakWatch(new StoreUnavailableError("connection lost"));
    const frames = await takeFrames(watcher, () => false);
    expect(texts(frames).at(-1)).toMatch(/^ERROR /);
    expect(cache.revision).toBe(await older.currentRevision());
    expect(cache.resource(configMaps).get("default", "a")?.object.data).toEqual({ from: "backup" });
    await inner.close();
  });

  it("cuts off a watcher that does not keep up, and no other", async () => {
    const slow = watch("now");
    const quick = watch("now");
    const seen = next(quick, watchBufferMaxFrames + 1);
    const first = slow.next();
    await put(faulty.storage, "b");
    expect(texts((await first).value)).toEqual(["ADDED b"]);
    for (let at = 0; at <= watchBufferMaxFrames; at++) await put(faulty.storage, "b", { at: String(at) });
    await settled();
    expect(await slow.next()).toEqual({ done: true, value: undefined });
    expect(await seen).toHaveLength(watchBufferMaxFrames + 1);
  });

  it("forgets changes, and cuts off who does not keep up, by weight as well", async () => {
    const slow = watch("now");
    const first = slow.next();
    const revisions: number[] = [];
    for (let at = 0; at < 40; at++) {
      await put(faulty.storage, "a", { at: String(at), text: "x".repeat(1_000_000) });
      revisions.push(await faulty.storage.currentRevision());
      if (at === 0) await first;
    }
    await settled();
    expect((await slow.next()).done).toBe(true);
    const [early] = await takeFrames(watch({ after: revisions[2] ?? 0 }), () => true);
    expect(early?.type === "ERROR" && early.error).toMatchObject({ reason: "Expired", code: 410 });
    const late = await takeFrames(watch({ after: revisions[20] ?? 0 }), (frames) => frames.length >= 19);
    expect(texts(late)).toEqual(Array.from({ length: 19 }, () => "MODIFIED a"));
  });

  it("reads the store where the cache does not keep up", async () => {
    const kit = await openApiKit({ storage: faulty.storage });
    faulty.held = true;
    await put(faulty.storage, "b");
    const { body } = await kit.json("GET", "/api/v1/namespaces/default/configmaps");
    expect(body.items).toHaveLength(2);
    expect((await kit.json("GET", "/api/v1/namespaces/default/configmaps/b")).status).toBe(200);
    faulty.held = false;
    await kit.close();
  });

  it("shows a pod's event only to the watchers of its node", async () => {
    const asked: string[] = [];
    const watchers = Array.from({ length: 50 }, (_, at) => {
      const selection = compileSelection(pods, {
        namespace: "",
        fields: parseFieldSelector(`spec.nodeName=n${at}`),
      });
      const spied: Selection = {
        ...selection,
        matches(object) {
          asked.push(`n${at}`);
          return selection.matches(object);
        },
      };
      const from = "now" as const;
      return cache.resource(pods).watch({ selection: spied, bookmarks: false, from }, cache.revision);
    });
    const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "x", uid: "u" } };
    const { bytes } = encodeStored(pods, { ...object, spec: { nodeName: "n7", containers: [] } } as never);
    await faulty.storage.create(objectKey(pods, "x", "p"), bytes);
    await settled();
    expect(new Set(asked)).toEqual(new Set(["n7"]));
    expect(await next(watchers[7] as Watcher, 1)).toEqual(["ADDED p"]);
  });

  it("finds objects by field as they change", async () => {
    const byNode = (node: string): readonly string[] =>
      [...cache.resource(pods).withField("spec.nodeName", node).values()].map(({ object }) => object.metadata.name);
    const key = objectKey(pods, "x", "p");
    const write = async (nodeName: string): Promise<void> => {
      const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "x", uid: "u" } };
      const { bytes } = encodeStored(pods, { ...object, spec: { nodeName, containers: [] } } as never);
      const current = await faulty.storage.get(key);
      if (current) await faulty.storage.update(key, bytes, current.revision);
      else await faulty.storage.create(key, bytes);
      await settled();
    };
    expect(byNode("n1")).toEqual([]);
    await write("n1");
    expect(byNode("n1")).toEqual(["p"]);
    await write("n2");
    expect([byNode("n1"), byNode("n2")]).toEqual([[], ["p"]]);
    const current = await faulty.storage.get(key);
    await faulty.storage.delete(key, current?.revision ?? 0);
    await settled();
    expect(byNode("n2")).toEqual([]);
  });
});

describe("bookmarks", () => {
  it("come about once a minute to those who asked, at the revision that all caches have reached", async () => {
    const clock = new VirtualClock();
    const storage = openMemory({ clock });
    const cache = await WatchCache.open({ storage, definitions: [configMaps, pods], clock, log: silentLog });
    const selection = compileSelection(pods, { namespace: "" });
    const start = { selection, from: "now" as const };
    const asking = cache.resource(pods).watch({ ...start, bookmarks: true }, cache.revision);
    const silent = cache.resource(pods).watch({ ...start, bookmarks: false }, cache.revision);
    await put(storage, "a");
    const first = asking.next();
    await clock.advance(60_000);
    expect((await first).value).toEqual([
      { type: "BOOKMARK", definition: pods, atRevision: await storage.currentRevision(), initialEventsEnd: false },
    ]);
    silent.end();
    expect(await silent.next()).toEqual({ done: true, value: undefined });
    await cache.close();
    await storage.close();
  });
});
