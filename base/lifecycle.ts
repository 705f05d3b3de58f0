import { setMaxListeners } from "node:events";

/**
 * A scope that owns everything started in it: background promises, servers, timers. Nothing outlives `stop`.
 * A background task that fails is reported once through `onFailure`.
 */
export class Lifecycle {
  readonly #controller = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #onFailure: (name: string, error: unknown) => void;
  #stopped: Promise<void> | undefined;

  constructor(onFailure: (name: string, error: unknown) => void) {
    this.#onFailure = onFailure;
    // Everything in the scope listens to its end; how many there are is no sign of a leak.
    setMaxListeners(0, this.#controller.signal);
  }

  /** Aborted as soon as `stop` is called. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs a task that lives as long as the scope; it must end soon after the signal aborts. */
  run(name: string, task: (signal: AbortSignal) => Promise<void>): void {
    const running: Promise<void> = task(this.signal)
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.#onFailure(name, error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Registers something to close; closers run in reverse order after the signal aborts. */
  onStop(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /** Aborts the signal, closes in reverse order, waits for every task. Idempotent. Rejects, at the end, with what failed first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#controller.abort();
    const failures: unknown[] = [];
    for (const close of this.#closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    await Promise.all(this.#running);
    if (failures.length > 0) throw failures[0];
  }
}
