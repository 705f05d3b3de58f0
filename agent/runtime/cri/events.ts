import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import { oneAtATime } from "../../../base/one-at-a-time.js";
import type { RuntimeEvent } from "../runtime.js";
import { taskEvent, taskExit } from "./messages.js";
import type { Records } from "./records.js";
import type { RuntimeService } from "./service.js";

export interface EventsOptions {
  readonly service: RuntimeService;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells which pod something happened to: from containerd's stream of events at once, and by listing everything now and
 * then, which finds what the stream did not say. An event only wakes; it is never the news itself.
 */
export class RuntimeEvents {
  readonly #options: EventsOptions;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #readiness = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  /** State of each container and sandbox when it was last listed. */
  #seen: ReadonlyMap<string, Seen> = new Map();
  /** However many events ask for it, of containers that are not ours too. */
  readonly #relist = oneAtATime(() => this.#list());

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#running = Promise.all([this.#follow(), this.#relistNowAndThen()]);
  }

  on(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onReadiness(listener: () => void): () => void {
    this.#readiness.add(listener);
    return () => void this.#readiness.delete(listener);
  }

  emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#listeners.clear();
    this.#readiness.clear();
  }

  async #follow(): Promise<void> {
    const { service, clock, log } = this.#options;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await service.events(
          signal,
          () => {
            failures = 0;
            this.#tellReadiness();
            // What happened while nobody listened.
            void this.#relist();
          },
          ({ topic, event }) => void this.#happened(topic, event?.value),
        );
      } catch (error) {
        failures++;
        this.#tellReadiness();
        if (failures === warnAtFailure)
          log.warn("the container runtime's events cannot be followed", { error: messageOf(error) });
      }
      await clock.sleep(Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(failures, 10)), signal);
    }
  }

  /** A container's, or that of a sandbox' own process. */
  async #happened(topic: string, value: Uint8Array = new Uint8Array()): Promise<void> {
    const { containerId } = taskEvent.decode(value);
    if (topic === exitTopic) {
      const { id } = taskExit.decode(value);
      // Of every probe that runs a program.
      if (id !== "" && id !== containerId) return;
    }
    // One that ends at once may be told of before it was ever listed.
    if (!this.#seen.has(containerId)) await this.#relist();
    const known = this.#seen.get(containerId);
    if (known === undefined) return;
    // The runtime tells its tasks' ends before it has taken them in itself.
    if (topic === exitTopic && known.of === "container") await this.#untilEnded(containerId);
    this.emit({ podUid: known.podUid, ...(known.of === "container" ? { containerId } : {}) });
    if (known.of === "sandbox") await this.#relist();
  }

  /** Resolves when the runtime has taken in the end of a container whose program is known to have ended, if it has. */
  async settled(id: string): Promise<void> {
    await this.#untilEnded(id);
  }

  async #untilEnded(id: string): Promise<void> {
    const { records, clock } = this.#options;
    for (let tries = 0; tries < endTries && !this.#stop.signal.aborted; tries++) {
      const found = await records.container(id).catch(() => undefined);
      if (found?.state !== "running") return;
      await clock.sleep(endPollMs * (tries + 1), this.#stop.signal);
    }
  }

  #tellReadiness(): void {
    for (const listener of [...this.#readiness]) listener();
  }

  async #relistNowAndThen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#options.clock.sleep(relistEveryMs, signal);
      if (!signal.aborted) await this.#relist();
    }
  }

  async #list(): Promise<void> {
    const { records } = this.#options;
    const found = await Promise.all([records.sandboxes({}), records.containers({})]).catch(() => undefined);
    if (!found || this.#stop.signal.aborted) return;
    const [sandboxes, containers] = found;
    const now = new Map<string, Seen>([
      ...sandboxes.map(({ id, state, pod }) => [id, { of: "sandbox", state, podUid: pod.uid }] as const),
      ...containers.map(({ id, state, pod }) => [id, { of: "container", state, podUid: pod.uid }] as const),
    ]);
    const before = this.#seen;
    this.#seen = now;
    for (const [id, seen] of now) if (before.get(id)?.state !== seen.state) this.#tell(id, seen);
    for (const [id, seen] of before) if (!now.has(id)) this.#tell(id, seen);
  }

  #tell(id: string, { of, podUid }: Seen): void {
    this.emit({ podUid, ...(of === "container" ? { containerId: id } : {}) });
  }
}

interface Seen {
  readonly of: "sandbox" | "container";
  readonly state: string;
  readonly podUid: string;
}

const exitTopic = "/tasks/exit";
const relistEveryMs = 10_000;
const retryBaseMs = 50;
const retryMaxMs = 1_000;
const warnAtFailure = 5;
const endTries = 40;
const endPollMs = 5;
