import { StatusError } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { Abortable } from "../../base/late-abort.js";
import type { Gauge } from "../../base/metrics.js";
import type { RequestInfo, User } from "../request.js";
import { createPlaces } from "./long-running.js";
import { isLongRunning, isMutating } from "./request-info.js";

export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
  /** Requests of a kind that may wait for a seat; none unless said. */
  readonly waiting?: number;
  /** Watches and other long answers that one user may have open. */
  readonly longRunningPerUser?: number;
}
export const defaultInFlightLimits: InFlightLimits = { readOnly: 400, mutating: 200, waiting: 1_000 };

/** How long a request waits for a seat. */
export interface Patience {
  readonly clock: Clock;
  readonly waitMaxMs: number;
}
/** Of the time that a request has, the share that it may wait for a seat. */
export const waitShare = 1 / 4;

/** Frees the seat; once. */
export type LeaveSeat = () => void;
/** The end of the request ends the waiting. The caller is who came, the user as whom. */
export type TakeSeat = (
  user: User,
  info: RequestInfo,
  request: Abortable,
  caller: User,
) => LeaveSeat | Promise<LeaveSeat>;

/**
 * Bounds how many requests are under way, reads and writes apart. When all seats are taken a request waits its turn, and
 * when too many wait, or it has waited for long, it is refused: 429 TooManyRequests. Watches and other long answers take no seat but
 * are bounded for each user; nor does the cluster's administrator, who must get in when the house is full.
 */
export function createSeats(limits: InFlightLimits, gauge: Gauge, { clock, waitMaxMs }: Patience): TakeSeat {
  const takePlace = createPlaces(limits.longRunningPerUser);
  const taken = { readOnly: 0, mutating: 0 };
  const waiting: Record<keyof typeof taken, (() => void)[]> = { readOnly: [], mutating: [] };
  const seatFor = (kind: keyof typeof taken): LeaveSeat => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting[kind].shift();
      if (next) next();
      else gauge.set(--taken[kind], kind);
    };
  };
  return (user, info, request, caller) => {
    // By who came: whoever may act as many would have as many places as there are names.
    if (isLongRunning(info)) return takePlace(caller);
    if (user.groups.includes("system:masters")) return () => {};
    const kind = isMutating(info) ? "mutating" : "readOnly";
    if (taken[kind] < limits[kind]) {
      gauge.set(++taken[kind], kind);
      return seatFor(kind);
    }
    if (waiting[kind].length >= (limits.waiting ?? 0)) throw full();
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", gone);
        waiting[kind] = waiting[kind].filter((other) => other !== sit);
        reject(full());
      };
      const timer = clock.after(waitMaxMs, gone);
      const sit = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", gone);
        resolve(seatFor(kind));
      };
      waiting[kind].push(sit);
      signal.addEventListener("abort", gone, { once: true });
    });
  };
}

const full = (): StatusError =>
  new StatusError("TooManyRequests", "too many requests, please try again later", {
    retryAfterSeconds: fullRetryAfterSeconds,
  });

const fullRetryAfterSeconds = 1;
