import { parseDuration } from "../../apimachinery/duration.js";
import { badRequest, StatusError } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import { type Abortable, LateAbort } from "../../base/late-abort.js";
import type { Random } from "../../base/random.js";
import type { RequestInfo } from "../request.js";
import { isLongRunning } from "./request-info.js";

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly requestTimeoutMs?: number;
  /** A watch lives at least so long, at most twice as long, unless its client says otherwise. */
  readonly minWatchMs?: number;
}

/** How long a request may take. */
export interface Deadline extends Abortable {
  /** Aborted when the time is over, the client is gone, the answer is out or the server stops. */
  readonly signal: AbortSignal;
  /** The answer, or 504 Timeout when it has not come in time. For long-running requests: the answer, whenever. */
  within<T>(answer: Promise<T>): Promise<T>;
  /** No more time is counted: whatever listens to the signal is told that the request is over. */
  clear(): void;
}

/** Gives each request its time, and ends the long-running ones when the server stops. */
export class Deadlines {
  readonly #options: Required<DeadlineOptions>;
  readonly #longRunning = new Set<LateAbort>();
  #stopped = false;

  constructor(options: DeadlineOptions) {
    this.#options = { requestTimeoutMs: defaultRequestTimeoutMs, minWatchMs: defaultMinWatchMs, ...options };
  }

  start(info: RequestInfo, query: URLSearchParams, client: Abortable): Deadline {
    const long = isLongRunning(info);
    const timeoutMs = long ? this.#longTimeoutMs(info, query) : this.#shortTimeoutMs(query);
    const end = new LateAbort();
    const abort = (): void => end.abort(over);
    if (long && this.#stopped) abort();
    if (long) this.#longRunning.add(end);
    let clientSignal: AbortSignal | undefined;
    let isCleared = false;
    let onTimeout: (() => void) | undefined;
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.#options.clock.after(timeoutMs, () => {
            onTimeout?.();
            abort();
          });
    return {
      get signal() {
        if (!clientSignal && !isCleared) {
          clientSignal = client.signal;
          if (clientSignal.aborted) abort();
          else clientSignal.addEventListener("abort", abort, { once: true });
        }
        return end.signal;
      },
      within: (answer) =>
        long
          ? answer
          : new Promise((resolve, reject) => {
              onTimeout = () => reject(timedOut());
              answer.then(resolve, reject);
            }),
      clear: () => {
        timer?.cancel();
        isCleared = true;
        clientSignal?.removeEventListener("abort", abort);
        this.#longRunning.delete(end);
        // Who listens and was not read to the end, such as a backend behind the answer to a HEAD, holds nothing any more.
        if (clientSignal) abort();
      },
    };
  }

  /** Ends every long-running request, and every one that comes from now on. */
  stop(): void {
    this.#stopped = true;
    for (const end of this.#longRunning) end.abort(over);
  }

  #shortTimeoutMs(query: URLSearchParams): number {
    const text = query.get("timeout");
    const { requestTimeoutMs } = this.#options;
    if (text === null || text === "") return requestTimeoutMs;
    const askedMs = parseTimeout(text);
    return askedMs <= 0 ? requestTimeoutMs : Math.min(askedMs, requestTimeoutMs);
  }

  /** A watch whose time is negative is over as it starts. One without an end of its own ends by itself at a random time, so that watches spread over servers. */
  #longTimeoutMs(info: RequestInfo, query: URLSearchParams): number | undefined {
    if (info.verb !== "watch") return undefined;
    const seconds = Number(query.get("timeoutSeconds"));
    const { minWatchMs, random } = this.#options;
    return Number.isInteger(seconds) && seconds !== 0
      ? Math.min(Math.max(seconds * 1000, 0), maxTimerMs)
      : minWatchMs + Math.floor((random.next() * minWatchMs) / timerStepMs) * timerStepMs;
  }
}

export const defaultRequestTimeoutMs = 60_000;
const defaultMinWatchMs = 30 * 60 * 1000;
/** Node.js keeps a list for each length of time that timers have: watches share some. */
const timerStepMs = 1_000;
/** Timers beyond this fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Made once: a reason of its own for each request would cost a stack. */
const over = new Error("the request is over");

const timedOut = (): StatusError =>
  new StatusError("Timeout", "Timeout: request did not complete within the allotted timeout", {});

/** A Go duration, as `?timeout=34s` gives it. */
function parseTimeout(text: string): number {
  const parsed = parseDuration(text);
  if ("error" in parsed) throw badRequest(`invalid timeout specified in the request URL: ${parsed.error}`);
  return parsed.ms;
}
