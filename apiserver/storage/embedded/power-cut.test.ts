import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { type Random, seededRandom } from "../../../base/random.js";
import type { Storage } from "../storage.js";
import { collectCount, shown } from "../storage.test-kit.js";
import { type EmbeddedOptions, openEmbedded } from "./embedded.js";

const cuts = 100;
const commits = 160;
const writers = 6;
const sectorBytes = 512;
/** The two pages that say which tree is the newest. They are written last, each in one sector, and synced at once. */
const metaBytes = 2 * 4096;

const home = mkdtempSync(join(tmpdir(), "navarch-power-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A write that was acknowledged, noted outside of the store. */
interface Noted {
  readonly key: string;
  readonly value: string | undefined;
  readonly revision: number;
}
/** The file after a sync, and how many writes had been acknowledged when that sync came back. */
interface Synced {
  readonly file: Buffer;
  readonly acknowledged: number;
}

it(`holds every acknowledged write after a power cut at any of ${cuts} points`, async () => {
  const random = seededRandom(20_26);
  const { journal, synced } = await record(random);
  expect(synced.length).toBeGreaterThan(commits);
  let torn = 0;
  for (let cut = 0; cut < cuts; cut++) {
    const at = 1 + Math.floor(random.next() * (synced.length - 2));
    const [now, next] = [synced[at], synced[at + 1]];
    if (!now || !next) throw new Error("no such sync");
    const file = [now.file, tear(now.file, next.file, random), withoutMeta(now.file, next.file)][cut % 3] ?? now.file;
    if (!file.equals(now.file)) torn++;
    await verify(file, journal, next.acknowledged, `cut ${cut} after sync ${at}`);
  }
  expect(torn).toBeGreaterThan(cuts / 2);
});

/** Any of the sectors that the next commit writes, in the file as long as it was or as it becomes; not the meta pages. */
function tear(now: Buffer, next: Buffer, random: Random): Buffer {
  const file = Buffer.alloc(random.next() < 0.5 ? now.length : next.length);
  now.copy(file);
  for (let at = metaBytes; at < file.length; at += sectorBytes)
    if (random.next() < 0.5) next.copy(file, at, at, at + sectorBytes);
  return file;
}

/** All that the next commit writes except that the meta pages never came. */
function withoutMeta(now: Buffer, next: Buffer): Buffer {
  const file = Buffer.from(next);
  now.copy(file, 0, 0, metaBytes);
  return file;
}

async function record(
  random: Random,
): Promise<{ readonly journal: readonly Noted[]; readonly synced: readonly Synced[] }> {
  const dir = join(home, "recorded");
  const journal: Noted[] = [];
  const synced: Synced[] = [];
  const storage = await open(dir, {
    syncFault: (stage) => {
      if (stage === "after") synced.push({ file: readFileSync(join(dir, "store.mdb")), acknowledged: journal.length });
      return undefined;
    },
  });
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; synced.length <= commits; n++) {
      const key = `/w${writer}/${Math.floor(random.next() * 8)}`;
      const expected = (await storage.get(key))?.revision ?? 0;
      const value = expected > 0 && random.next() < 0.2 ? undefined : `${n}:${"v".repeat(random.next() * 4_000)}`;
      const outcome =
        value === undefined
          ? await storage.delete(key, expected)
          : await storage.update(key, Buffer.from(value), expected);
      if (!outcome.ok) throw new Error("each writer has keys of its own");
      journal.push({ key, value, revision: outcome.revision });
      // Pages are given back and used again.
      if (n % 10 === 9) await storage.compact(Math.max(1, outcome.revision - 60));
      if (random.next() < 0.3) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  await storage.close();
  return { journal: journal.toSorted((left, right) => left.revision - right.revision), synced };
}

/** Opens the file, and compares it with the journal up to the revision that it has. */
async function verify(file: Buffer, journal: readonly Noted[], acknowledged: number, name: string): Promise<void> {
  const dir = join(home, name.replaceAll(" ", "-"));
  mkdirSync(dir);
  writeFileSync(join(dir, "store.mdb"), file);
  const storage = await open(dir);
  const revision = await storage.currentRevision();
  // Revisions are dense from 2 on, so that many writes were acknowledged in order.
  const owed = journal.slice(0, acknowledged).at(-1)?.revision ?? 1;
  expect({ name, holds: revision >= owed }).toEqual({ name, holds: true });

  const expected = new Map<string, Noted>();
  for (const noted of journal) if (noted.revision <= revision) expected.set(noted.key, noted);
  const live = [...expected.values()].filter((noted) => noted.value !== undefined);
  expect((await storage.list("/")).items.map(shown)).toEqual(
    live
      .toSorted((left, right) => (left.key < right.key ? -1 : 1))
      .map((noted) => [noted.key, noted.value, noted.revision]),
  );
  const recent = journal.filter((noted) => noted.revision > revision - 30 && noted.revision <= revision);
  const events = await collectCount(storage, "/", Math.max(1, revision - 30), recent.length);
  expect(events.map((event) => [event.key, event.revision])).toEqual(recent.map(({ key, revision: at }) => [key, at]));
  await storage.close();
  rmSync(dir, { recursive: true });
}

const open = (dir: string, options: Partial<EmbeddedOptions> = {}): Promise<Storage> =>
  openEmbedded({
    dir,
    log: silentLog,
    clock: systemClock,
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
