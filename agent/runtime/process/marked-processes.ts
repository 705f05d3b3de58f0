import { allPids, type ProcessIdentity, withEnvironments } from "../proc.js";

/**
 * Finds processes by an entry of their environment (`NAME=value`). To look at all processes of a host is dear, and
 * containers end together: one look serves all who asked before it began, and lets others do their work in between.
 */
export class MarkedProcesses {
  #asked = new Map<string, ((found: readonly ProcessIdentity[]) => void)[]>();
  #isLooking = false;

  /** Those that have the entry, as of a look that begins after the call. */
  find(entry: string): Promise<readonly ProcessIdentity[]> {
    return new Promise((resolve) => {
      this.#asked.set(entry, [...(this.#asked.get(entry) ?? []), resolve]);
      if (!this.#isLooking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#asked.size > 0) {
      // Whoever asks in the same turn of the loop is served by the same look.
      await turn();
      const asked = this.#asked;
      this.#asked = new Map();
      const found = await lookFor(asked);
      for (const [entry, tell] of asked) for (const each of tell) each(found.get(entry) ?? []);
    }
    this.#isLooking = false;
  }
}

async function lookFor(wanted: {
  has(entry: string): boolean;
}): Promise<ReadonlyMap<string, readonly ProcessIdentity[]>> {
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
