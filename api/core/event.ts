import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { invalid } from "../../apimachinery/schema/field-error.js";
import { type Infer, int32, microTime, object, optional, ref, string, time } from "../../apimachinery/schema/schema.js";
import { eventColumns } from "./event-columns.js";
import { type ObjectReference, objectReference } from "./reference.js";

/** Who reported an event. */
export const eventSource = object("EventSource", {
  /** Program that reported it. */
  component: optional(string()),
  /** Node on which that program runs. */
  host: optional(string()),
});
export interface EventSource extends Infer<typeof eventSource> {}

/** How often and when an event came again. */
export const eventSeries = object("EventSeries", {
  /** How often it has happened in this series. */
  count: optional(int32({ omitZero: true })),
  /** When it happened last, in microseconds. */
  lastObservedTime: optional(microTime()),
});
export interface EventSeries extends Infer<typeof eventSeries> {}

/** Something worth telling that happened to an object; kept for an hour. */
export const events = defineResource({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  fields: {
    /** What the event is about. */
    involvedObject: ref<ObjectReference>(() => objectReference, { default: {} }),
    /** Why it was reported, as one CamelCase word for programs. */
    reason: optional(string()),
    /** What happened, for people. */
    message: optional(string()),
    /** Normal or Warning. */
    type: optional(string()),
    /** Reporting program and its node, in the older form. */
    source: ref<EventSource>(() => eventSource, { default: {} }),
    /** Of the older form; the newer has `eventTime` and `series`. */
    firstTimestamp: optional(time()),
    /** When it happened last, in the older form. */
    lastTimestamp: optional(time()),
    /** How often it happened, in the older form. */
    count: optional(int32({ omitZero: true })),
    /** When it happened first, in microseconds; in the newer form. */
    eventTime: optional(microTime()),
    /** Set once it has happened again, in the newer form. */
    series: optional(ref<EventSeries>(() => eventSeries)),
    /** What was done or failed, as one word. */
    action: optional(string()),
    /** A second object that had a part in it. */
    related: optional(ref<ObjectReference>(() => objectReference)),
    /** Who reported it, in the newer form. */
    reportingComponent: string({ default: "", keepEmpty: true }),
    /** Which process of the reporter it was, such as its host name; at most 128 bytes. */
    reportingInstance: string({ default: "", keepEmpty: true }),
  },
  ttlSeconds: 3600,
  allowCreateOnUpdate: true,
  validate: ({ metadata, involvedObject }) =>
    sameNamespace(metadata.namespace, involvedObject.namespace)
      ? []
      : [invalid("involvedObject.namespace", involvedObject.namespace ?? "", "does not match event.namespace")],
  selectableFields: {
    "involvedObject.kind": ({ involvedObject }) => involvedObject.kind ?? "",
    "involvedObject.namespace": ({ involvedObject }) => involvedObject.namespace ?? "",
    "involvedObject.name": ({ involvedObject }) => involvedObject.name ?? "",
    "involvedObject.uid": ({ involvedObject }) => involvedObject.uid ?? "",
    "involvedObject.apiVersion": ({ involvedObject }) => involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": ({ involvedObject }) => involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": ({ involvedObject }) => involvedObject.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    /** Who reported it, in the newer form. */
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source.component ?? reportingComponent,
    type: ({ type }) => type ?? "",
  },
  columns: eventColumns,
});
export interface Event extends ObjectOf<typeof events> {}

/** Events of cluster-scoped objects lie in "default" (or "kube-system"). */
const sameNamespace = (own = "", involved = ""): boolean =>
  involved === "" ? own === "default" || own === "kube-system" : own === involved;
