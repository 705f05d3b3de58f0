import type { Clock } from "../../../base/clock.js";
import type { EtcdClient } from "./client.js";

/** Writes within this share of their time to live, and within this time, expire together. */
const bucketShare = 1 / 20;
const bucketMaxSeconds = 60;
/** They go in one revision, which readers take in one turn. */
const bucketMaxKeys = 100;

interface Bucket {
  readonly id: Promise<string>;
  readonly endsAtMs: number;
  keys: number;
}

/** Shared leases: ten thousand events with one time to live take a hundred leases, not ten thousand. */
export class Leases {
  readonly #client: Pick<EtcdClient, "grantLease">;
  readonly #clock: Clock;
  /** By time to live; there are few of those. */
  readonly #buckets = new Map<number, Bucket>();

  constructor(client: Pick<EtcdClient, "grantLease">, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A lease that lasts at least this long from now on. */
  take(ttlSeconds: number): Promise<string> {
    const nowMs = this.#clock.monotonic();
    let bucket = this.#buckets.get(ttlSeconds);
    if (!bucket || bucket.endsAtMs <= nowMs || bucket.keys >= bucketMaxKeys) {
      const widthSeconds = Math.ceil(Math.min(bucketMaxSeconds, ttlSeconds * bucketShare));
      const id = this.#client.grantLease(Math.ceil(ttlSeconds) + widthSeconds);
      bucket = { id, endsAtMs: nowMs + widthSeconds * 1_000, keys: 0 };
      this.#buckets.set(ttlSeconds, bucket);
      id.catch(() => this.#drop(ttlSeconds, id));
    }
    bucket.keys++;
    return bucket.id;
  }

  /** The lease is gone: the next write asks for another one. */
  forget(ttlSeconds: number): void {
    this.#buckets.delete(ttlSeconds);
  }

  #drop(ttlSeconds: number, id: Promise<string>): void {
    if (this.#buckets.get(ttlSeconds)?.id === id) this.#buckets.delete(ttlSeconds);
  }
}
