import { type Lease, leases } from "../api/coordination/lease.js";
import { StatusError } from "../apimachinery/status.js";
import { type Clock, toMicroTime } from "../base/clock.js";
import type { Logger } from "../base/log.js";
import type { Random } from "../base/random.js";
import { type Client, ConnectionError } from "./client.js";
import type { Recorder } from "./events.js";

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The Lease that candidates contend for. */
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Unique among candidates and over restarts: `host_uuid`. */
  readonly identity: string;
  readonly recorder?: Recorder;
  /** How long a lease holds without renewal: 15 s unless said. */
  readonly leaseDurationMs?: number;
  /** How long the leader goes on without a successful renewal: 10 s unless said; less than the lease's duration. */
  readonly renewDeadlineMs?: number;
  /** Pause between attempts: 2 s unless said. */
  readonly retryPeriodMs?: number;
  /**
   * What only the leader does. The signal aborts when leadership is lost or the candidate stops; the guarded client
   * refuses to write from that moment on, however late the process notices. It must end soon after.
   */
  readonly lead: (signal: AbortSignal, guarded: Client) => Promise<void>;
}

/** Contends for leadership until the signal aborts; leads, loses and contends again as often as it comes. */
export async function runLeaderElection(options: LeaderElectionOptions, signal: AbortSignal): Promise<void> {
  const candidate = new Candidate(options);
  while (!signal.aborted) {
    await candidate.acquire(signal);
    if (!signal.aborted) await candidate.lead(signal);
  }
}

/** A client whose writes are refused once `mayWrite` says no: a request is not even sent. */
export function guardWrites(client: Client, mayWrite: () => boolean): Client {
  const check = (): void => {
    if (!mayWrite()) throw new ConnectionError("leadership is lost: nothing is written any more");
  };
  return {
    ...client,
    create: async (target, object, options) => {
      check();
      return client.create(target, object, options);
    },
    update: async (target, object, options) => {
      check();
      return client.update(target, object, options);
    },
    patch: async (target, name, patch, options) => {
      check();
      return client.patch(target, name, patch, options);
    },
    delete: async (target, name, options) => {
      check();
      return client.delete(target, name, options);
    },
    deleteCollection: async (target, query, options) => {
      check();
      return client.deleteCollection(target, query, options);
    },
    createSub: async (target, name, subresource, body, options) => {
      check();
      return client.createSub(target, name, subresource, body, options);
    },
  };
}

const defaultLeaseMs = 15_000;
const defaultRenewDeadlineMs = 10_000;
const defaultRetryMs = 2_000;
const retryJitter = 1.2;

