import type { IKeyValue, IRequestOp } from "etcd3";
import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import { startCompaction } from "../compaction.js";
import {
  CompactedError,
  defaultHistoryMs,
  FutureRevisionError,
  type ListOptions,
  type Storage,
  type StorageEvent,
  type StoredList,
  type StoredValue,
  StoreFullError,
  StoreUnavailableError,
  type WriteOptions,
  type WriteOutcome,
} from "../storage.js";
import { EtcdClient, type EtcdTls, leaseMissing } from "./client.js";
import { Leases } from "./leases.js";
import { prefixRange, storedOf } from "./messages.js";
import { type ClusterMark, watchEtcd } from "./watch.js";

export interface EtcdOptions {
  /** `http://host:port` or `https://host:port`, all of one kind. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long the past can be read; 0 leaves compaction to somebody else. */
  readonly historyMs?: number;
}

/** Keys in one answer: larger lists are read in several, so that none is decoded in one long turn. */
const pageKeys = 500;

/** Objects in etcd, under the keys as given. Throws StoreUnavailableError when no endpoint answers. */
export async function openEtcd(options: EtcdOptions): Promise<Storage> {
  const { endpoints, tls, log, clock } = options;
  const client = await EtcdClient.open({ endpoints, clock, ...(tls ? { tls } : {}) });
  const storage = new EtcdStorage(client, options);
  try {
    const revision = await storage.currentRevision();
    log.info("etcd reached", { endpoints: client.name, revision });
  } catch (error) {
    await storage.close();
    throw error;
  }
  return storage;
}

class EtcdStorage implements Storage {
  readonly #client: EtcdClient;
  readonly #leases: Leases;
  readonly #options: EtcdOptions;
  readonly #closing = new AbortController();
  readonly #cluster: ClusterMark = { id: undefined };

  constructor(client: EtcdClient, options: EtcdOptions) {
    this.#client = client;
    this.#options = options;
    this.#leases = new Leases(client, options.clock);
    const keepMs = options.historyMs ?? defaultHistoryMs;
    if (keepMs === 0) return;
    startCompaction(this, {
      clock: options.clock,
      keepMs,
      signal: this.#closing.signal,
      onError: (error) => options.log.warn("etcd was not compacted", { error: messageOf(error) }),
    });
  }

  async get(key: string): Promise<StoredValue | undefined> {
    this.#checkOpen();
    const { kvs } = await this.#client.range({ key: Buffer.from(key) });
    return kvs[0] && storedOf(kvs[0]);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<StoredList> {
    this.#checkOpen();
    const limit = options.limit || Number.POSITIVE_INFINITY;
    const items: StoredValue[] = [];
    let { after, revision } = options;
    for (;;) {
      const page = await this.#page(prefix, after, Math.min(pageKeys, limit - items.length), revision);
      for (const kv of page.kvs) items.push(storedOf(kv));
      revision ??= page.revision;
      if (page.remaining === 0 || items.length >= limit || page.kvs.length === 0)
        return { items, revision, remaining: page.remaining };
      after = items.at(-1)?.key;
    }
  }

  async #page(
    prefix: string,
    after: string | undefined,
    limit: number,
    revision: number | undefined,
  ): Promise<{ readonly kvs: readonly IKeyValue[]; readonly revision: number; readonly remaining: number }> {
    try {
      const range = prefixRange(prefix, after);
      const response = await this.#client.range({ ...range, limit, ...(revision === undefined ? {} : { revision }) });
      const remaining = Number(response.count) - response.kvs.length;
      return { kvs: response.kvs, revision: Number(response.header.revision), remaining };
    } catch (error) {
      throw await this.#revisionError(error, revision ?? 0);
    }
  }

  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<WriteOutcome> {
    return this.update(key, value, 0, options);
  }

  async update(key: string, value: Uint8Array, expected: number, options?: WriteOptions): Promise<WriteOutcome> {
    const ttlSeconds = options?.ttlSeconds ?? 0;
    const put = (lease?: string): Promise<WriteOutcome> =>
      this.#swap(key, expected, {
        request_put: {
          key: Buffer.from(key),
          value: Buffer.from(value.buffer, value.byteOffset, value.length),
          ...(lease ? { lease } : {}),
        },
      });
    if (ttlSeconds <= 0) return put();
    try {
      return await put(await this.#leases.take(ttlSeconds));
    } catch (error) {
      if (!messageOf(error).includes(leaseMissing)) throw error;
      this.#leases.forget(ttlSeconds);
      return put(await this.#leases.take(ttlSeconds));
    }
  }

  async delete(key: string, expected: number): Promise<WriteOutcome> {
    if (expected > 0) return this.#swap(key, expected, { request_delete_range: { key: Buffer.from(key) } });
    return { ok: false, current: await this.get(key) };
  }

  async #swap(key: string, expected: number, operation: IRequestOp): Promise<WriteOutcome> {
    this.#checkOpen();
    const response = await this.#client.compareAndSwap(Buffer.from(key), expected, operation);
    if (response.succeeded) return { ok: true, revision: Number(response.header.revision) };
    const current = response.responses[0]?.response_range.kvs[0];
    return { ok: false, current: current && storedOf(current) };
  }

  watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]> {
    const { clock, log } = this.#options;
    return watchEtcd({
      client: this.#client,
      cluster: this.#cluster,
      clock,
      log,
      prefix,
      afterRevision,
      signal,
      closing: this.#closing.signal,
    });
  }

  async currentRevision(): Promise<number> {
    this.#checkOpen();
    const { header } = await this.#client.range({ key: Buffer.from("/"), count_only: true });
    this.#cluster.id ??= header.cluster_id;
    return Number(header.revision);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    try {
      await this.#client.compact(revision);
    } catch (error) {
      const mapped = await this.#revisionError(error, revision);
      if (!(mapped instanceof CompactedError)) throw mapped;
    }
  }

  async #revisionError(error: unknown, revision: number): Promise<unknown> {
    const message = messageOf(error);
    if (message.includes("required revision has been compacted")) return new CompactedError(revision);
    if (message.includes("required revision is a future revision"))
      return new FutureRevisionError(await this.currentRevision());
    return error;
  }

  async healthCheck(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_, reject) => {
      const fail = (): void =>
        reject(new StoreUnavailableError(`etcd at ${this.#client.name} does not answer in time`));
      if (signal.aborted) fail();
      signal.addEventListener("abort", fail, { once: true });
    });
    await Promise.race([this.#checkHealth(), aborted]);
  }

  async #checkHealth(): Promise<void> {
    await this.currentRevision();
    if (await this.#client.isFull()) throw new StoreFullError(`etcd at ${this.#client.name} has no space left`);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#client.close();
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailableError("the store is closed");
  }
}
