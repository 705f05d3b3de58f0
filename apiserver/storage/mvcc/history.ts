import { assert } from "../../../base/assert.js";
import { CompactedError, FutureRevisionError, type StorageEvent, type StoredValue } from "../storage.js";
import { KeyIndex } from "./key-index.js";

/** One write to one key. The versions of a key form a chain back to the oldest one kept. */
export interface Version {
  readonly key: string;
  readonly revision: number;
  /** Absent where the write was a deletion. */
  readonly stored: StoredValue | undefined;
  /** Wall clock at which the key goes by itself; 0 for never. */
  readonly expiresAtMs: number;
  previous: Version | undefined;
}

/** A store without a write is at this revision, as etcd is: 0 means something else to clients. */
export const firstRevision = 1;

interface Chain {
  readonly key: string;
  newest: Version;
}

export interface Slice {
  readonly items: readonly StoredValue[];
  readonly lastKey: string | undefined;
}

/** What a superseded version costs beside its value. */
const versionOverheadBytes = 200;

/**
 * Every key's versions since the compacted revision, and the log of all writes since then. Writes are appended first
 * and become visible when they are published; until then only `newest` knows them. Pure state: no clock, no disk.
 */
export class History {
  readonly #chains = new KeyIndex<Chain>();
  /** The write of revision r is at r - #logBase. */
  #log: (Version | undefined)[] = [];
  #logBase = firstRevision + 1;
  #compacted = firstRevision;
  #published = firstRevision;
  #appended = firstRevision;
  #liveBytes = 0;
  #historyBytes = 0;

  /** The newest revision that readers see. */
  get published(): number {
    return this.#published;
  }
  /** History reaches back to, and lists can be read at, this revision. */
  get compacted(): number {
    return this.#compacted;
  }
  /** Keys and values of everything that exists, unpublished writes included. */
  get liveBytes(): number {
    return this.#liveBytes;
  }
  /** What is kept only so that the past can be read. */
  get historyBytes(): number {
    return this.#historyBytes;
  }

  /** The key's last write, published or not. */
  newest(key: string): Version | undefined {
    return this.#chains.get(key)?.newest;
  }

  get(key: string): StoredValue | undefined {
    return storedAt(this.#chains.get(key)?.newest, this.#published);
  }

  /**
   * What the keys under the prefix and after `after` held at a published revision, looking at no more than `maxKeys` of
   * them; `lastKey` is where it stopped, absent at the end.
   */
  slice(prefix: string, revision: number, after: string | undefined, maxKeys: number): Slice {
    this.#check(revision);
    const items: StoredValue[] = [];
    let looked = 0;
    let lastKey: string | undefined;
    this.#chains.scan(prefix, after, (chain) => {
      const stored = storedAt(chain.newest, revision);
      if (stored) items.push(stored);
      if (++looked < maxKeys) return true;
      lastKey = chain.key;
      return false;
    });
    return { items, lastKey };
  }

  /** The published changes under the prefix after a revision: at most `max`, and how far the look went. */
  changes(prefix: string, after: number, max: number): { readonly events: StorageEvent[]; readonly upTo: number } {
    this.#check(after);
    const events: StorageEvent[] = [];
    let upTo = after;
    while (upTo < this.#published && events.length < max) {
      upTo++;
      const version = this.#log[upTo - this.#logBase];
      assert(version?.revision === upTo, `the log has no revision ${upTo}`);
      if (version.key.startsWith(prefix)) events.push(eventOf(version));
    }
    return { events, upTo };
  }

  #check(revision: number): void {
    if (revision < this.#compacted) throw new CompactedError(this.#compacted);
    if (revision > this.#published) throw new FutureRevisionError(this.#published);
  }

  /** The next write; it is visible to nobody but `newest` before it is published. */
  append(key: string, value: Uint8Array | undefined, expiresAtMs: number): Version {
    return this.#push(key, ++this.#appended, value, expiresAtMs);
  }

  /** Shows every write up to the revision to readers. */
  publish(revision: number): void {
    assert(revision >= this.#published && revision <= this.#appended, "published out of order");
    this.#published = revision;
  }

  /** Takes a write back from disk; they come in order of revision, first those that only current values need. */
  restore(record: { key: string; revision: number; value: Uint8Array | undefined; expiresAtMs: number }): void {
    const { key, revision, value, expiresAtMs } = record;
    if (revision > this.#compacted) {
      if (revision !== this.#appended + 1)
        throw new Error(`revision ${this.#appended + 1} is missing (the next one is ${revision})`);
      this.#appended = revision;
      this.#published = revision;
      this.#push(key, revision, value, expiresAtMs);
    } else {
      if (this.#chains.get(key)) throw new Error(`the key ${key} is there twice`);
      if (value) this.#push(key, revision, value, expiresAtMs);
    }
  }

  /** Before the first `restore`: where the kept history begins. */
  restoreFrom(compacted: number): void {
    this.#compacted = compacted;
    this.#logBase = compacted + 1;
    this.#published = compacted;
    this.#appended = compacted;
  }

  /** Every version that expires and is still its key's last. */
  expiring(): Version[] {
    const found: Version[] = [];
    this.#chains.scan("", undefined, ({ newest }) => {
      if (newest.expiresAtMs > 0) found.push(newest);
      return true;
    });
    return found;
  }

  #push(key: string, revision: number, value: Uint8Array | undefined, expiresAtMs: number): Version {
    const chain = this.#chains.get(key);
    const previous = chain?.newest;
    const stored = value && { key, value, revision };
    const version: Version = { key, revision, stored, expiresAtMs, previous };
    if (chain) chain.newest = version;
    else this.#chains.add({ key, newest: version });
    if (previous?.stored) {
      this.#historyBytes += costOf(previous);
      this.#liveBytes -= key.length + previous.stored.value.length;
    }
    if (value) this.#liveBytes += key.length + value.length;
    if (revision > this.#compacted) this.#log.push(version);
    return version;
  }

  /**
   * Forgets history up to and including the revision, at most `max` writes of it, and returns the revisions whose
   * records nothing needs any more.
   */
  compact(revision: number, max: number): number[] {
    const unneeded: number[] = [];
    const end = Math.min(revision, this.#published, this.#compacted + max);
    while (this.#compacted < end) {
      const at = this.#compacted + 1 - this.#logBase;
      const version = this.#log[at];
      assert(version, "the log ends before the published revision");
      this.#log[at] = undefined;
      this.#compacted++;
      if (version.previous?.stored) {
        unneeded.push(version.previous.revision);
        this.#historyBytes -= costOf(version.previous);
      }
      version.previous = undefined;
      if (version.stored) continue;
      unneeded.push(version.revision);
      if (this.#chains.get(version.key)?.newest === version) this.#chains.remove(version.key);
    }
    this.#trimLog();
    return unneeded;
  }

  #trimLog(): void {
    const forgotten = this.#compacted + 1 - this.#logBase;
    if (forgotten < 1024 || forgotten * 2 < this.#log.length) return;
    this.#log = this.#log.slice(forgotten);
    this.#logBase += forgotten;
  }
}

/** What the key held at a revision. */
function storedAt(newest: Version | undefined, revision: number): StoredValue | undefined {
  let version = newest;
  while (version && version.revision > revision) version = version.previous;
  return version?.stored;
}

function eventOf({ key, revision, stored, previous }: Version): StorageEvent {
  const before = previous?.stored;
  return stored
    ? { type: "put", key, value: stored.value, revision, created: before === undefined, previous: before }
    : { type: "delete", key, revision, previous: before };
}

const costOf = (version: Version): number => versionOverheadBytes + (version.stored?.value.length ?? 0);
