import { defineVersion, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, int32, microTime, object, optional, ref, string, time } from "../../apimachinery/schema/schema.js";
import { type EventSource, eventSource, events } from "../core/event.js";
import { type ObjectReference, objectReference } from "../core/reference.js";
import { eventsEventColumns, fromStoredEvent, toStoredEvent } from "./event-conversion.js";
import { eventRules } from "./event-rules.js";

/** How often an event came again, and when it last did. */
export const eventsSeries = object("EventSeries", {
  count: int32({ default: 0 }),
  lastObservedTime: microTime(),
});
export interface EventsSeries extends Infer<typeof eventsSeries> {}

/** Something worth telling that happened to an object; the newer form of the core group's events, kept among them. */
export const eventsEvents = defineVersion(events, {
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  fields: {
    /** When it was first seen. */
    eventTime: optional(microTime()),
    series: optional(ref<EventsSeries>(() => eventsSeries)),
    /** Who reported it: `example.com/controller`. */
    reportingController: optional(string()),
    reportingInstance: optional(string()),
    /** What was done. */
    action: optional(string()),
    reason: optional(string()),
    /** What it happened to. */
    regarding: optional(ref<ObjectReference>(() => objectReference)),
    related: optional(ref<ObjectReference>(() => objectReference)),
    note: optional(string()),
    type: optional(string()),
    deprecatedSource: optional(ref<EventSource>(() => eventSource)),
    deprecatedFirstTimestamp: optional(time()),
    deprecatedLastTimestamp: optional(time()),
    deprecatedCount: optional(int32({ omitZero: true })),
  },
  storedFields: Object.fromEntries([
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map((name) => [
      `regarding.${name}`,
      `involvedObject.${name}`,
    ]),
    ["reportingController", "reportingComponent"],
  ]),
  selectableFields: {
    "regarding.kind": ({ regarding }) => regarding?.kind ?? "",
    "regarding.namespace": ({ regarding }) => regarding?.namespace ?? "",
    "regarding.name": ({ regarding }) => regarding?.name ?? "",
    "regarding.uid": ({ regarding }) => regarding?.uid ?? "",
    "regarding.apiVersion": ({ regarding }) => regarding?.apiVersion ?? "",
    "regarding.resourceVersion": ({ regarding }) => regarding?.resourceVersion ?? "",
    "regarding.fieldPath": ({ regarding }) => regarding?.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    reportingController: ({ reportingController }) => reportingController ?? "",
    type: ({ type }) => type ?? "",
  },
  toStored: toStoredEvent,
  fromStored: fromStoredEvent,
  validate: eventRules,
  columns: eventsEventColumns,
});
export interface EventsEvent extends ObjectOf<typeof eventsEvents> {}
