import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { open as openLmdb } from "lmdb";
import { silentLog } from "../../../base/log.js";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { bundleWriter } from "../crash/bundle.js";
import { describeStorage } from "../storage.contract.js";
import { CompactedError, type Storage, StoreFullError, StoreLockedError, WatchBrokenError } from "../storage.js";
import { bytes, collectCount, shown, shownEvent, text, won } from "../storage.test-kit.js";
import { type EmbeddedOptions, openEmbedded } from "./embedded.js";

const clock = new VirtualClock();
const home = mkdtempSync(join(tmpdir(), "navarch-store-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let stores = 0;
const freshDir = (): string => join(home, `${++stores}`);
const open = (dir: string, options: Partial<EmbeddedOptions> = {}): Promise<Storage> =>
  openEmbedded({
    dir,
    log: silentLog,
    clock,
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });

describeStorage({
  name: "embedded",
  open: () => open(freshDir()),
  passTtl: (seconds) => clock.advance(seconds * 1_000),
  modelRuns: 100,
});

describe("an embedded store that is opened again", () => {
  it("holds what it held, at the same revision, and goes on from there", async () => {
    const dir = freshDir();
    const first = await open(dir);
    for (let n = 0; n < 50; n++) won(await first.create(`/k/${n}`, bytes(`value ${n}`.repeat(n * 10))));
    won(await first.update("/k/7", bytes("new"), (await first.get("/k/7"))?.revision ?? 0));
    won(await first.delete("/k/8", (await first.get("/k/8"))?.revision ?? 0));
    const before = await first.list("/");
    await first.close();

    const second = await open(dir);
    const after = await second.list("/");
    expect(after.revision).toBe(before.revision);
    expect(after.items.map(shown)).toEqual(before.items.map(shown));
    expect(won(await second.create("/k/8", bytes("again")))).toBe(before.revision + 1);
    await second.close();
  });

  it("lets watchers resume, and old revisions be read", async () => {
    const dir = freshDir();
    const first = await open(dir);
    const created = won(await first.create("/a", bytes("1")));
    const updated = won(await first.update("/a", bytes("2"), created));
    const deleted = won(await first.delete("/a", updated));
    await first.close();

    const second = await open(dir);
    const again = won(await second.create("/a", bytes("3")));
    expect((await collectCount(second, "/", created, 3)).map(shownEvent)).toEqual([
      ["update", "/a", "2", updated, ["/a", "1", created]],
      ["delete", "/a", deleted, ["/a", "2", updated]],
      ["create", "/a", "3", again, undefined],
    ]);
    expect((await second.list("/", { revision: created })).items.map(shown)).toEqual([["/a", "1", created]]);
    await second.close();
  });

  it("does not fall behind its revision when all that it held was deleted and forgotten", async () => {
    const dir = freshDir();
    const first = await open(dir);
    const created = won(await first.create("/a", bytes("1")));
    const deleted = won(await first.delete("/a", created));
    await first.compact(deleted);
    await first.close();

    const second = await open(dir);
    expect(await second.currentRevision()).toBe(deleted);
    await expect(collectCount(second, "/", created, 1)).rejects.toThrow(CompactedError);
    expect(won(await second.create("/a", bytes("2")))).toBe(deleted + 1);
    await second.close();
  });

  it("lets keys expire whose time was over meanwhile", async () => {
    const dir = freshDir();
    const first = await open(dir);
    won(await first.create("/short", bytes("1"), { ttlSeconds: 60 }));
    won(await first.create("/long", bytes("1"), { ttlSeconds: 600 }));
    await first.close();
    await clock.advance(61_000);
    const second = await open(dir);
    await clock.advance(1);
    while (await second.get("/short")) await sleep(10);
    expect((await second.list("/")).items.map((item) => item.key)).toEqual(["/long"]);
    await second.close();
  });

  it("refuses a file of which a write is missing, and says which", async () => {
    const dir = freshDir();
    const first = await open(dir);
    const revision = won(await first.create("/a", bytes("1")));
    won(await first.create("/b", bytes("1")));
    await first.close();
    const file = openLmdb({ path: join(dir, "store.mdb"), noSubdir: true, encoding: "binary" });
    file.removeSync(revision);
    await file.close();
    await expect(open(dir)).rejects.toThrow(`revision ${revision} is missing`);
  });
});

describe("an embedded store's directory", () => {
  it("is readable by its owner only", async () => {
    const dir = join(freshDir(), "made");
    const storage = await open(dir);
    won(await storage.create("/a", bytes("1")));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, "store.mdb")).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "store.mdb-lock")).mode & 0o777).toBe(0o600);
    await storage.close();
  });

  it("is open once in a process", async () => {
    const dir = freshDir();
    const storage = await open(dir);
    await expect(open(dir)).rejects.toThrow(StoreLockedError);
    won(await storage.create("/a", bytes("1")));
    await storage.close();
    await (await open(dir)).close();
  });

  it("is open in one process, until that ends, be it by SIGKILL", async () => {
    const dir = freshDir();
    const bundle = bundleWriter(freshDir());
    const child = spawn(process.execPath, [bundle, dir, "[0]"], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const refused = open(dir);
    await expect(refused).rejects.toThrow(StoreLockedError);
    await expect(refused).rejects.toThrow(`process ${child.pid}`);
    child.stdout.resume();
    child.kill("SIGKILL");
    await once(child, "close");
    const storage = await open(dir);
    expect(await storage.currentRevision()).toBeGreaterThan(1);
    await storage.close();
  });
});

