import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RootDatabase } from "lmdb";
import { messageOf } from "../../../base/error-text.js";
import { isAlive, type ProcessIdentity, thisProcess } from "../../../base/process-identity.js";
import type { Journal, JournalGroup } from "../mvcc/commits.js";
import { firstRevision, type History } from "../mvcc/history.js";
import { StoreLockedError } from "../storage.js";
import { decodeRecord, encodeRecords } from "./record.js";

/** Keys below the first revision, so that writes can always be appended. */
const ownerKey = -1;
const metaKey = 0;
const formatVersion = 1;

interface Meta {
  readonly format: number;
  readonly compacted: number;
}

export const storeFileName = "store.mdb";

/** Directories open in this process: lmdb's own lock does not keep a process from itself. */
const openHere = new Set<string>();

/** The store's file: one record a write, under its revision, until nothing needs it any more. */
export class Disk implements Journal {
  readonly #root: RootDatabase<Uint8Array, number>;
  readonly #dir: string;

  private constructor(root: RootDatabase<Uint8Array, number>, dir: string) {
    this.#root = root;
    this.#dir = dir;
  }

  /** Throws StoreLockedError when the directory is in use. */
  static async open(directory: string): Promise<Disk> {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    const dir = realpathSync(directory);
    if (openHere.has(dir)) throw lockedBy(dir, process.pid);
    openHere.add(dir);
    try {
      const isNew = !existsSync(join(dir, storeFileName));
      const root = await openFile(join(dir, storeFileName));
      try {
        claim(root, dir);
        if (isNew) syncDirectory(dir);
        if (made) syncDirectory(dirname(realpathSync(made)));
      } catch (error) {
        await root.close();
        throw error;
      }
      return new Disk(root, dir);
    } catch (error) {
      openHere.delete(dir);
      throw error;
    }
  }

  /** Reads everything once. */
  restore(history: History): void {
    history.restoreFrom(readMeta(this.#root).compacted);
    let revision = metaKey;
    try {
      for (const record of this.#root.getRange({ start: metaKey + 1 })) {
        revision = record.key;
        history.restore({ revision, ...decodeRecord(record.value) });
      }
    } catch (error) {
      const why = messageOf(error);
      throw new Error(`the store in ${this.#dir} is damaged at revision ${revision}: ${why}`, { cause: error });
    }
  }

  async commit({ versions, unneeded, compacted }: JournalGroup): Promise<void> {
    const root = this.#root;
    const records = encodeRecords(
      versions.map(({ key, expiresAtMs, stored }) => ({ key, expiresAtMs, value: stored?.value })),
    );
    const appended: Promise<boolean>[] = [];
    const others: Promise<boolean>[] = [];
    const done = root.batch(() => {
      for (const [index, { revision }] of versions.entries())
        appended.push(root.put(revision, records[index] ?? noBytes, appendOnly));
      for (const revision of unneeded) others.push(root.remove(revision));
      if (unneeded.length > 0) others.push(root.put(metaKey, encodeMeta({ format: formatVersion, compacted })));
    });
    const writes = [done, ...others, ...appended];
    // A failed commit may come back in several parts, each with a cause of its own that someone has to have asked for.
    for (const write of writes) write.catch(causeOf);
    try {
      await Promise.all(writes);
    } catch (error) {
      throw await causeOf(error);
    }
    if ((await Promise.all(appended)).includes(false)) throw new Error("a write is not the newest on disk");
  }

  async close(): Promise<void> {
    try {
      this.#root.removeSync(ownerKey);
    } finally {
      openHere.delete(this.#dir);
      await this.#root.close();
    }
  }
}

/** Fails for a key that would not be the last, and fills the pages that it leaves behind. */
const appendOnly = { append: true };

const noBytes = new Uint8Array();

const openFile = async (path: string): Promise<RootDatabase<Uint8Array, number>> => {
  const { open } = await import("lmdb");
  // Without overlapping syncs a write is neither settled nor visible before it is on disk.
  return open<Uint8Array, number>({
    path,
    noSubdir: true,
    encoder: rawBytes(),
    cache: false,
    overlappingSync: false,
    eventTurnBatching: false,
    permissionsMode: 0o600,
  });
};

const slabBytes = 256 * 1024;

/**
 * Bytes as they are. What is read is copied into slabs: lmdb's own way makes an ArrayBuffer for each value, which costs
 * more than all the rest of reading a store.
 */
function rawBytes(): { encode(value: Uint8Array): Uint8Array; decode(bytes: Uint8Array): Uint8Array } {
  let slab = Buffer.alloc(0);
  let used = 0;
  return {
    encode: (value) => value,
    decode(bytes) {
      // A buffer that lmdb uses again and again: its `length` says how much of it is meant, and set() would take it all.
      const size = bytes.length;
      const isLarge = size > slabBytes / 8;
      if (!isLarge && used + size > slab.length) {
        slab = Buffer.allocUnsafeSlow(slabBytes);
        used = 0;
      }
      const copy = isLarge ? Buffer.allocUnsafeSlow(size) : slab.subarray(used, used + size);
      if (!isLarge) used += size;
      copy.set(bytes.subarray(0, size));
      return copy;
    },
  };
}

/** In a write transaction of lmdb's, which one process at a time can have, so two cannot both find the owner dead. */
function claim(root: RootDatabase<Uint8Array, number>, dir: string): void {
  const holder = root.transactionSync((): ProcessIdentity | undefined => {
    const claimed = root.get(ownerKey);
    const owner = claimed && parseOwner(claimed);
    if (owner && owner.pid !== process.pid && isAlive(owner)) return owner;
    root.putSync(ownerKey, encodeJson(thisProcess()));
    return undefined;
  });
  if (holder) throw lockedBy(dir, holder.pid);
}

/** A file is found after a power cut only when its directory was synced too. */
function syncDirectory(dir: string): void {
  const descriptor = openSync(dir, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const lockedBy = (dir: string, pid: number): StoreLockedError =>
  new StoreLockedError(`the store in ${dir} is in use by process ${pid}: stop it, or choose another directory`);

function readMeta(root: RootDatabase<Uint8Array, number>): Meta {
  const bytes = root.get(metaKey);
  if (!bytes) return { format: formatVersion, compacted: firstRevision };
  const meta = parseJson(bytes);
  if (meta.format !== formatVersion || typeof meta.compacted !== "number")
    throw new Error(`the store has format ${String(meta.format)}, and this version reads format ${formatVersion}`);
  return { format: formatVersion, compacted: meta.compacted };
}

function parseOwner(bytes: Uint8Array): ProcessIdentity | undefined {
  const { pid, startTime, bootId } = parseJson(bytes);
  if (typeof pid !== "number" || typeof startTime !== "string" || typeof bootId !== "string") return undefined;
  return { pid, startTime, bootId };
}

const encodeJson = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));
const encodeMeta = (meta: Meta): Uint8Array => encodeJson(meta);
const parseJson = (bytes: Uint8Array): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(bytes).toString("utf8")) as Readonly<Record<string, unknown>>;

/** lmdb says only that a commit failed; why is in a promise beside it. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !("commitError" in error)) return error;
  return Promise.resolve(error.commitError).then(
    () => error,
    (cause: unknown) => cause,
  );
}
