import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { PodCondition, PodStatus } from "../../api/core/pod/status.js";
import { StatusError } from "../../apimachinery/status.js";
import { backoffMs } from "../../base/backoff.js";
import type { Clock } from "../../base/clock.js";
import { equal } from "../../base/equal.js";
import type { Logger } from "../../base/log.js";
import type { Client } from "../../client/client.js";
import { resizeConditions } from "./conditions.js";

export interface StatusKeeperOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Keeps the status that was last decided on for one pod, and brings it to the API server. */
export interface StatusKeeper {
  /** The pod as it was last seen at the API server. */
  seen(pod: Pod): void;
  /** The pod with the status that was last decided on. */
  apply(pod: Pod): Pod;
  write(status: PodStatus): void;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/**
 * Brings one pod's status to the API server, the newest only, without ever holding up the pod. What others wrote
 * meanwhile into the parts that are theirs stays.
 */
export class StatusWriter implements StatusKeeper {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  #pod: Pod;
  #wanted: PodStatus | undefined;
  #writing: Promise<void> | undefined;
  #gone = false;

  constructor(pod: Pod, { client, clock, log, signal }: StatusKeeperOptions) {
    this.#pod = pod;
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
  }

  /** The pod as it was last seen; an older one than what was written here changes nothing. */
  seen(pod: Pod): void {
    if (Number(pod.metadata.resourceVersion) <= Number(this.#pod.metadata.resourceVersion)) return;
    this.#pod = pod;
    // What was refused may do with the pod as it is now.
    if (this.#wanted) this.#begin();
  }

  /** The pod as given, with the status that was last decided on, written yet or not: nobody else writes these parts. */
  apply(pod: Pod): Pod {
    const latest = this.#wanted ?? this.#pod.status;
    const phase = pod.status?.phase;
    return latest === undefined || phase === "Succeeded" || phase === "Failed"
      ? pod
      : { ...pod, status: withForeign(latest, pod) };
  }

  write(status: PodStatus): void {
    const known = this.#wanted ?? this.#pod.status;
    if (this.#gone || equal(known, status)) return;
    this.#wanted = status;
    this.#begin();
  }

  #begin(): void {
    if (this.#gone || !this.#wanted || this.#signal.aborted) return;
    this.#writing ??= this.#run();
  }

  /** Resolves when the last status is with the API server (or was refused by it), or the pod is not. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Marks its own end at once: a status that comes a moment later has to begin anew. */
  async #run(): Promise<void> {
    try {
      for (let failures = 0; this.#wanted && !this.#signal.aborted; ) {
        const status = this.#wanted;
        try {
          const written = await this.#client.update(
            pods,
            { ...this.#pod, status: withForeign(status, this.#pod) },
            { subresource: "status", signal: this.#signal },
          );
          this.#pod = written;
          failures = 0;
          if (this.#wanted === status) this.#wanted = undefined;
        } catch (error) {
          if (this.#signal.aborted) return;
          if (error instanceof StatusError && error.reason === "NotFound") return this.#lost();
          if (error instanceof StatusError && error.reason === "Conflict" && (await this.#reread())) continue;
          if (this.#gone) return;
          failures++;
          this.#log.warn("pod status not written", {
            pod: `${this.#pod.metadata.namespace}/${this.#pod.metadata.name}`,
            error: String(error),
          });
          // The same again would be refused again: the next status, or a changed pod, is another matter.
          if (error instanceof StatusError && error.reason === "Invalid" && this.#wanted === status) return;
          await this.#clock.sleep(backoffMs(retryBackoff, failures), this.#signal);
        }
      }
    } finally {
      this.#writing = undefined;
    }
  }

  /** True when there is a newer one to build on. */
  async #reread(): Promise<boolean> {
    const { metadata } = this.#pod;
    try {
      const fresh = await this.#client.get(
        pods,
        { namespace: metadata.namespace ?? "", name: metadata.name },
        { signal: this.#signal },
      );
      if (fresh.metadata.uid !== metadata.uid) {
        this.#lost();
        return false;
      }
      const newer = fresh.metadata.resourceVersion !== metadata.resourceVersion;
      this.#pod = fresh;
      return newer;
    } catch (error) {
      if (error instanceof StatusError && error.reason === "NotFound") this.#lost();
      return false;
    }
  }

  #lost(): void {
    this.#gone = true;
    this.#wanted = undefined;
  }
}

/** Conditions that are not the agent's, as they stand now. */
export function withForeign(status: PodStatus, { status: current }: Pod): PodStatus {
  const disturbed = status.conditions?.some(isOwnDisruption) ?? false;
  const own = new Set([...ownConditions, ...(disturbed ? ["DisruptionTarget"] : [])]);
  return {
    ...status,
    conditions: [
      ...(status.conditions ?? []).filter(({ type }) => own.has(type)),
      ...(current?.conditions ?? []).filter(({ type }) => !own.has(type)),
    ],
  };
}

/** Others disturb pods as well: theirs is left as it is. */
const isOwnDisruption = ({ type, reason }: PodCondition): boolean =>
  type === "DisruptionTarget" && reason === "TerminationByKubelet";

const ownConditions = [
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
  ...resizeConditions,
];
const retryBackoff = { baseMs: 100, maxMs: 10_000 };
