import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import { Recurring } from "../../../base/recurring.js";
import type { ContainerRecord } from "../runtime.js";
import { rotatedFiles } from "./logs.js";
import type { Records } from "./records.js";
import type { RuntimeService } from "./service.js";

export interface RotationOptions {
  readonly service: RuntimeService;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: LogLimits;
}

/** A kubelet's containerLogMaxSize and containerLogMaxFiles. */
export interface LogLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
  readonly checkEveryMs: number;
}

/** Keeps running containers' logs below a size: the full file is put aside and the runtime told to open another. */
export class LogRotation {
  readonly #options: RotationOptions;
  readonly #limits: LogLimits;
  readonly #looks: Recurring;

  constructor(options: RotationOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    const { clock, log } = options;
    const everyMs = this.#limits.checkEveryMs;
    this.#looks = new Recurring((signal) => this.#rotateAll(signal), {
      failure: "logs not rotated",
      everyMs,
      clock,
      log,
    });
  }

  close(): Promise<void> {
    return this.#looks.stop();
  }

  /** The container's log, with all that was put aside. */
  remove(container: ContainerRecord): void {
    const path = this.#options.records.logPathOf(container);
    const names = entries(dirname(path)).filter(
      (name) => name === basename(path) || name.startsWith(`${basename(path)}.`),
    );
    for (const name of names) rmSync(`${dirname(path)}/${name}`, { force: true });
    removeIfEmpty(dirname(path));
  }

  async #rotateAll(signal: AbortSignal): Promise<void> {
    const { records, log } = this.#options;
    for (const container of await records.containers({})) {
      if (container.state !== "running" || signal.aborted) continue;
      const path = records.logPathOf(container);
      if (((await stat(path).catch(() => undefined))?.size ?? 0) < this.#limits.maxBytes) continue;
      await this.#rotate(container.id, path).catch((error: unknown) =>
        log.warn("log not rotated", { container: container.name, id: container.id, error: messageOf(error) }),
      );
    }
  }

  async #rotate(id: string, path: string): Promise<void> {
    const aside = `${path}.${this.#options.clock.now()}`;
    await rename(path, aside);
    try {
      await this.#options.service.reopenContainerLog(id);
    } catch (error) {
      // The runtime still writes to the old file, or has none: it keeps its place.
      await rename(aside, path);
      throw error;
    }
    const old = await rotatedFiles(path);
    for (const file of old.slice(0, Math.max(0, old.length - (this.#limits.maxFiles - 1))))
      await rm(file, { force: true });
  }
}

export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // something is in it, or it is gone
  }
}

function entries(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

const defaultLimits: LogLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5, checkEveryMs: 10_000 };
