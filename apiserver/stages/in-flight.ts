import { StatusError } from "../../apimachinery/status.js";
import type { Gauge } from "../../base/metrics.js";
import type { RequestInfo, User } from "../request.js";
import { isLongRunning, isMutating } from "./request-info.js";

export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
}
export const defaultInFlightLimits: InFlightLimits = { readOnly: 400, mutating: 200 };

/** Frees the seat; once. */
export type LeaveSeat = () => void;
export type TakeSeat = (user: User, info: RequestInfo) => LeaveSeat;

/**
 * Bounds how many requests are under way, reads and writes apart. Watches and other long answers take no seat, nor does
 * the cluster's administrator, who must get in when the house is full. Throws 429 TooManyRequests.
 */
export function createSeats(limits: InFlightLimits, gauge: Gauge): TakeSeat {
  const taken = { readOnly: 0, mutating: 0 };
  return (user, info) => {
    if (isLongRunning(info) || user.groups.includes("system:masters")) return () => {};
    const kind = isMutating(info) ? "mutating" : "readOnly";
    if (taken[kind] >= limits[kind])
      throw new StatusError("TooManyRequests", "too many requests, please try again later", {
        retryAfterSeconds: fullRetryAfterSeconds,
      });
    gauge.set(++taken[kind], kind);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      gauge.set(--taken[kind], kind);
    };
  };
}

const fullRetryAfterSeconds = 1;