describe("the bounds of an embedded store", () => {
  it("creates are refused at the limit, updates a little later, deletes never", async () => {
    const dir = freshDir();
    const storage = await open(dir, { limitBytes: 100_000 });
    const revisions: number[] = [];
    const fill = async (): Promise<void> => {
      for (let n = 0; n < 1_000; n++) revisions.push(won(await storage.create(`/${n}`, Buffer.alloc(1_000))));
    };
    await expect(fill()).rejects.toThrow(StoreFullError);
    expect(revisions).toHaveLength(99);
    const grown = won(await storage.update("/0", Buffer.alloc(5_000), revisions[0] ?? 0));
    await expect(storage.update("/1", Buffer.alloc(5_000), revisions[1] ?? 0)).rejects.toThrow(StoreFullError);
    won(await storage.update("/1", Buffer.alloc(500), revisions[1] ?? 0));
    won(await storage.delete("/0", grown));
    won(await storage.create("/new", Buffer.alloc(1_000)));
    await storage.close();

    const again = await open(dir, { limitBytes: 100_000 });
    await expect(again.create("/more", Buffer.alloc(10_000))).rejects.toThrow(StoreFullError);
    await again.close();
  });

  it("history above its weight goes, oldest first, on disk too; a watcher left behind is cut off", async () => {
    const dir = freshDir();
    const storage = await open(dir, { historyBytes: 50_000 });
    const controller = new AbortController();
    let revision = won(await storage.create("/a", Buffer.alloc(1_000)));
    const slow = storage.watch("/", revision - 1, controller.signal)[Symbol.asyncIterator]();
    expect((await slow.next()).value).toHaveLength(1);
    for (let n = 0; n < 200; n++) revision = won(await storage.update("/a", Buffer.alloc(1_000), revision));
    await expect(slow.next()).rejects.toThrow(WatchBrokenError);
    await expect(storage.list("/", { revision: revision - 100 })).rejects.toThrow(CompactedError);
    expect((await storage.list("/", { revision: revision - 30 })).items).toHaveLength(1);
    won(await storage.create("/b", bytes("1")));
    await storage.close();

    const file = openLmdb({ path: join(dir, "store.mdb"), noSubdir: true, encoding: "binary" });
    expect(file.getCount({ start: 1 })).toBeLessThan(60);
    await file.close();
    const again = await open(dir);
    await expect(again.list("/", { revision: revision - 100 })).rejects.toThrow(CompactedError);
    expect((await again.get("/a"))?.revision).toBe(revision);
    await again.close();
  });

  it("history goes when its time is over", async () => {
    const storage = await open(freshDir(), { historyMs: 60_000 });
    const first = won(await storage.create("/a", bytes("1")));
    const second = won(await storage.update("/a", bytes("2"), first));
    await clock.advance(59_000);
    expect((await storage.list("/", { revision: first })).items).toHaveLength(1);
    const old = (): Promise<unknown> => storage.list("/", { revision: first }).catch((error: unknown) => error);
    for (let step = 0; step < 1_000 && !((await old()) instanceof CompactedError); step++) {
      await clock.advance(6_000);
      await sleep(5);
    }
    expect(await old()).toBeInstanceOf(CompactedError);
    expect(text((await storage.get("/a"))?.value)).toBe("2");
    expect((await storage.list("/", { revision: second })).items).toHaveLength(1);
    await storage.close();
  });
});
