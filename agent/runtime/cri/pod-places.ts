import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import { Recurring } from "../../../base/recurring.js";
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
  /** What was last told of a pod whose leftovers stay, by uid. */
  readonly #told = new Map<string, string>();
  readonly #sweeps: Recurring;

  constructor(options: PodPlacesOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    const { clock, log, sweepEveryMs: everyMs = defaultSweepEveryMs } = options;
    this.#sweeps = new Recurring(() => this.#sweep(), {
      failure: "leftovers of pods not looked for",
      everyMs,
      clock,
      log,
    });
  }

  take(uid: string, place: PodPlace): void {
    this.#inUse.add(uid);
    this.#told.delete(uid);
    const { dir } = this.#options;
    writeFileSync(join(dir, unfinished), JSON.stringify(place), { mode: 0o600 });
    renameSync(join(dir, unfinished), join(dir, uid));
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

  close(): Promise<void> {
    return this.#sweeps.stop();
  }

  async #sweep(): Promise<void> {
    const doubtful = (): readonly string[] =>
      readdirSync(this.#options.dir).filter((uid) => uid !== unfinished && !this.#inUse.has(uid));
    if (doubtful().length === 0) return;
    for (const uid of await this.#options.sandboxed()) this.#inUse.add(uid);
    for (const uid of doubtful()) await this.#giveBack(uid);
  }

  /** Nothing of a pod that came into use while another's was given back. */
  async #giveBack(uid: string): Promise<void> {
    if (this.#inUse.has(uid)) return;
    const { dir, cgroups, held, log } = this.#options;
    const warn = (error: string): void => {
      if (this.#isNew(uid, error))
        log.warn("leftovers of a pod not removed, it will be tried again", { pod: uid, error });
    };
    try {
      const place = readPlace(join(dir, uid));
      const isGone = place?.cgroup === undefined || cgroups.remove(place.cgroup);
      await held.releasePod(uid);
      if (this.#inUse.has(uid)) return;
      if (place) rmSync(place.logs, { recursive: true, force: true });
      if (isGone) {
        rmSync(join(dir, uid), { force: true });
        this.#told.delete(uid);
      } else if (this.#told.has(uid)) warn(`processes in its cgroup ${place?.cgroup} do not end`);
      else this.#told.set(uid, ""); // the first try ends them, the next finds them gone
    } catch (error) {
      warn(messageOf(error));
    }
  }

  /** Each reason is told once: tries are many. */
  #isNew(uid: string, why: string): boolean {
    if (this.#told.get(uid) === why) return false;
    this.#told.set(uid, why);
    return true;
  }
}

/** No uid: a record is renamed to its own when it is whole. */
const unfinished = ".new";
const defaultSweepEveryMs = 5_000;

function readPlace(path: string): PodPlace | undefined {
  try {
    const { cgroup, logs } = JSON.parse(readFileSync(path, "utf8"));
    return typeof logs === "string" ? { logs, ...(typeof cgroup === "string" ? { cgroup } : {}) } : undefined;
  } catch {
    return undefined; // nothing that was written here
  }
}
