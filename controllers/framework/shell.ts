import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition, ResourceRef } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { AssertionError } from "../../base/assert.js";
import { equal } from "../../base/equal.js";
import type { Lifecycle } from "../../base/lifecycle.js";
import { WorkQueue } from "../../base/work-queue.js";
import { createRecorder } from "../../client/events.js";
import { Cache, type DeclaredIndex } from "./cache.js";
import type { ControllerContext, ControllerOutcome, Live, Watch } from "./controller.js";
import { asError, execute, type Hands, type Outcome } from "./execute.js";
import { type Covering, OwnWrites } from "./own-writes.js";
import type { Plan } from "./plan.js";

/** What the shell needs to know of a controller. */
export interface Routine {
  readonly name: string;
  readonly component: string;
  readonly resources: readonly ResourceRef[];
  readonly indexes: readonly DeclaredIndex[];
  readonly watches: readonly Watch[];
  readonly concurrency: number;
  readonly initialKeys?: readonly string[];
  /** Undefined: there is nothing under this key any more. */
  readonly decide: (key: string, cache: Cache, live: Live) => Promise<Decision | undefined>;
}

export interface Decision {
  readonly plan: Plan<unknown>;
  /** Whose status the plan speaks of. */
  readonly subject?: {
    readonly target: ResourceDefinition;
    readonly object: KubeObject & { readonly status?: unknown };
  };
}

/** The one loop around all controllers: it wakes keys, lets them be decided, carries the plans out, and backs off. */
export function runShell(routine: Routine, context: ControllerContext, lifecycle: Lifecycle): void {
  const { client, clock, random, informers } = context;
  const log = context.log.with({ controller: routine.name });
  const cache = new Cache(informers, routine.resources);
  for (const { on, name, values } of routine.indexes) cache.informer<KubeObject>(on).addIndex(name, values);
  const observer = context.queueObserver?.(routine.name);
  const queue = new WorkQueue({ clock, ...(observer ? { observer } : {}) });
  lifecycle.onStop(() => queue.close());
  const { component } = routine;
  const shell = new Shell({
    name: routine.name,
    context,
    queue,
    hands: {
      client,
      recorder: createRecorder({ client, component, clock, random, log, lifecycle }),
      signal: lifecycle.signal,
    },
    covering: (resource) => cache.covering(resource),
    decide: (key, live) => routine.decide(key, cache, live),
  });
  lifecycle.run(`controller ${routine.name}`, async (signal) => {
    const starting = cache.all();
    for (const informer of starting) informer.start();
    await Promise.all(starting.map((informer) => informer.synced(signal)));
    if (signal.aborted) return;
    for (const { on, keys } of routine.watches) {
      const informer = cache.informer<KubeObject>(on);
      const unsubscribe = informer.onEvent((event) => {
        for (const key of keys(event.object, cache)) queue.add(key);
        if (event.type === "updated") for (const key of keys(event.old, cache)) queue.add(key);
      });
      lifecycle.onStop(unsubscribe);
    }
    for (const key of routine.initialKeys ?? []) queue.add(key);
    log.debug("controller started");
    await Promise.all(Array.from({ length: routine.concurrency }, () => shell.work(signal)));
  });
}

const costlyMs = 2;
const restFactor = 8;
const restMaxMs = 500;

export interface ShellOptions {
  readonly name: string;
  readonly context: ControllerContext;
  readonly queue: WorkQueue;
  readonly hands: Hands;
  readonly covering: Covering;
  readonly decide: (key: string, live: Live) => Promise<Decision | undefined>;
}

