import { ageOf } from "../../apimachinery/duration.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import type { Column } from "../../apimachinery/resource.js";
import type { EventSeries, EventSource } from "./event.js";
import type { ObjectReference } from "./reference.js";

/** What `kubectl get events` shows. */

/** What the columns read of an event. */
export interface EventLike extends KubeObject {
  readonly involvedObject: ObjectReference;
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly source: EventSource;
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly eventTime?: string;
  readonly count?: number;
  readonly series?: EventSeries;
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

export const eventColumns: readonly Column<EventLike>[] = [
  { name: "Last Seen", cell: (event, { nowMs }) => ageOf(lastSeen(event), nowMs) },
  { name: "Type", cell: ({ type = "" }) => type },
  { name: "Reason", cell: ({ reason = "" }) => reason },
  { name: "Object", cell: ({ involvedObject }) => objectName(involvedObject) },
  { name: "Subobject", priority: 1, cell: ({ involvedObject }) => involvedObject.fieldPath ?? "" },
  { name: "Source", priority: 1, cell: sourceOf },
  { name: "Message", cell: ({ message = "" }) => message.trim() },
  { name: "First Seen", priority: 1, cell: (event, { nowMs }) => ageOf(firstSeen(event), nowMs) },
  { name: "Count", priority: 1, cell: ({ series, count = 0 }) => series?.count ?? Math.max(count, 1) },
  { name: "Name", priority: 1, cell: ({ metadata }) => metadata.name },
];

const firstSeen = ({ firstTimestamp, eventTime }: EventLike): string | undefined => firstTimestamp ?? eventTime;

export const lastSeen = (event: EventLike): string | undefined =>
  event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event);

function objectName({ kind = "", name = "" }: ObjectReference): string {
  return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceOf({ source, reportingComponent, reportingInstance }: EventLike): string {
  const component = source.component ?? reportingComponent;
  const host = source.host ?? reportingInstance;
  return host === "" ? component : `${component}, ${host}`;
}
