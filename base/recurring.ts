import type { Clock } from "./clock.js";
import { messageOf } from "./error-text.js";
import type { Logger } from "./log.js";

export interface RecurringOptions {
  /** For the log, as what could not be done: "logs not rotated". */
  readonly failure: string;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Does the same again and again, the first time at once, the next when the one before is done and `everyMs` are over. What
 * fails is told once until it succeeds or fails for another reason, and is tried again like everything else.
 */
export class Recurring {
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(work: (signal: AbortSignal) => Promise<void>, options: RecurringOptions) {
    this.#running = this.#run(work, options);
  }

  /** Resolves when nothing of it goes on any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(
    work: (signal: AbortSignal) => Promise<void>,
    { failure, everyMs, clock, log }: RecurringOptions,
  ): Promise<void> {
    const { signal } = this.#stop;
    // Whoever makes it finishes being made first.
    await undefined;
    for (let told: string | undefined; !signal.aborted; await clock.sleep(everyMs, signal)) {
      try {
        await work(signal);
        told = undefined;
      } catch (error) {
        const why = messageOf(error);
        if (!signal.aborted && why !== told) log.warn(failure, { error: why });
        told = why;
      }
    }
  }
}
