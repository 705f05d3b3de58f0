import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import { Recurring } from "../../../base/recurring.js";

/** An address that the plugin host-local has given out: a file of that name, with the sandbox's id in its first line. */
export interface AddressLease {
  readonly path: string;
  readonly sandboxId: string;
  readonly givenAtMs: number;
}

export interface AddressLeasesOptions {
  /** The plugin's folder, with one of each network in it. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ids of all sandboxes that the runtime knows, whoever's. */
  readonly sandboxes: () => Promise<ReadonlySet<string>>;
  readonly everyMs?: number;
}

/**
 * Gives back addresses of sandboxes that the runtime has forgotten: one that is killed while it makes or removes a
 * sandbox never tells the plugin of its end, and a range is finite.
 */
export class AddressLeases {
  readonly #options: AddressLeasesOptions;
  readonly #looks: Recurring;

  constructor(options: AddressLeasesOptions) {
    this.#options = options;
    const { clock, log, everyMs = defaultEveryMs } = options;
    this.#looks = new Recurring(() => this.#look(), {
      failure: "forgotten addresses not looked for",
      everyMs,
      clock,
      log,
    });
  }

  close(): Promise<void> {
    return this.#looks.stop();
  }

  async #look(): Promise<void> {
    const { dir, clock, log, sandboxes } = this.#options;
    const leases = leasesIn(dir);
    if (leases.length === 0) return;
    for (const { path, sandboxId } of forgotten(leases, await sandboxes(), clock.now())) {
      // An address may have been given back and out again while the runtime was asked.
      if (leaseOf(path)?.sandboxId !== sandboxId) continue;
      rmSync(path, { force: true });
      log.info("address of a forgotten pod given back", { path, sandbox: sandboxId });
    }
  }
}

/** A young one may be of a sandbox that is being made. */
export const forgotten = (
  leases: readonly AddressLease[],
  sandboxes: ReadonlySet<string>,
  nowMs: number,
): readonly AddressLease[] =>
  leases.filter(({ sandboxId, givenAtMs }) => !sandboxes.has(sandboxId) && nowMs - givenAtMs > makingMaxMs);

const makingMaxMs = 5 * 60_000;
const defaultEveryMs = 60_000;

function leasesIn(dir: string): readonly AddressLease[] {
  return entries(dir).flatMap((network) =>
    entries(join(dir, network)).flatMap((name) => {
      const path = join(dir, network, name);
      return isIP(name) === 0 ? [] : (leaseOf(path) ?? []);
    }),
  );
}

function leaseOf(path: string): AddressLease | undefined {
  try {
    const sandboxId = readFileSync(path, "utf8").split(/\r?\n/)[0] ?? "";
    return { path, sandboxId, givenAtMs: statSync(path).mtimeMs };
  } catch {
    return undefined; // given back meanwhile
  }
}

function entries(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
