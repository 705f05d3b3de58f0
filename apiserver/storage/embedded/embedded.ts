import { type Clock, systemClock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import type { Journal } from "../mvcc/commits.js";
import { History } from "../mvcc/history.js";
import { MvccStorage } from "../mvcc/mvcc-storage.js";
import { defaultHistoryBytes, defaultHistoryMs, defaultLimitBytes, type Storage } from "../storage.js";
import { Disk } from "./disk.js";

/**
 * A fault point around each sync: what it returns is waited for before the group of writes goes to disk and again
 * before it is acknowledged; a rejection fails the commit.
 */
export type SyncFault = (stage: "before" | "after") => Promise<void> | undefined;

export interface EmbeddedOptions {
  /** Made with mode 0700 where it is missing. One process at a time may have it open. */
  readonly dir: string;
  readonly log: Logger;
  readonly clock: Clock;
  /**
   * Called once when a write cannot be brought to disk. The store acknowledges nothing from then on, and what it held
   * may or may not be on disk: end the process.
   */
  readonly onFatal: (error: Error) => void;
  readonly syncFault?: SyncFault;
  readonly commitTimeoutMs?: number;
  readonly limitBytes?: number;
  readonly historyMs?: number;
  readonly historyBytes?: number;
}

/** A store in one file on the local disk, for one API server. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Storage> {
  const { dir, log, clock, onFatal, syncFault, commitTimeoutMs } = options;
  const disk = await Disk.open(dir);
  const history = new History();
  const startedMs = systemClock.monotonic();
  try {
    disk.restore(history);
  } catch (error) {
    await disk.close();
    throw error;
  }
  const tookMs = Math.round(systemClock.monotonic() - startedMs);
  log.info("store opened", { dir, revision: history.published, bytes: history.liveBytes, tookMs });
  return new MvccStorage({
    history,
    clock,
    journal: syncFault ? withFault(disk, syncFault) : disk,
    diskClock: systemClock,
    onFatal: (error) => {
      log.error("store failed", { dir, error: error.message });
      onFatal(error);
    },
    ...(commitTimeoutMs === undefined ? {} : { commitTimeoutMs }),
    limitBytes: options.limitBytes ?? defaultLimitBytes,
    historyMs: options.historyMs ?? defaultHistoryMs,
    historyBytes: options.historyBytes ?? defaultHistoryBytes,
  });
}

const withFault = (journal: Journal, fault: SyncFault): Journal => ({
  async commit(group) {
    await fault("before");
    await journal.commit(group);
    await fault("after");
  },
  close: () => journal.close(),
});
