/** events.k8s.io/v1 and the core group's events: the same fields under other names. */
import type { KubeObject } from "../../apimachinery/meta.js";
import type { Column } from "../../apimachinery/resource.js";
import type { EventSeries, EventSource } from "../core/event.js";
import { type EventLike, eventColumns } from "../core/event-columns.js";
import type { ObjectReference } from "../core/reference.js";
import type { EventsSeries } from "./event.js";

/** What the newer form says, as far as it is converted. */
export interface EventsEventLike extends KubeObject {
  readonly eventTime?: string;
  readonly series?: EventsSeries;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly regarding?: ObjectReference;
  readonly related?: ObjectReference;
  readonly note?: string;
  readonly type?: string;
  readonly deprecatedSource?: EventSource;
  readonly deprecatedFirstTimestamp?: string;
  readonly deprecatedLastTimestamp?: string;
  readonly deprecatedCount?: number;
}

interface StoredEvent extends EventLike {
  readonly action?: string;
  readonly related?: ObjectReference;
}
type Bare<T> = Omit<T, "apiVersion" | "kind">;

export function toStoredEvent(event: EventsEventLike): Bare<StoredEvent> {
  const { metadata, eventTime, series, action, reason, related, type, note } = event;
  const { deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount } = event;
  return {
    metadata,
    involvedObject: event.regarding ?? {},
    source: event.deprecatedSource ?? {},
    reportingComponent: event.reportingController ?? "",
    reportingInstance: event.reportingInstance ?? "",
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(series === undefined ? {} : { series }),
    ...(action === undefined ? {} : { action }),
    ...(reason === undefined ? {} : { reason }),
    ...(related === undefined ? {} : { related }),
    ...(type === undefined ? {} : { type }),
    ...(note === undefined ? {} : { message: note }),
    ...(deprecatedFirstTimestamp === undefined ? {} : { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp === undefined ? {} : { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
  };
}

export function fromStoredEvent(event: StoredEvent): Bare<EventsEventLike> {
  const { metadata, involvedObject, source, eventTime, series, action, reason, related, type, message } = event;
  const { reportingComponent, reportingInstance, firstTimestamp, lastTimestamp, count } = event;
  return {
    metadata,
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(series === undefined ? {} : { series: seriesOf(series) }),
    ...(reportingComponent === "" ? {} : { reportingController: reportingComponent }),
    ...(reportingInstance === "" ? {} : { reportingInstance }),
    ...(action === undefined ? {} : { action }),
    ...(reason === undefined ? {} : { reason }),
    ...(isEmpty(involvedObject) ? {} : { regarding: involvedObject }),
    ...(related === undefined ? {} : { related }),
    ...(message === undefined ? {} : { note: message }),
    ...(type === undefined ? {} : { type }),
    ...(isEmpty(source) ? {} : { deprecatedSource: source }),
    ...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
    ...(count === undefined ? {} : { deprecatedCount: count }),
  };
}

/** The core group's series may lack what the newer form always has. */
const seriesOf = ({ count = 0, lastObservedTime = zeroTime }: EventSeries): EventsSeries => ({
  count,
  lastObservedTime,
});
const zeroTime = "0001-01-01T00:00:00.000000Z";

const isEmpty = (object: object): boolean => Object.keys(object).length === 0;

/** What is shown of them is the same. */
export const eventsEventColumns: readonly Column<EventsEventLike>[] = eventColumns.map(({ cell, ...column }) => ({
  ...column,
  cell: (event: EventsEventLike, context: { readonly nowMs: number }) =>
    cell({ kind: event.kind, apiVersion: event.apiVersion, ...toStoredEvent(event) }, context),
}));
