import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { type ObjectMeta, objectMeta } from "../../apimachinery/meta.js";
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
import { type PodTemplateSpec, podTemplateSpec } from "../core/pod/template.js";
import { jobColumns } from "./columns.js";
import { jobCreateErrors, jobDefaults, jobSpecRules, jobUpdateErrors, withGeneratedSelector } from "./job-rules.js";
import { type PodFailurePolicy, podFailurePolicy, type SuccessPolicy, successPolicy } from "./pod-failure-policy.js";

/** How many pods are to end well, how many run at once, and when the job gives up. */
export const jobSpec = object("JobSpec", {
  /** Most pods that run at the same time; 1 unless given, 0 runs none. */
  parallelism: optional(int32({ min: 0 })),
  /** Pods that must end well; absent means that one success ends the job. */
  completions: optional(int32({ min: 0 })),
  /** Indexed: each pod has a number that must end well once; NonIndexed (the default): all pods are equal. */
  completionMode: optional(oneOf(["NonIndexed", "Indexed"])),
  /** Seconds from its start after which the job fails, whatever its pods do. */
  activeDeadlineSeconds: optional(int64({ min: 0 })),
  /** Pods that may fail before the job does; 6 unless given. */
  backoffLimit: optional(int32({ min: 0 })),
  /** Failures of one index before that index counts as failed. */
  backoffLimitPerIndex: optional(int32({ min: 0 })),
  /** More failed indexes than these end the job; only with `backoffLimitPerIndex`. */
  maxFailedIndexes: optional(int32({ min: 0 })),
  /** What a failed pod means for the job. */
  podFailurePolicy: optional(ref<PodFailurePolicy>(() => podFailurePolicy)),
  /** Ends the job early, once enough indexes are done; only with completion mode Indexed. */
  successPolicy: optional(ref<SuccessPolicy>(() => successPolicy)),
  /** Pods that are the job's; made by the server unless `manualSelector` says otherwise. */
  selector: optional(ref<LabelSelector>(() => labelSelector)),
  /** The author chose selector and labels; else the server makes unique ones. */
  manualSelector: optional(boolean()),
  /** What the pods are to be. */
  template: ref<PodTemplateSpec>(() => podTemplateSpec, { default: {} }),
  /** Seconds after its end when the job is deleted; absent keeps it. */
  ttlSecondsAfterFinished: optional(int32({ min: 0 })),
  /** No pods run, and those that do are ended. */
  suspend: optional(boolean()),
  /** A pod is replaced once it has ended (Failed), or as soon as it is being deleted too (TerminatingOrFailed). */
  podReplacementPolicy: optional(oneOf(["Failed", "TerminatingOrFailed"])),
  /** The controller that runs this job, where it is not the built-in one. */
  managedBy: optional(string()),
});
export interface JobSpec extends Infer<typeof jobSpec> {}
addRules(jobSpec, { validate: jobSpecRules });

/** What the jobs that a cron job makes look like. */
export const jobTemplateSpec = object("JobTemplateSpec", {
  /** Labels and annotations that every job gets. */
  metadata: optional(ref<ObjectMeta>(() => objectMeta)),
  /** What each job is to do. */
  spec: ref<JobSpec>(() => jobSpec, { default: {} }),
});
export interface JobTemplateSpec extends Infer<typeof jobTemplateSpec> {}

/** How far a job has come. */
export const jobStatus = object("JobStatus", {
  /** Pods that wait or run and are not being deleted. */
  active: optional(int32({ omitZero: true })),
  /** Indexes that ended well, as ranges: `1,3-5`. */
  completedIndexes: optional(string()),
  /** When the job ended well; absent while it runs and where it failed. */
  completionTime: optional(time()),
  /** How it stands: suspended, about to end, complete or failed. */
  conditions: optional(
    list(
      ref<JobCondition>(() => jobCondition),
      { mergeKey: "type" },
    ),
  ),
  /** Pods that ended in failure. */
  failed: optional(int32({ omitZero: true })),
  /** Indexes that failed for good, as ranges: `1,3-5`. */
  failedIndexes: optional(string({ keepEmpty: true })),
  /** Pods that run and are ready. */
  ready: optional(int32()),
  /** When the controller began with the job, or resumed it after a suspension. */
  startTime: optional(time()),
  /** Pods that ended well. */
  succeeded: optional(int32({ omitZero: true })),
  /** Pods that are being deleted and have not ended. */
  terminating: optional(int32()),
  /** Ended pods on their way into `failed` and `succeeded`. */
  uncountedTerminatedPods: optional(ref<UncountedTerminatedPods>(() => uncountedTerminatedPods)),
});
export interface JobStatus extends Infer<typeof jobStatus> {}

/** One aspect of a job's state. */
export const jobCondition = object("JobCondition", {
  /** Suspended, FailureTarget, SuccessCriteriaMet, Complete or Failed. */
  type: string({ default: "" }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When this was last looked at. */
  lastProbeTime: optional(time()),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** The cause, as one word for programs: `BackoffLimitExceeded`. */
  reason: optional(string()),
});
export interface JobCondition extends Infer<typeof jobCondition> {}

/** Pods that have ended and are not part of the counts yet. */
export const uncountedTerminatedPods = object("UncountedTerminatedPods", {
  /** UIDs of those that failed. */
  failed: optional(list(string(), { listType: "set" })),
  /** UIDs of those that ended well. */
  succeeded: optional(list(string(), { listType: "set" })),
});
export interface UncountedTerminatedPods extends Infer<typeof uncountedTerminatedPods> {}

/** Runs pods until enough of them have ended well. */
export const jobs = defineResource({
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  categories: ["all"],
  scope: "Namespaced",
  spec: jobSpec,
  status: jobStatus,
  subresources: { status: true },
  notBuilt: "controller",
  defaults: (job) => jobDefaults(job),
  complete: (job) => withGeneratedSelector(job),
  prepare: (job, old) => (old ? job : { ...job, status: {} }),
  validate: (job, old) => (old ? jobUpdateErrors(job.spec, old.spec, old.status) : jobCreateErrors(job)),
  selectableFields: { "status.successful": ({ status }) => String(status?.succeeded ?? 0) },
  columns: jobColumns,
});
export interface Job extends ObjectOf<typeof jobs> {}
