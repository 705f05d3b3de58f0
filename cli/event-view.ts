import { ageOf } from "../apimachinery/duration.js";

/** The parts of an event that are shown. */
export interface EventView {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata?: { readonly creationTimestamp?: string };
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly reportingComponent?: string;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly fieldPath?: string };
}

const lastSeen = (event: EventView): string | undefined =>
  event.series?.lastObservedTime ??
  event.lastTimestamp ??
  event.eventTime ??
  event.firstTimestamp ??
  event.metadata?.creationTimestamp;
const firstSeen = (event: EventView): string | undefined =>
  event.firstTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp;

export const lastSeenMs = (event: EventView): number => Date.parse(lastSeen(event) ?? "") || 0;

/** `3s`, or `3s (x4 over 2m)` for what happened several times. */
export function eventAge(event: EventView, nowMs: number): string {
  const count = event.series?.count ?? event.count ?? 1;
  const last = ageOf(lastSeen(event), nowMs);
  return count > 1 ? `${last} (x${count} over ${ageOf(firstSeen(event), nowMs)})` : last;
}
