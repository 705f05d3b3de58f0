import { ageOf, humanDuration } from "../../apimachinery/duration.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { formatLabelSelector } from "../../apimachinery/selector/label.js";
import type { PodTemplateSpec } from "../core/pod/template.js";
import type { CronJobSpec, CronJobStatus } from "./cron-job.js";
import type { JobSpec, JobStatus } from "./job.js";

/** What `kubectl get jobs` and `kubectl get cronjobs` show. */

type Job = ObjectWith<JobSpec, JobStatus>;
type CronJob = ObjectWith<CronJobSpec, CronJobStatus>;

const containerCells = (template: PodTemplateSpec): { readonly names: string; readonly images: string } => ({
  names: template.spec.containers.map(({ name }) => name).join(","),
  images: template.spec.containers.map(({ image = "" }) => image).join(","),
});

export const jobColumns: readonly Column<Job>[] = [
  nameColumn,
  { name: "Status", cell: stateOf },
  { name: "Completions", cell: completionsOf },
  { name: "Duration", cell: durationOf },
  ageColumn,
  { name: "Containers", priority: 1, cell: ({ spec }) => containerCells(spec.template).names },
  { name: "Images", priority: 1, cell: ({ spec }) => containerCells(spec.template).images },
  { name: "Selector", priority: 1, cell: ({ spec }) => formatLabelSelector(spec.selector) },
];

function stateOf({ metadata, status }: Job): string {
  const holds = (type: string): boolean =>
    status?.conditions?.some((each) => each.type === type && each.status === "True") ?? false;
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running";
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf({ status }: Job, { nowMs }: { readonly nowMs: number }): string {
  if (status?.startTime === undefined) return "";
  const endMs = status.completionTime === undefined ? nowMs : Date.parse(status.completionTime);
  return humanDuration(endMs - Date.parse(status.startTime));
}

export const cronJobColumns: readonly Column<CronJob>[] = [
  nameColumn,
  { name: "Schedule", cell: ({ spec }) => spec.schedule },
  { name: "Timezone", cell: ({ spec }) => spec.timeZone },
  { name: "Suspend", cell: ({ spec }) => (spec.suspend ? "True" : "False") },
  { name: "Active", type: "integer", cell: ({ status }) => status?.active?.length ?? 0 },
  {
    name: "Last Schedule",
    cell: ({ status }, { nowMs }) =>
      status?.lastScheduleTime === undefined ? undefined : ageOf(status.lastScheduleTime, nowMs),
  },
  ageColumn,
  { name: "Containers", priority: 1, cell: ({ spec }) => containerCells(spec.jobTemplate.spec.template).names },
  { name: "Images", priority: 1, cell: ({ spec }) => containerCells(spec.jobTemplate.spec.template).images },
  { name: "Selector", priority: 1, cell: ({ spec }) => formatLabelSelector(spec.jobTemplate.spec.selector) },
];
