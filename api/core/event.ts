import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { invalid } from "../../apimachinery/schema/field-error.js";
import { type Infer, int32, microTime, object, optional, ref, string, time } from "../../apimachinery/schema/schema.js";
import { eventColumns } from "./event-columns.js";
import { type ObjectReference, objectReference } from "./reference.js";

/** Who reported an event. */
export const eventSource = object("EventSource", {
  component: optional(string()),
  host: optional(string()),
});
export interface EventSource extends Infer<typeof eventSource> {}

/** How often and when an event came again. */
export const eventSeries = object("EventSeries", {
  count: optional(int32({ omitZero: true })),
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
    involvedObject: ref<ObjectReference>(() => objectReference, { default: {} }),
    reason: optional(string()),
    message: optional(string()),
    type: optional(string()),
    source: ref<EventSource>(() => eventSource, { default: {} }),
    /** Of the older form; the newer has `eventTime` and `series`. */
    firstTimestamp: optional(time()),
    lastTimestamp: optional(time()),
    count: optional(int32({ omitZero: true })),
    eventTime: optional(microTime()),
    series: optional(ref<EventSeries>(() => eventSeries)),
    action: optional(string()),
    related: optional(ref<ObjectReference>(() => objectReference)),
    /** Who reported it, in the newer form. */
    reportingComponent: string({ default: "", keepEmpty: true }),
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
