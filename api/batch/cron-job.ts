import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  boolean,
  type Infer,
  int32,
  int64,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { type ObjectReference, objectReference } from "../core/reference.js";
import { cronJobColumns } from "./columns.js";
import { cronJobErrors, cronJobSpecRules } from "./cron-job-rules.js";
import { type JobTemplateSpec, jobTemplateSpec } from "./job.js";

/** When jobs start, what they look like, and how many are kept. */
export const cronJobSpec = object("CronJobSpec", {
  /** Minute, hour, day of month, month, day of week. */
  schedule: string({ nonEmpty: true }),
  /** Name of a time zone; absent means that of the controller. */
  timeZone: optional(string({ keepEmpty: true })),
  /** A run that could not start this many seconds after its time is skipped; absent means no limit. */
  startingDeadlineSeconds: optional(int64({ min: 0 })),
  /** If the last run still goes on: Allow (the default) starts beside it, Forbid skips, Replace ends it. */
  concurrencyPolicy: oneOf(["Allow", "Forbid", "Replace"], { default: "Allow" }),
  /** Starts no more runs while it is true. */
  suspend: boolean({ default: false }),
  /** What the jobs are to be. */
  jobTemplate: ref<JobTemplateSpec>(() => jobTemplateSpec, { default: {} }),
  /** How many failed jobs are kept; 1 unless given. */
  failedJobsHistoryLimit: int32({ default: 1, min: 0 }),
  /** How many jobs that ended well are kept; 3 unless given. */
  successfulJobsHistoryLimit: int32({ default: 3, min: 0 }),
});
export interface CronJobSpec extends Infer<typeof cronJobSpec> {}
addRules(cronJobSpec, { validate: cronJobSpecRules });

/** Which jobs run, and when the last ones did. */
export const cronJobStatus = object("CronJobStatus", {
  /** Jobs of this cron job that have not ended. */
  active: optional(list(ref<ObjectReference>(() => objectReference))),
  /** The latest time of the schedule for which a job was made. */
  lastScheduleTime: optional(time()),
  /** When a job last ended well. */
  lastSuccessfulTime: optional(time()),
});
export interface CronJobStatus extends Infer<typeof cronJobStatus> {}

/** Starts jobs at set times. */
export const cronJobs = defineResource({
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  shortNames: ["cj"],
  categories: ["all"],
  scope: "Namespaced",
  spec: cronJobSpec,
  status: cronJobStatus,
  subresources: { status: true },
  notBuilt: "controller",
  prepare: (cronJob, old) => (old ? cronJob : { ...cronJob, status: {} }),
  validate: ({ metadata, spec }, old) => cronJobErrors(metadata.name, spec, old?.spec),
  columns: cronJobColumns,
});
export interface CronJob extends ObjectOf<typeof cronJobs> {}
