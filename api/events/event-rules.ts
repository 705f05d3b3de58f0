import { qualifiedName } from "../../apimachinery/names.js";
import { invalid, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { equal } from "../../base/equal.js";
import type { EventsEventLike } from "./event-conversion.js";

const shortTextMaxLength = 128;
const noteMaxLength = 1024;
const seriesMinCount = 2;
const zeroTimeMs = Date.parse("0001-01-01T00:00:00Z");

/** What the newer form asks of an event beyond what the core group does; the older form's fields may not be written. */
export const eventRules = (event: EventsEventLike, old: EventsEventLike | undefined): readonly FieldError[] =>
  old ? changeErrors(event, old) : newErrors(event);

function newErrors(event: EventsEventLike): readonly FieldError[] {
  const { eventTime, reportingController = "", note = "", type = "", series } = event;
  const errors: FieldError[] = [];
  if (eventTime === undefined) errors.push(required("eventTime", ""));
  if (type !== "Normal" && type !== "Warning") errors.push(invalid("type", "", `has invalid value: ${type}`));
  for (const [field, path] of [
    ["deprecatedFirstTimestamp", "firstTimestamp"],
    ["deprecatedLastTimestamp", "lastTimestamp"],
    ["deprecatedCount", "count"],
    ["deprecatedSource", "source"],
  ] as const)
    if (event[field] !== undefined) errors.push(invalid(path, "", "needs to be unset"));
  if (reportingController === "") errors.push(required("reportingController", ""));
  else
    for (const message of qualifiedName(reportingController))
      errors.push(invalid("reportingController", reportingController, message));
  for (const field of ["reportingInstance", "action", "reason"] as const)
    errors.push(...textErrors(field, event[field]));
  if (note.length > noteMaxLength) errors.push(invalid("message", "", `can have at most ${noteMaxLength} characters`));
  return [...errors, ...seriesErrors(series)];
}

function seriesErrors(series: EventsEventLike["series"]): readonly FieldError[] {
  if (!series) return [];
  const { count, lastObservedTime } = series;
  const errors = count < seriesMinCount ? [invalid("series.count", "", `should be at least ${seriesMinCount}`)] : [];
  return lastObservedTime === undefined || Date.parse(lastObservedTime) === zeroTimeMs
    ? [...errors, required("series.lastObservedTime", "")]
    : errors;
}

function textErrors(field: string, text = ""): readonly FieldError[] {
  if (text === "") return [required(field, "")];
  return text.length > shortTextMaxLength
    ? [invalid(field, "", `can have at most ${shortTextMaxLength} characters`)]
    : [];
}

const fixed = {
  regarding: "involvedObject",
  reason: "reason",
  note: "message",
  deprecatedSource: "source",
  deprecatedFirstTimestamp: "firstTimestamp",
  deprecatedLastTimestamp: "lastTimestamp",
  deprecatedCount: "count",
  type: "type",
  eventTime: "eventTime",
  action: "action",
  related: "related",
  reportingController: "reportingController",
  reportingInstance: "reportingInstance",
} as const;

/** An event that happened is what it is: only its series goes on. */
const changeErrors = (event: EventsEventLike, old: EventsEventLike): readonly FieldError[] => [
  ...(equal(event.series, old.series) ? [] : seriesErrors(event.series)),
  ...(Object.keys(fixed) as (keyof typeof fixed)[])
    .filter((field) => !equal(event[field], old[field]))
    .map((field) => invalid(fixed[field], event[field] ?? null, "field is immutable")),
];
