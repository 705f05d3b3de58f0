import type { Backend } from "./storage.contract.js";
import { CompactedError, FutureRevisionError, type Storage, type StorageEvent } from "./storage.js";
import { bytes, collect, collectCount, freshPrefix, shownEvent, won } from "./storage.test-kit.js";

export function describeWatches({ name, open, passTtl }: Backend): void {
  describe(`${name}: watches`, () => {
    let storage: Storage;
    beforeAll(async () => {
      storage = await open();
    });
    afterAll(() => storage.close());

    /** Creates, updates and deletes one key; what a watcher has to see of it. */
    const lifeOf = async (key: string): Promise<readonly unknown[]> => {
      const created = won(await storage.create(key, bytes("1")));
      const updated = won(await storage.update(key, bytes("2"), created));
      const deleted = won(await storage.delete(key, updated));
      return [
        ["create", key, "1", created, undefined],
        ["update", key, "2", updated, [key, "1", created]],
        ["delete", key, deleted, [key, "2", updated]],
      ];
    };

    it("tell what happened before they began", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      const expected = [...(await lifeOf(`${prefix}a`)), ...(await lifeOf(`${prefix}a`))];
      const events = await collectCount(storage, prefix, before, expected.length);
      expect(events.map(shownEvent)).toEqual(expected);
    });

    it("tell what happens while they run", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      const watching = collectCount(storage, prefix, before, 3);
      const expected = await lifeOf(`${prefix}a`);
      expect((await watching).map(shownEvent)).toEqual(expected);
    });

    it("begin after the revision given, not with it", async () => {
      const prefix = freshPrefix();
      const first = won(await storage.create(`${prefix}a`, bytes("1")));
      const second = won(await storage.create(`${prefix}b`, bytes("2")));
      const events = await collectCount(storage, prefix, first, 1);
      expect(events.map((event) => event.revision)).toEqual([second]);
    });

    it("keep to their prefix", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      won(await storage.create(`${prefix.slice(0, -1)}x`, bytes("other")));
      won(await storage.create(`${prefix}a`, bytes("1")));
      won(await storage.create(freshPrefix(), bytes("other")));
      won(await storage.create(`${prefix}b`, bytes("2")));
      const events = await collectCount(storage, prefix, before, 2);
      expect(events.map((event) => event.key)).toEqual([`${prefix}a`, `${prefix}b`]);
    });

    it("show every write of many writers once and in order, to each of many watchers", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      const total = 120;
      const early = Array.from({ length: 3 }, () => collectCount(storage, prefix, before, total));
      const revisions = await Promise.all(
        Array.from({ length: total }, async (_, n) => won(await storage.create(`${prefix}${n}`, bytes(`${n}`)))),
      );
      const late = collectCount(storage, prefix, before, total);
      const expected = revisions.toSorted((a, b) => a - b);
      for (const events of await Promise.all([...early, late]))
        expect(events.map((event) => event.revision)).toEqual(expected);
    });

    it("resume where another one stopped", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      const expected = [...(await lifeOf(`${prefix}a`)), ...(await lifeOf(`${prefix}b`))];
      const first = await collectCount(storage, prefix, before, 1);
      const rest = expected.length - first.length;
      const second = rest > 0 ? await collectCount(storage, prefix, first.at(-1)?.revision ?? 0, rest) : [];
      expect([...first, ...second].map(shownEvent)).toEqual(expected);
    });

    it("never show a write before it is there to be read", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      const seen = collect(storage, prefix, before, (events) => events.length >= 30);
      const reader = (async (): Promise<void> => {
        const controller = new AbortController();
        let count = 0;
        for await (const batch of storage.watch(prefix, before, controller.signal)) {
          for (const event of batch) {
            expect((await storage.get(event.key))?.revision).toBeGreaterThanOrEqual(event.revision);
            expect(await storage.currentRevision()).toBeGreaterThanOrEqual(event.revision);
            count++;
          }
          if (count >= 30) break;
        }
        controller.abort();
      })();
      await Promise.all(Array.from({ length: 30 }, (_, n) => storage.create(`${prefix}${n}`, bytes("x"))));
      await reader;
      expect(await seen).toHaveLength(30);
    });

    it("end when their signal aborts, also when it was aborted before", async () => {
      const controller = new AbortController();
      const events: StorageEvent[] = [];
      const watching = (async (): Promise<void> => {
        for await (const batch of storage.watch(freshPrefix(), await storage.currentRevision(), controller.signal))
          events.push(...batch);
      })();
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.abort();
      await watching;
      for await (const batch of storage.watch(freshPrefix(), await storage.currentRevision(), controller.signal))
        events.push(...batch);
      expect(events).toEqual([]);
    });

    it("tell that a key went when its time was over", async () => {
      const prefix = freshPrefix();
      const created = won(await storage.create(`${prefix}a`, bytes("1"), { ttlSeconds: 1 }));
      const watching = collectCount(storage, prefix, created, 1);
      await passTtl(1);
      const [event] = await watching;
      expect(event && shownEvent(event)).toEqual([
        "delete",
        `${prefix}a`,
        event?.revision,
        [`${prefix}a`, "1", created],
      ]);
    });

    it("refuse a revision that is still to come", async () => {
      const revision = await storage.currentRevision();
      await expect(collectCount(storage, freshPrefix(), revision + 1_000, 1)).rejects.toThrow(FutureRevisionError);
    });

    it("refuse a revision that history does not reach back to", async () => {
      const prefix = freshPrefix();
      const first = won(await storage.create(`${prefix}a`, bytes("1")));
      const second = won(await storage.update(`${prefix}a`, bytes("2"), first));
      const third = won(await storage.update(`${prefix}a`, bytes("3"), second));
      await storage.compact(second);
      const refused = collectCount(storage, prefix, first - 1, 1);
      await expect(refused).rejects.toThrow(CompactedError);
      await expect(refused).rejects.toMatchObject({ compactedRevision: second });
      const events = await collectCount(storage, prefix, second, 1);
      expect(events.map((event) => event.revision)).toEqual([third]);
    });
  });
}
