import type { Pod } from "../api/core/pod/pod.js";
import type { Clock, Timer } from "../base/clock.js";
import { Heap } from "../base/heap.js";
import type { AnyPlugin, Change } from "./framework.js";

/** A pod that waits for a node. */
export interface QueuedPod {
  readonly pod: Pod;
  /** Order of arrival among pods of one priority; kept over retries. */
  readonly order: number;
  readonly attempts: number;
  /** Plugins that turned the pod down last time; empty before the first attempt and after an error. */
  readonly rejectedBy: ReadonlySet<string>;
}

export interface QueueOptions {
  readonly clock: Clock;
  readonly plugins: readonly AnyPlugin[];
  readonly initialBackoffMs?: number;
  readonly maxBackoffMs?: number;
  /** Unschedulable pods are tried again after this long even if nothing happened. */
  readonly maxUnschedulableMs?: number;
}

/**
 * Pods wait in one of four places: gated (a preEnqueue plugin says not yet), active (ordered by priority, then arrival),
 * back-off (failed lately), unschedulable (until an event that could help, five minutes at the most).
 */
export class SchedulingQueue {
  readonly #options: Required<QueueOptions>;
  readonly #byName: ReadonlyMap<string, AnyPlugin>;
  readonly #active = new Heap<QueuedPod>(byPriorityThenArrival);
  readonly #backoff = new Map<string, { readonly entry: QueuedPod; readonly timer: Timer }>();
  readonly #unschedulable = new Map<
    string,
    { readonly entry: QueuedPod; readonly timer: Timer; readonly atMs: number }
  >();
  readonly #gated = new Map<string, Pod>();
  /** Pods now being scheduled, with the changes seen meanwhile. */
  readonly #inFlight = new Map<string, { entry: QueuedPod; latest: Pod | undefined; readonly changes: Change[] }>();
  #order = 0;
  #wake: (() => void) | undefined;

  constructor(options: QueueOptions) {
    this.#options = { initialBackoffMs: 1000, maxBackoffMs: 10_000, maxUnschedulableMs: 300_000, ...options };
    this.#byName = new Map(options.plugins.map((plugin) => [plugin.name, plugin]));
  }

  get counts(): {
    readonly active: number;
    readonly backoff: number;
    readonly unschedulable: number;
    readonly gated: number;
  } {
    return {
      active: this.#active.size,
      backoff: this.#backoff.size,
      unschedulable: this.#unschedulable.size,
      gated: this.#gated.size,
    };
  }

