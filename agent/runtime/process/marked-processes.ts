import { allPids, type ProcessIdentity, withEnvironments } from "../proc.js";

/**
 * Finds processes by an entry of their environment (`NAME=value`). To look at all processes of a host is dear, and
 * containers end together: one look serves all who asked before it began, and lets others do their work in between.
 */
export class MarkedProcesses {
  #asked = new Map<string, Promise<readonly ProcessIdentity[]>>();
  /** The look that is under way, if there is one. */
  #looking: Promise<unknown> = Promise.resolve();
  #next: Promise<Found> | undefined;

  /** Those that have the entry, as of a look that begins after the call. */
  find(entry: string): Promise<readonly ProcessIdentity[]> {
    const known = this.#asked.get(entry);
    if (known) return known;
    this.#next ??= this.#look();
    const found = this.#next.then((all) => all.get(entry) ?? []);
    this.#asked.set(entry, found);
    return found;
  }

  async #look(): Promise<Found> {
    await this.#looking;
    // Whoever asks in the same turn of the loop is served by the same look.
    await turn();
    const asked = this.#asked;
    this.#asked = new Map();
    const look = lookFor(asked);
    this.#next = undefined;
    this.#looking = look.catch(() => {});
    return look;
  }
}

type Found = ReadonlyMap<string, readonly ProcessIdentity[]>;

async function lookFor(wanted: { has(entry: string): boolean }): Promise<Found> {
  const found = new Map<string, ProcessIdentity[]>();
  const pids = allPids();
  for (let at = 0; at < pids.length; at += pidsAtOnce) {
    if (at > 0) await turn();
    for (const { entry, identity } of withEnvironments(wanted, pids.slice(at, at + pidsAtOnce)))
      found.set(entry, [...(found.get(entry) ?? []), identity]);
  }
  return found;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** About a millisecond's worth. */
const pidsAtOnce = 50;
