import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { type Storage, type StorageEvent, StoreUnavailableError } from "../storage.js";
import { bytes, shown, shownEvent, won } from "../storage.test-kit.js";
import { type EmbeddedOptions, openEmbedded, type SyncFault } from "./embedded.js";

const home = mkdtempSync(join(tmpdir(), "navarch-sync-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let stores = 0;
const open = (options: Partial<EmbeddedOptions> = {}): Promise<Storage> =>
  openEmbedded({
    dir: join(home, `${++stores}`),
    log: silentLog,
    clock: systemClock,
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });

/** A fault point that holds every sync, at one stage, while it is closed. */
class Gate {
  readonly stage: "before" | "after";
  #open: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  syncs = 0;

  constructor(stage: "before" | "after") {
    this.stage = stage;
  }
  close(): void {
    this.#closed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }
  release(): void {
    this.#closed = undefined;
    this.#open?.();
  }
  readonly fault: SyncFault = (stage) => {
    if (stage === "before") this.syncs++;
    return stage === this.stage ? this.#closed : undefined;
  };
}

/** Follows everything; what it saw so far. */
async function follow(storage: Storage): Promise<{ readonly seen: StorageEvent[]; stop(): Promise<void> }> {
  const controller = new AbortController();
  const seen: StorageEvent[] = [];
  const after = await storage.currentRevision();
  const done = (async (): Promise<void> => {
    for await (const events of storage.watch("/", after, controller.signal)) seen.push(...events);
  })();
  return {
    seen,
    stop: () => {
      controller.abort();
      return done;
    },
  };
}

/** Every kind of write, also such as lose against a write that is held; what became of each so far. */
function writeAll(storage: Storage, base: { readonly updated: number; readonly deleted: number }): unknown[] {
  const outcomes: unknown[] = [];
  const note = (name: string, write: Promise<unknown>): void =>
    void write.then(
      (outcome) => outcomes.push([name, outcome]),
      (error: unknown) => outcomes.push([name, error]),
    );
  note("create", storage.create("/created", bytes("new")));
  note("update", storage.update("/updated", bytes("new"), base.updated));
  note("delete", storage.delete("/deleted", base.deleted));
  note("create twice", storage.create("/created", bytes("late")));
  note("stale update", storage.update("/updated", bytes("late"), base.updated));
  note("stale delete", storage.delete("/deleted", base.deleted));
  note("recreate", storage.create("/deleted", bytes("again")));
  return outcomes;
}

async function prepare(storage: Storage): Promise<{ readonly updated: number; readonly deleted: number }> {
  return {
    updated: won(await storage.create("/updated", bytes("old"))),
    deleted: won(await storage.create("/deleted", bytes("old"))),
  };
}

async function view(storage: Storage): Promise<unknown> {
  const list = await storage.list("/");
  const gets = await Promise.all(["/created", "/updated", "/deleted"].map((key) => storage.get(key)));
  return [list.items.map(shown), list.revision, gets.map(shown), await storage.currentRevision()];
}

describe.each(["before", "after"] as const)("while a sync is held (%s the disk has it)", (stage) => {
  it("nothing of the held writes is answered, readable, watched or counted; released, all of it is", async () => {
    const gate = new Gate(stage);
    const storage = await open({ syncFault: gate.fault });
    const base = await prepare(storage);
    const watcher = await follow(storage);
    const before = await view(storage);

    gate.close();
    const outcomes = writeAll(storage, base);
    for (let look = 0; look < 10; look++) {
      await sleep(20);
      expect(outcomes).toEqual([]);
      expect(watcher.seen).toEqual([]);
      expect(await view(storage)).toEqual(before);
    }
    const late = storage.watch("/", base.deleted, new AbortController().signal)[Symbol.asyncIterator]();
    const lateEvents = late.next();
    expect(await Promise.race([lateEvents, sleep(50, "silence")])).toBe("silence");

    gate.release();
    expect((await lateEvents).done).toBe(false);
    const [first, second, third, fourth] = [1, 2, 3, 4].map((n) => base.deleted + n);
    const created = [`/created`, "new", first];
    const updated = ["/updated", "new", second];
    while (outcomes.length < 7 || watcher.seen.length < 4) await sleep(10);
    expect(watcher.seen.map(shownEvent)).toEqual([
      ["create", ...created, undefined],
      ["update", ...updated, ["/updated", "old", base.updated]],
      ["delete", "/deleted", third, ["/deleted", "old", base.deleted]],
      ["create", "/deleted", "again", fourth, undefined],
    ]);
    expect(new Map(outcomes as [string, unknown][])).toMatchObject(
      new Map<string, unknown>([
        ["create", { ok: true, revision: first }],
        ["update", { ok: true, revision: second }],
        ["delete", { ok: true, revision: third }],
        ["create twice", { ok: false, current: { key: "/created", value: bytes("new"), revision: first } }],
        ["stale update", { ok: false, current: { key: "/updated", value: bytes("new"), revision: second } }],
        ["stale delete", { ok: false, current: undefined }],
        ["recreate", { ok: true, revision: fourth }],
      ]),
    );
    await watcher.stop();
    await storage.close();
  });

  it("a write that changes nothing is not held", async () => {
    const gate = new Gate(stage);
    const storage = await open({ syncFault: gate.fault });
    await prepare(storage);
    gate.close();
    void storage.create("/held", bytes("1")).catch(() => undefined);
    expect(await storage.create("/updated", bytes("2"))).toMatchObject({ ok: false });
    gate.release();
    await storage.close();
  });
});

describe("group commit", () => {
  it("takes few syncs for many writers, and still orders every write", async () => {
    const gate = new Gate("before");
    const storage = await open({ syncFault: gate.fault });
    const outcomes = await Promise.all(Array.from({ length: 500 }, (_, n) => storage.create(`/${n}`, bytes("x"))));
    expect(gate.syncs).toBeLessThanOrEqual(3);
    expect(new Set(outcomes.map(won)).size).toBe(500);
    await storage.close();
  });
});

const failures: readonly [string, SyncFault, RegExp][] = [
  ["fails before the disk has it", async (stage) => fail(stage === "before"), /EIO/],
  ["fails after the disk has it", async (stage) => fail(stage === "after"), /EIO/],
  ["hangs", (stage) => (stage === "before" ? new Promise(() => undefined) : undefined), /within 2000 ms/],
];
function fail(now: boolean): void {
  if (now) throw new Error("EIO: i/o error, fdatasync");
}

describe.each(failures)("a sync that %s", (_, fault, message) => {
  it("acknowledges none of the held writes, shows none, and is fatal once", async () => {
    const fatal: Error[] = [];
    let broken = false;
    const storage = await open({
      syncFault: (stage) => (broken ? fault(stage) : undefined),
      commitTimeoutMs: 2_000,
      onFatal: (error) => fatal.push(error),
    });
    const base = await prepare(storage);
    const watcher = await follow(storage);
    const before = await view(storage);
    await storage.healthCheck(AbortSignal.timeout(60_000));

    broken = true;
    const started = performance.now();
    const outcomes = writeAll(storage, base);
    while (fatal.length === 0) await sleep(10);
    expect(performance.now() - started).toBeLessThan(20_000);
    while (outcomes.length < 7) await sleep(10);
    for (const [, outcome] of outcomes as [string, unknown][]) expect(outcome).toBeInstanceOf(StoreUnavailableError);
    expect(fatal[0]?.message).toMatch(message);

    broken = false;
    await expect(storage.create("/later", bytes("1"))).rejects.toThrow(StoreUnavailableError);
    await expect(storage.healthCheck(AbortSignal.timeout(1_000))).rejects.toThrow(StoreUnavailableError);
    await sleep(50);
    expect(fatal).toHaveLength(1);
    expect(watcher.seen).toEqual([]);
    expect(await view(storage)).toEqual(before);
    await watcher.stop();
    await storage.close();
  });
});