  /** A pod without a node appeared or changed. A change of its spec or labels ends its waiting. */
  set(pod: Pod): void {
    const { uid } = pod.metadata;
    const flying = this.#inFlight.get(uid);
    if (flying) {
      flying.latest = pod;
      return;
    }
    const active = this.#active.get(uid);
    const backoff = this.#backoff.get(uid);
    const waiting = this.#unschedulable.get(uid);
    const known = active ?? backoff?.entry ?? waiting?.entry;
    if (this.#options.plugins.some((plugin) => plugin.preEnqueue?.(pod))) {
      this.#forget(uid);
      this.#gated.set(uid, pod);
      return;
    }
    this.#gated.delete(uid);
    const entry: QueuedPod = known
      ? { ...known, pod }
      : { pod, order: this.#order++, attempts: 0, rejectedBy: new Set() };
    if (backoff) this.#backoff.set(uid, { entry, timer: backoff.timer });
    else if (waiting && !schedulingChanged(waiting.entry.pod, pod)) this.#unschedulable.set(uid, { ...waiting, entry });
    else {
      waiting?.timer.cancel();
      this.#unschedulable.delete(uid);
      this.#activate(uid, entry);
    }
  }

  /** The pod is gone or has a node. */
  delete(uid: string): void {
    this.#forget(uid);
    this.#inFlight.delete(uid);
  }

  /** The next pod, or undefined when none is active; give it back by `done` or `failed`. */
  take(): QueuedPod | undefined {
    const entry = this.#active.pop();
    if (entry) this.#inFlight.set(entry.pod.metadata.uid, { entry, latest: undefined, changes: [] });
    return entry;
  }

  /** Resolves when `take` has something to give. */
  whenActive(): Promise<void> {
    if (this.#active.size > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  done(uid: string): void {
    this.#inFlight.delete(uid);
  }

  /** The attempt found no node (`rejectedBy` says who objected) or ran into an error (`rejectedBy` empty). */
  failed(uid: string, rejectedBy: ReadonlySet<string>): void {
    const flying = this.#inFlight.get(uid);
    if (!flying) return;
    this.#inFlight.delete(uid);
    const { entry, latest, changes } = flying;
    const pod = latest ?? entry.pod;
    const next: QueuedPod = { pod, order: entry.order, attempts: entry.attempts + 1, rejectedBy };
    if (this.#options.plugins.some((plugin) => plugin.preEnqueue?.(pod))) {
      this.#gated.set(uid, pod);
    } else if (
      rejectedBy.size === 0 ||
      schedulingChanged(entry.pod, pod) ||
      changes.some((change) => this.#mayHelp(next, change))
    ) {
      this.#delay(uid, next);
    } else {
      this.#park(uid, next);
    }
  }

  /** Something changed: pods that it could help go on. */
  notice(change: Change): void {
    for (const { changes } of this.#inFlight.values()) if (changes.length < maxChangesInFlight) changes.push(change);
    for (const [uid, { entry, timer, atMs }] of this.#unschedulable) {
      if (!this.#mayHelp(entry, change)) continue;
      timer.cancel();
      this.#unschedulable.delete(uid);
      const restMs = atMs + this.#backoffMs(entry.attempts) - this.#options.clock.monotonic();
      if (restMs <= 0) this.#activate(uid, entry);
      else this.#delay(uid, entry, restMs);
    }
  }

  #mayHelp({ pod, rejectedBy }: QueuedPod, change: Change): boolean {
    for (const name of rejectedBy) {
      const plugin = this.#byName.get(name);
      if (plugin?.requeueOn?.includes(change.event) && (plugin.helps?.(pod, change) ?? true)) return true;
    }
    return false;
  }

  #backoffMs(attempts: number): number {
    const { initialBackoffMs, maxBackoffMs } = this.#options;
    return Math.min(maxBackoffMs, initialBackoffMs * 2 ** Math.max(0, attempts - 1));
  }

  #delay(uid: string, entry: QueuedPod, delayMs = this.#backoffMs(entry.attempts)): void {
    const timer = this.#options.clock.after(delayMs, () => {
      const latest = this.#backoff.get(uid);
      this.#backoff.delete(uid);
      if (latest) this.#activate(uid, latest.entry);
    });
    this.#backoff.set(uid, { entry, timer });
  }

  #park(uid: string, entry: QueuedPod): void {
    const { clock, maxUnschedulableMs } = this.#options;
    const timer = clock.after(maxUnschedulableMs, () => {
      const latest = this.#unschedulable.get(uid);
      this.#unschedulable.delete(uid);
      if (latest) this.#activate(uid, latest.entry);
    });
    this.#unschedulable.set(uid, { entry, timer, atMs: clock.monotonic() });
  }

  #activate(uid: string, entry: QueuedPod): void {
    this.#active.set(uid, entry);
    this.#wake?.();
    this.#wake = undefined;
  }

  #forget(uid: string): void {
    this.#active.delete(uid);
    this.#gated.delete(uid);
    this.#backoff.get(uid)?.timer.cancel();
    this.#backoff.delete(uid);
    this.#unschedulable.get(uid)?.timer.cancel();
    this.#unschedulable.delete(uid);
  }
}

/** Changes remembered for a pod under way; beyond it the attempt is simply taken for helped by the first ones. */
const maxChangesInFlight = 1000;

const byPriorityThenArrival = (left: QueuedPod, right: QueuedPod): number =>
  (right.pod.spec.priority ?? 0) - (left.pod.spec.priority ?? 0) || left.order - right.order;

/** A pod's own change can make it schedulable: gates removed, labels, tolerations or requests changed. */
const schedulingChanged = (before: Pod, after: Pod): boolean =>
  JSON.stringify(before.spec) !== JSON.stringify(after.spec) ||
  JSON.stringify(before.metadata.labels) !== JSON.stringify(after.metadata.labels);