class Candidate {
  readonly #options: LeaderElectionOptions;
  readonly #leaseMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  /** What the lease last looked like, and when it was first seen so, by our own clock. */
  #observed: { readonly lease: Lease; readonly atMs: number } | undefined;
  /** Until when we may act as the leader: counted from before the renewal was sent. */
  #mayLeadUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseDurationMs ?? defaultLeaseMs;
    this.#deadlineMs = options.renewDeadlineMs ?? defaultRenewDeadlineMs;
    this.#retryMs = options.retryPeriodMs ?? defaultRetryMs;
  }

  get #isLeading(): boolean {
    return this.#options.clock.monotonic() < this.#mayLeadUntilMs;
  }

  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted && !(await this.#tryWithin(this.#deadlineMs, signal))) {
      await clock.sleep(this.#retryMs * (1 + random.next() * retryJitter), signal);
    }
  }

  /** Leads until the lease cannot be renewed or the signal aborts; then gives it back if it still holds it. */
  async lead(signal: AbortSignal): Promise<void> {
    const { client, log, identity, lead, recorder } = this.#options;
    const reign = new AbortController();
    const stop = (): void => reign.abort();
    signal.addEventListener("abort", stop, { once: true });
    log.info("became leader", { identity });
    const lease = this.#observed?.lease;
    if (lease)
      recorder?.record({
        about: lease,
        type: "Normal",
        reason: "LeaderElection",
        message: `${identity} became leader`,
      });
    const guarded = guardWrites(client, () => this.#isLeading && !reign.signal.aborted);
    const work = lead(reign.signal, guarded).then(
      () => log.info("stopped leading", { identity }),
      (error: unknown) => log.error("leading failed", { error: String(error) }),
    );
    void work.then(stop);
    try {
      await this.#keepRenewing(reign.signal);
    } finally {
      reign.abort();
      signal.removeEventListener("abort", stop);
    }
    await work;
    await this.#release();
    this.#mayLeadUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Returns when leadership is lost or the signal aborts. */
  async #keepRenewing(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted && this.#isLeading) {
      const leftMs = this.#mayLeadUntilMs - clock.monotonic();
      await clock.sleep(Math.min(this.#retryMs, leftMs), signal);
      if (signal.aborted || !this.#isLeading) break;
      const isHeld = await this.#tryWithin(this.#mayLeadUntilMs - clock.monotonic(), signal);
      if (!isHeld && this.#isHeldByAnother()) break;
    }
    if (!signal.aborted) log.warn("leadership lost", { identity: this.#options.identity });
  }

  #isHeldByAnother(): boolean {
    const holder = this.#observed?.lease.spec.holderIdentity;
    return holder !== undefined && holder !== "" && holder !== this.#options.identity;
  }

  /** An attempt whose answer does not come in time counts as failed, whatever becomes of it. */
  async #tryWithin(limitMs: number, signal: AbortSignal): Promise<boolean> {
    const attempt = new AbortController();
    const cancel = (): void => attempt.abort();
    signal.addEventListener("abort", cancel, { once: true });
    const limit = this.#options.clock.after(limitMs, cancel);
    try {
      return await Promise.race([this.#try(attempt.signal), aborted(attempt.signal)]);
    } finally {
      limit.cancel();
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Takes the lease if it is free, ours or expired. True: it is ours as of now. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { client, clock, lease: name, identity, log } = this.#options;
    const sentMs = clock.monotonic();
    try {
      const found = await client.get(leases, name, { signal }).catch((error: unknown) => {
        if (error instanceof StatusError && error.reason === "NotFound") return undefined;
        throw error;
      });
      if (!found) {
        this.#observe(await client.create(leases, { metadata: name, spec: this.#spec(undefined) }, { signal }));
      } else {
        this.#observe(found);
        if (!this.#isFree(found)) return false;
        this.#observe(await client.update(leases, { ...found, spec: this.#spec(found) }, { signal }));
      }
      if (signal.aborted) return false;
      // Nobody can have seen this renewal before it was sent, so nobody counts its end sooner than this.
      this.#mayLeadUntilMs = sentMs + this.#deadlineMs;
      return true;
    } catch (error) {
      if (!signal.aborted) log.debug("lease not taken", { lease: name.name, identity, error: String(error) });
      return false;
    }
  }

  #observe(lease: Lease): void {
    if (this.#observed?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    this.#observed = { lease, atMs: this.#options.clock.monotonic() };
  }

  #isFree({ spec }: Lease): boolean {
    const { holderIdentity, leaseDurationSeconds } = spec;
    if (!holderIdentity || holderIdentity === this.#options.identity) return true;
    const durationMs = leaseDurationSeconds === undefined ? this.#leaseMs : leaseDurationSeconds * 1000;
    return (this.#observed?.atMs ?? 0) + durationMs < this.#options.clock.monotonic();
  }

  #spec(found: Lease | undefined): Lease["spec"] {
    const { clock, identity } = this.#options;
    const now = toMicroTime(clock.now());
    const isRenewal = found?.spec.holderIdentity === identity;
    const transitions = found?.spec.leaseTransitions ?? 0;
    return {
      ...found?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#leaseMs / 1000),
      acquireTime: isRenewal ? (found?.spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: isRenewal || !found ? transitions : transitions + 1,
    };
  }

  /** Lets the next candidate begin at once. Only after the work has ended, and only while it is still ours. */
  async #release(): Promise<void> {
    const { client, clock, identity } = this.#options;
    const lease = this.#observed?.lease;
    if (lease?.spec.holderIdentity !== identity || !this.#isLeading) return;
    const now = toMicroTime(clock.now());
    const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    const controller = new AbortController();
    const limit = clock.after(this.#retryMs, () => controller.abort());
    await client.update(leases, { ...lease, spec }, { signal: controller.signal }).then(
      (released) => this.#observe(released),
      () => undefined,
    );
    limit.cancel();
  }
}

const aborted = (signal: AbortSignal): Promise<false> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
