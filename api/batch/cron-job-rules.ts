import { invalid, notSupported } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { CronJobSpec } from "./cron-job.js";
import { scheduleError } from "./cron-schedule.js";

// The jobs' names get a suffix of eleven characters.
const maxNameCharacters = 52;

export function cronJobSpecRules({ schedule, timeZone, jobTemplate }: CronJobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const wrong = /TZ/.test(schedule)
    ? "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
    : scheduleError(schedule);
  if (wrong !== undefined) errors.push(invalid("schedule", schedule, wrong));
  if (timeZone !== undefined) errors.push(...timeZoneErrors(timeZone));
  const { selector, manualSelector } = jobTemplate.spec;
  if (selector !== undefined)
    errors.push(invalid("jobTemplate.spec.selector", selector, "`selector` will be auto-generated"));
  if (manualSelector) errors.push(notSupported("jobTemplate.spec.manualSelector", true, ["nil", "false"]));
  return errors;
}

const timeZonePath = "timeZone";

function timeZoneErrors(timeZone: string): FieldError[] {
  if (timeZone === "") return [invalid(timeZonePath, timeZone, "timeZone must be nil or non-empty string")];
  if (timeZone.toLowerCase() === "local")
    return [
      invalid(
        timeZonePath,
        timeZone,
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
      ),
    ];
  return isTimeZone(timeZone) ? [] : [invalid(timeZonePath, timeZone, `unknown time zone ${timeZone}`)];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined && !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** A name that was too long before may stay. */
export function cronJobErrors(name: string, _spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  return old === undefined && name.length > maxNameCharacters
    ? [invalid("metadata.name", name, `must be no more than ${maxNameCharacters} characters`)]
    : [];
}
