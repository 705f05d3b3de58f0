import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import type { PodCgroups } from "./cgroups.js";
import type { HeldMounts } from "./held-mounts.js";

/** Where a pod has something on the host. */
export interface PodPlace {
  /** Its cgroup; none where systemd makes it. */
  readonly cgroup?: string;
  /** Its folder of logs. */
  readonly logs: string;
}

export interface PodPlacesOptions {
  /** A directory of its own. */
  readonly dir: string;
  readonly cgroups: PodCgroups;
  readonly held: HeldMounts;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uids of the pods that have a sandbox. */
  readonly sandboxed: () => Promise<ReadonlySet<string>>;
  readonly sweepEveryMs?: number;
}

/**
 * What pods have on the host beside their sandboxes: a cgroup, mounts held for them, a folder of logs. Each is written
 * down before it is made. Who is killed in the middle of making or removing leaves some of it, and so does a process
 * that will not end at once: what belongs to no sandbox is looked for now and then, and given back.
 */
export class PodPlaces {
  readonly #options: PodPlacesOptions;
  /** Those that are not to be looked for. */
  readonly #inUse = new Set<string>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: PodPlacesOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#running = this.#run();
  }

  take(uid: string, place: PodPlace): void {
    this.#inUse.add(uid);
    writeFileSync(join(this.#options.dir, uid), JSON.stringify(place), { mode: 0o600 });
    mkdirSync(place.logs, { recursive: true, mode: 0o755 });
  }

  /** It may be in nobody's use: the next look finds out. */
  doubt(uid: string): void {
    this.#inUse.delete(uid);
  }

  /** No sandbox of the pod is left. What cannot be removed now is tried again. */
  async release(uid: string): Promise<void> {
    this.#inUse.delete(uid);
    await this.#giveBack(uid);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log, sweepEveryMs = defaultSweepEveryMs } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#sweep().catch((error: unknown) => {
        if (!signal.aborted) log.debug("leftovers of pods not looked for", { error: messageOf(error) });
      });
      await clock.sleep(sweepEveryMs, signal);
    }
  }

  async #sweep(): Promise<void> {
    const doubtful = (): readonly string[] => readdirSync(this.#options.dir).filter((uid) => !this.#inUse.has(uid));
    if (doubtful().length === 0) return;
    for (const uid of await this.#options.sandboxed()) this.#inUse.add(uid);
    for (const uid of doubtful()) await this.#giveBack(uid);
  }

  async #giveBack(uid: string): Promise<void> {
    const { dir, cgroups, held, log } = this.#options;
    const place = readPlace(join(dir, uid));
    const isGone = place?.cgroup === undefined || cgroups.remove(place.cgroup);
    try {
      await held.releasePod(uid);
      if (this.#inUse.has(uid)) return;
      if (place) rmSync(place.logs, { recursive: true, force: true });
      if (isGone) rmSync(join(dir, uid), { force: true });
    } catch (error) {
      log.warn("leftovers of a pod not removed, it will be tried again", { pod: uid, error: messageOf(error) });
    }
  }
}

const defaultSweepEveryMs = 5_000;

function readPlace(path: string): PodPlace | undefined {
  try {
    const { cgroup, logs } = JSON.parse(readFileSync(path, "utf8"));
    return typeof logs === "string" ? { logs, ...(typeof cgroup === "string" ? { cgroup } : {}) } : undefined;
  } catch {
    return undefined; // half written when the agent was killed: nothing had been made yet
  }
}
