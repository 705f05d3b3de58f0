import type { Backend } from "./storage.contract.js";
import { CompactedError, FutureRevisionError, type Storage } from "./storage.js";
import { bytes, freshPrefix, shown, text, won } from "./storage.test-kit.js";

export function describeReads({ name, open, passTtl }: Backend): void {
  describe(`${name}: reads and writes`, () => {
    let storage: Storage;
    beforeAll(async () => {
      storage = await open();
    });
    afterAll(() => storage.close());

    it("finds nothing where nothing was written", async () => {
      expect(await storage.get(`${freshPrefix()}a`)).toBeUndefined();
    });

    it("reads back what was created, with the revision of the write", async () => {
      const key = `${freshPrefix()}a`;
      const revision = won(await storage.create(key, bytes("1")));
      expect(shown(await storage.get(key))).toEqual([key, "1", revision]);
    });

    it("keeps bytes as they are, empty values too", async () => {
      const prefix = freshPrefix();
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await storage.create(`${prefix}all`, all);
      await storage.create(`${prefix}none`, new Uint8Array());
      expect(Buffer.compare((await storage.get(`${prefix}all`))?.value ?? new Uint8Array(), all)).toBe(0);
      expect((await storage.get(`${prefix}none`))?.value.length).toBe(0);
    });

    it("keeps a value of a megabyte", async () => {
      const key = `${freshPrefix()}large`;
      const value = Buffer.alloc(1024 * 1024, 0xab);
      won(await storage.create(key, value));
      expect(Buffer.compare((await storage.get(key))?.value ?? new Uint8Array(), value)).toBe(0);
    });

    it("does not create twice, and shows what is there", async () => {
      const key = `${freshPrefix()}a`;
      const revision = won(await storage.create(key, bytes("1")));
      const second = await storage.create(key, bytes("2"));
      expect(second.ok).toBe(false);
      expect(!second.ok && shown(second.current)).toEqual([key, "1", revision]);
      expect(text((await storage.get(key))?.value)).toBe("1");
    });

    it("creates again after a deletion", async () => {
      const key = `${freshPrefix()}a`;
      const first = won(await storage.create(key, bytes("1")));
      const deleted = won(await storage.delete(key, first));
      const again = won(await storage.create(key, bytes("2")));
      expect(first < deleted && deleted < again).toBe(true);
      expect(shown(await storage.get(key))).toEqual([key, "2", again]);
    });

    it("updates only the revision expected", async () => {
      const key = `${freshPrefix()}a`;
      const first = won(await storage.create(key, bytes("1")));
      const second = won(await storage.update(key, bytes("2"), first));
      const late = await storage.update(key, bytes("3"), first);
      expect(!late.ok && shown(late.current)).toEqual([key, "2", second]);
    });

    it("says that there is nothing to update or delete", async () => {
      const prefix = freshPrefix();
      expect(await storage.update(`${prefix}a`, bytes("1"), 5)).toEqual({ ok: false, current: undefined });
      expect(await storage.delete(`${prefix}a`, 5)).toEqual({ ok: false, current: undefined });
      expect(await storage.delete(`${prefix}a`, 0)).toEqual({ ok: false, current: undefined });
    });

    it("deletes only the revision expected", async () => {
      const key = `${freshPrefix()}a`;
      const first = won(await storage.create(key, bytes("1")));
      const second = won(await storage.update(key, bytes("2"), first));
      const late = await storage.delete(key, first);
      expect(!late.ok && shown(late.current)).toEqual([key, "2", second]);
      const deleted = won(await storage.delete(key, second));
      expect(deleted).toBeGreaterThan(second);
      expect(await storage.get(key)).toBeUndefined();
    });

    it("lets exactly one of many creators win", async () => {
      const key = `${freshPrefix()}a`;
      const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => storage.create(key, bytes(`${n}`))));
      const winners = outcomes.filter((outcome) => outcome.ok);
      expect(winners).toHaveLength(1);
      const stored = await storage.get(key);
      for (const outcome of outcomes) if (!outcome.ok) expect(shown(outcome.current)).toEqual(shown(stored));
    });

    it("loses no increment of many writers that compare and swap", async () => {
      const key = `${freshPrefix()}counter`;
      won(await storage.create(key, bytes("0")));
      const increment = async (): Promise<void> => {
        for (;;) {
          const current = await storage.get(key);
          if (!current) throw new Error("the counter is gone");
          const next = bytes(`${Number(text(current.value)) + 1}`);
          if ((await storage.update(key, next, current.revision)).ok) return;
        }
      };
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let n = 0; n < 5; n++) await increment();
        }),
      );
      expect(text((await storage.get(key))?.value)).toBe("40");
    });

    it("gives every write a revision of its own, in the order in which one waits for the other", async () => {
      const prefix = freshPrefix();
      const before = await storage.currentRevision();
      const revisions: number[] = [];
      for (let n = 0; n < 5; n++) revisions.push(won(await storage.create(`${prefix}${n}`, bytes("x"))));
      expect(revisions.toSorted((a, b) => a - b)).toEqual(revisions);
      expect(new Set(revisions).size).toBe(5);
      expect(revisions[0]).toBeGreaterThan(before);
      expect(await storage.currentRevision()).toBe(revisions.at(-1));
    });

    it("does not count a comparison that was lost as a write", async () => {
      const key = `${freshPrefix()}a`;
      won(await storage.create(key, bytes("1")));
      const before = await storage.currentRevision();
      await storage.create(key, bytes("2"));
      await storage.update(key, bytes("2"), 1);
      await storage.delete(key, 1);
      expect(await storage.currentRevision()).toBe(before);
    });

    describe("list", () => {
      const keysOf = (list: { readonly items: readonly { readonly key: string }[] }): string[] =>
        list.items.map((item) => item.key);

      it("is in byte order and keeps to the prefix", async () => {
        const prefix = freshPrefix();
        const names = ["b", "a", "a-1", "a/1", "a1", "B", "é", "\u{1f600}", "\uffee", "z"];
        for (const name of names) won(await storage.create(prefix + name, bytes(name)));
        won(await storage.create(`${prefix.slice(0, -1)}x/y`, bytes("other")));
        const expected = names
          .map((name) => Buffer.from(prefix + name))
          .toSorted(Buffer.compare)
          .map(String);
        const list = await storage.list(prefix);
        expect(keysOf(list)).toEqual(expected);
        expect(list.remaining).toBe(0);
        expect(keysOf(await storage.list(`${prefix}a/`))).toEqual([`${prefix}a/1`]);
      });

      it("of nothing has the store's revision", async () => {
        const revision = won(await storage.create(`${freshPrefix()}a`, bytes("1")));
        expect(await storage.list(freshPrefix())).toEqual({ items: [], revision, remaining: 0 });
      });

      it("comes in pages that together are the list at one revision", async () => {
        const prefix = freshPrefix();
        const names = Array.from({ length: 25 }, (_, n) => `${prefix}${String(n).padStart(3, "0")}`);
        for (const name of names) won(await storage.create(name, bytes("first")));
        const first = await storage.list(prefix, { limit: 10 });
        expect(first.remaining).toBe(15);
        won(await storage.create(`${prefix}0125`, bytes("later")));
        won(
          await storage.update(names[12] ?? "", bytes("changed"), (await storage.get(names[12] ?? ""))?.revision ?? 0),
        );
        won(await storage.delete(names[13] ?? "", (await storage.get(names[13] ?? ""))?.revision ?? 0));
        const pages = [first];
        for (let page = first; page.remaining > 0; ) {
          page = await storage.list(prefix, {
            limit: 10,
            revision: first.revision,
            after: page.items.at(-1)?.key ?? "",
          });
          pages.push(page);
        }
        expect(pages.map((page) => [page.items.length, page.remaining, page.revision])).toEqual([
          [10, 15, first.revision],
          [10, 5, first.revision],
          [5, 0, first.revision],
        ]);
        expect(pages.flatMap(keysOf)).toEqual(names);
        expect(pages.flatMap((page) => page.items.map((item) => text(item.value)))).toEqual(names.map(() => "first"));
      });

      it("continues after a key that has gone", async () => {
        const prefix = freshPrefix();
        for (const name of ["a", "b", "c"]) won(await storage.create(prefix + name, bytes(name)));
        won(await storage.delete(`${prefix}b`, (await storage.get(`${prefix}b`))?.revision ?? 0));
        expect(keysOf(await storage.list(prefix, { after: `${prefix}b` }))).toEqual([`${prefix}c`]);
        expect(keysOf(await storage.list(prefix, { after: `${prefix}c` }))).toEqual([]);
      });

      it("shows the past as it was", async () => {
        const prefix = freshPrefix();
        const created = won(await storage.create(`${prefix}a`, bytes("1")));
        const updated = won(await storage.update(`${prefix}a`, bytes("2"), created));
        const deleted = won(await storage.delete(`${prefix}a`, updated));
        won(await storage.create(`${prefix}a`, bytes("3")));
        const at = async (revision: number): Promise<unknown> =>
          (await storage.list(prefix, { revision })).items.map(shown);
        expect(await at(created)).toEqual([[`${prefix}a`, "1", created]]);
        expect(await at(updated)).toEqual([[`${prefix}a`, "2", updated]]);
        expect(await at(deleted)).toEqual([]);
      });

      it("refuses a revision that is still to come", async () => {
        const revision = await storage.currentRevision();
        await expect(storage.list(freshPrefix(), { revision: revision + 1_000 })).rejects.toThrow(FutureRevisionError);
      });
    });

    describe("compaction", () => {
      it("keeps current values, and the past from its revision on", async () => {
        const prefix = freshPrefix();
        const first = won(await storage.create(`${prefix}a`, bytes("1")));
        const second = won(await storage.update(`${prefix}a`, bytes("2"), first));
        const third = won(await storage.update(`${prefix}a`, bytes("3"), second));
        const gone = won(await storage.create(`${prefix}b`, bytes("b")));
        won(await storage.delete(`${prefix}b`, gone));
        await storage.compact(second);
        await expect(storage.list(prefix, { revision: first })).rejects.toThrow(CompactedError);
        expect((await storage.list(prefix, { revision: second })).items.map(shown)).toEqual([
          [`${prefix}a`, "2", second],
        ]);
        expect((await storage.list(prefix, { revision: third })).items.map(shown)).toEqual([
          [`${prefix}a`, "3", third],
        ]);
        expect((await storage.list(prefix)).items.map(shown)).toEqual([[`${prefix}a`, "3", third]]);
      });

      it("is harmless when done twice or late, and refuses the future", async () => {
        const revision = won(await storage.create(`${freshPrefix()}a`, bytes("1")));
        await storage.compact(revision);
        await storage.compact(revision);
        await storage.compact(revision - 1);
        await expect(storage.compact(revision + 1_000)).rejects.toThrow(FutureRevisionError);
      });
    });

    it("lets a key go when its time is over, and keeps one whose update asked for none", async () => {
      const prefix = freshPrefix();
      const kept = won(await storage.create(`${prefix}kept`, bytes("1"), { ttlSeconds: 2 }));
      won(await storage.update(`${prefix}kept`, bytes("2"), kept));
      const short = won(await storage.create(`${prefix}short`, bytes("1"), { ttlSeconds: 2 }));
      expect((await storage.get(`${prefix}short`))?.revision).toBe(short);
      await passTtl(2);
      while (await storage.get(`${prefix}short`)) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(text((await storage.get(`${prefix}kept`))?.value)).toBe("2");
      expect(await storage.currentRevision()).toBeGreaterThan(short);
    });

    it("is healthy", async () => {
      await storage.healthCheck(AbortSignal.timeout(5_000));
    });
  });
}
