import { defineVersion, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, int32, microTime, object, optional, ref, string, time } from "../../apimachinery/schema/schema.js";
import { type EventSource, eventSource, events } from "../core/event.js";
import { type ObjectReference, objectReference } from "../core/reference.js";
import { eventsEventColumns, fromStoredEvent, toStoredEvent } from "./event-conversion.js";
import { eventRules } from "./event-rules.js";

/** How often an event came again, and when it last did. */
export const eventsSeries = object("EventSeries", {
  /** How often it happened. */
  count: int32({ default: 0 }),
  /** When it last happened. */
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
    /** Present if it happened more than once. */
    series: optional(ref<EventsSeries>(() => eventsSeries)),
    /** Who reported it: `example.com/controller`. */
    reportingController: optional(string()),
    /** Which copy of the reporting program said so, such as the name of its pod. */
    reportingInstance: optional(string()),
    /** What was done. */
    action: optional(string()),
    /** Why it was done, as one word for programs; up to 128 characters. */
    reason: optional(string()),
    /** What it happened to. */
    regarding: optional(ref<ObjectReference>(() => objectReference)),
    /** A second object that had a part in it. */
    related: optional(ref<ObjectReference>(() => objectReference)),
    /** What happened, in words for people; up to 1 kB. */
    note: optional(string()),
    /** Normal, or Warning where something is wrong. */
    type: optional(string()),
    /** Who reported it, in the form of core/v1. */
    deprecatedSource: optional(ref<EventSource>(() => eventSource)),
    /** When it first happened, in the form of core/v1. */
    deprecatedFirstTimestamp: optional(time()),
    /** When it last happened, in the form of core/v1. */
    deprecatedLastTimestamp: optional(time()),
    /** How often it happened, in the form of core/v1. */
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