/** Works on the keys of a queue; several workers may share it. */
export class Shell {
  readonly #options: ShellOptions;
  readonly #ownWrites: OwnWrites;
  readonly #parked = new Set<string>();
  /** Keys whose last decision was costly, and when they may be decided again. */
  readonly #restingUntilMs = new Map<string, number>();

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#ownWrites = new OwnWrites(options.covering, options.context.clock);
  }

  async work(signal: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      const restMs = this.#restMs(key);
      if (!this.#ownWrites.hasSeen(key)) this.#park(key, signal);
      else if (restMs > 0) queue.addAfter(key, restMs);
      else await this.#attempt(key);
      queue.done(key);
    }
  }

  /** A key that costs much rests in proportion, so that a flood of events about it leaves room for others. */
  #restMs(key: string): number {
    const untilMs = this.#restingUntilMs.get(key);
    if (untilMs === undefined) return 0;
    const restMs = untilMs - this.#options.context.clock.monotonic();
    if (restMs <= 0) this.#restingUntilMs.delete(key);
    return restMs;
  }

  /** The key comes again once the cache shows what was written for it last; no worker waits for that. */
  #park(key: string, signal: AbortSignal): void {
    if (this.#parked.has(key)) return;
    this.#parked.add(key);
    void this.#ownWrites.caughtUp(key, signal).then(() => {
      this.#parked.delete(key);
      this.#options.queue.add(key);
    });
  }

  async #attempt(key: string): Promise<void> {
    const { name, context, queue, hands } = this.#options;
    const { clock, onOutcome } = context;
    const startedMs = clock.monotonic();
    let outcome: ControllerOutcome = "done";
    try {
      await this.#reconcile(key);
      queue.forget(key);
    } catch (error) {
      if (hands.signal.aborted) return;
      outcome = error instanceof AssertionError || error instanceof TypeError ? "assertion" : "failed";
      const delayMs = queue.addRateLimited(key);
      this.#log(key, asError(error), outcome, delayMs);
    }
    onOutcome?.(name, outcome, clock.monotonic() - startedMs);
  }

  async #reconcile(key: string): Promise<void> {
    const { hands, context, queue, decide } = this.#options;
    const live: Live = { client: hands.client, signal: hands.signal, nowMs: context.clock.now() };
    const startedMs = context.clock.monotonic();
    const decision = await decide(key, live);
    const decidedMs = context.clock.monotonic();
    if (decidedMs - startedMs > costlyMs) {
      const restMs = Math.min(restMaxMs, (decidedMs - startedMs) * restFactor);
      // Those that have rested and never came again.
      for (const [rested, untilMs] of this.#restingUntilMs)
        if (untilMs <= decidedMs) this.#restingUntilMs.delete(rested);
        else break;
      this.#restingUntilMs.set(key, decidedMs + restMs);
    }
    if (!decision) return;
    const { plan } = decision;
    const outcome = await execute(plan, hands);
    this.#ownWrites.remember(key, outcome.written);
    await this.#writeStatus(key, decision, outcome);
    if (outcome.failure) throw outcome.failure;
    if (plan.requeueAfterMs !== undefined) queue.addAfter(key, plan.requeueAfterMs);
  }

  async #writeStatus(key: string, { plan, subject }: Decision, { failure, written }: Outcome): Promise<void> {
    if (!subject) return;
    const status = (failure && plan.statusOnFailure?.(failure)) ?? plan.status;
    if (status === undefined || equal(status, subject.object.status)) return;
    const { target } = subject;
    // The plan may have changed the object itself: its status then goes onto that version.
    const after = written.find(
      (write) => "object" in write && write.object.metadata.uid === subject.object.metadata.uid,
    );
    const base = after && "object" in after ? after.object : subject.object;
    const { client, signal } = this.#options.hands;
    const wanted: KubeObject & { readonly status?: unknown } = { ...base, status };
    const object = await client.update(target, wanted, { subresource: "status", signal });
    this.#ownWrites.remember(key, [...written, { target, object }]);
  }

  #log(key: string, error: Error, outcome: ControllerOutcome, retryInMs: number): void {
    const { name, context } = this.#options;
    const { log } = context;
    const fields = { controller: name, key, error: error.message, retryInMs };
    if (outcome === "assertion") log.error("reconcile failed by an assertion", { ...fields, stack: error.stack });
    else if (error instanceof StatusError && error.reason === "Conflict") log.debug("reconcile met a conflict", fields);
    else log.warn("reconcile failed", fields);
  }
}
