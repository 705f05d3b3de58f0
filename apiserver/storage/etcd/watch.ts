import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import {
  CompactedError,
  FutureRevisionError,
  type StorageEvent,
  StoreReplacedError,
  WatchBrokenError,
} from "../storage.js";
import type { EtcdClient, WatchStream } from "./client.js";
import { eventOf, prefixRange, type WatchMessage } from "./messages.js";

export interface EtcdWatchOptions {
  readonly client: Pick<EtcdClient, "range" | "openWatch">;
  readonly cluster: ClusterMark;
  readonly clock: Clock;
  readonly log: Logger;
  readonly prefix: string;
  readonly afterRevision: number;
  readonly signal: AbortSignal;
  /** Aborts when the store closes. */
  readonly closing: AbortSignal;
}

/** The cluster that a storage speaks to, as its watches last told their readers; it outlives each of them. */
export interface ClusterMark {
  id: string | undefined;
}

/** Between two attempts to get the stream back. */
const reconnectDelayMs = 200;

/**
 * A watch that outlives its connection: after a break it goes on from the last revision seen. While nobody reads, the
 * stream is not read either, and etcd keeps what comes; what it then compacts away ends the watch.
 */
export async function* watchEtcd(options: EtcdWatchOptions): AsyncGenerator<readonly StorageEvent[]> {
  const { clock, log, signal, closing, prefix, cluster } = options;
  let position = options.afterRevision;
  const expected = cluster.id;
  while (!signal.aborted) {
    if (closing.aborted) throw new WatchBrokenError("the store was closed");
    try {
      await checkStore(options, position, expected);
      for await (const events of readStream(options, position, expected)) {
        position = events.at(-1)?.revision ?? position;
        yield events;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CompactedError && position > options.afterRevision)
        throw new WatchBrokenError(`the watcher fell behind: it is at ${position}`, { cause: error });
      const isFinal = [CompactedError, FutureRevisionError, StoreReplacedError].some((kind) => error instanceof kind);
      if (isFinal || closing.aborted) throw error;
      log.warn("etcd watch interrupted", { prefix, position, error: messageOf(error) });
    }
    await clock.sleep(reconnectDelayMs, signal);
  }
}

/** A store that was replaced or restored must not be taken for the one that the position comes from. */
async function checkStore(
  { client, cluster }: EtcdWatchOptions,
  position: number,
  expected: string | undefined,
): Promise<void> {
  const { header } = await client.range({ key: Buffer.from("/"), count_only: true });
  checkCluster(cluster, header.cluster_id, expected);
  if (Number(header.revision) < position) throw new FutureRevisionError(Number(header.revision));
}

/** A watch that starts after this one was told is for what was read from the new cluster. */
function checkCluster(cluster: ClusterMark, id: string, expected: string | undefined): void {
  if (expected === undefined || id === expected) return;
  cluster.id = id;
  throw new StoreReplacedError(`etcd is another cluster now: ${id}, not ${expected}`);
}

async function* readStream(
  options: EtcdWatchOptions,
  position: number,
  expected: string | undefined,
): AsyncGenerator<readonly StorageEvent[]> {
  const { client, cluster, prefix, signal, closing } = options;
  const stream = await client.openWatch();
  const cancel = (): void => stream.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  closing.addEventListener("abort", cancel, { once: true });
  try {
    if (signal.aborted || closing.aborted) return;
    stream.write({ create_request: { ...prefixRange(prefix), start_revision: position + 1, prev_kv: true } });
    for await (const message of messagesOf(stream)) {
      checkCluster(cluster, message.header.cluster_id, expected);
      if (message.canceled) throw cancelError(message);
      if (message.events.length > 0) yield message.events.map(eventOf);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    closing.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

const messagesOf = (stream: WatchStream): AsyncIterable<WatchMessage> => stream as AsyncIterable<WatchMessage>;

/** A watch that begins before the compacted revision is cancelled without a reason, only with that revision. */
function cancelError(message: WatchMessage): Error {
  const compacted = Number(message.compact_revision);
  if (compacted > 0) return new CompactedError(compacted);
  return new Error(message.cancel_reason || "etcd cancelled the watch");
}
