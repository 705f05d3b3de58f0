import { pods } from "../../api/core/pod/pod.js";
import { ageOf } from "../../apimachinery/duration.js";
import type { AnyObject } from "../api.js";
import { podSpecOf, selectorOfWorkload } from "../workload.js";
import type { DescribeContext, Describer } from "./describer.js";
import { controllerOf, type Layout, selectorText, timeText } from "./layout.js";
import { writeTemplate } from "./pod-template.js";

interface JobSpec {
  readonly selector?: unknown;
  readonly parallelism?: number;
  readonly completions?: number;
  readonly completionMode?: string;
  readonly suspend?: boolean;
  readonly backoffLimit?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly activeDeadlineSeconds?: number;
  readonly template?: object;
}
interface JobStatus {
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly active?: number;
  readonly ready?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly completedIndexes?: string;
}

const head = (layout: Layout, { metadata }: AnyObject): void => {
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
};

export const describeJob: Describer = (layout, job) => {
  const spec = (job.spec ?? {}) as JobSpec;
  const status = (job.status ?? {}) as JobStatus;
  head(layout, job);
  layout.line(0, `Selector:\t${selectorText(spec.selector)}`);
  layout.map(0, "Labels", job.metadata.labels);
  layout.annotations(0, job);
  layout.given(0, "Controlled By", controllerOf(job));
  layout.line(0, `Parallelism:\t${spec.parallelism ?? "<unset>"}`);
  layout.line(0, `Completions:\t${spec.completions ?? "<unset>"}`);
  layout.line(0, `Completion Mode:\t${spec.completionMode ?? "NonIndexed"}`);
  layout.line(0, `Suspend:\t${spec.suspend ?? false}`);
  layout.line(0, `Backoff Limit:\t${spec.backoffLimit ?? 6}`);
  if (spec.ttlSecondsAfterFinished !== undefined)
    layout.line(0, `TTL Seconds After Finished:\t${spec.ttlSecondsAfterFinished}`);
  if (status.startTime) layout.line(0, `Start Time:\t${timeText(status.startTime)}`);
  if (status.completionTime) {
    layout.line(0, `Completed At:\t${timeText(status.completionTime)}`);
    if (status.startTime) layout.line(0, `Duration:\t${ageOf(status.startTime, Date.parse(status.completionTime))}`);
  }
  if (spec.activeDeadlineSeconds !== undefined)
    layout.line(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`);
  const ready = status.ready === undefined ? "" : ` (${status.ready} Ready)`;
  layout.line(
    0,
    `Pods Statuses:\t${status.active ?? 0} Active${ready} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`,
  );
  if (spec.completionMode === "Indexed") layout.line(0, `Completed Indexes:\t${status.completedIndexes || "<none>"}`);
  writeTemplate(layout, spec.template ?? {});
};

interface CronJobSpec {
  readonly schedule?: string;
  readonly timeZone?: string;
  readonly concurrencyPolicy?: string;
  readonly suspend?: boolean;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
  readonly startingDeadlineSeconds?: number;
  readonly jobTemplate?: { readonly spec?: JobSpec };
}

export const describeCronJob: Describer = (layout, cronJob) => {
  const spec = (cronJob.spec ?? {}) as CronJobSpec;
  const { lastScheduleTime, active = [] } = (cronJob.status ?? {}) as {
    readonly lastScheduleTime?: string;
    readonly active?: readonly { readonly name?: string }[];
  };
  const job = spec.jobTemplate?.spec ?? {};
  head(layout, cronJob);
  layout.map(0, "Labels", cronJob.metadata.labels);
  layout.annotations(0, cronJob);
  layout.line(0, `Schedule:\t${spec.schedule ?? ""}`);
  if (spec.timeZone) layout.line(0, `TimeZone:\t${spec.timeZone}`);
  layout.line(0, `Concurrency Policy:\t${spec.concurrencyPolicy ?? "Allow"}`);
  layout.line(0, `Suspend:\t${spec.suspend ? "True" : "False"}`);
  layout.line(0, `Successful Job History Limit:\t${spec.successfulJobsHistoryLimit ?? "<unset>"}`);
  layout.line(0, `Failed Job History Limit:\t${spec.failedJobsHistoryLimit ?? "<unset>"}`);
  layout.line(
    0,
    `Starting Deadline Seconds:\t${spec.startingDeadlineSeconds === undefined ? "<unset>" : `${spec.startingDeadlineSeconds}s`}`,
  );
  layout.line(0, `Selector:\t${job.selector ? selectorText(job.selector) : "<unset>"}`);
  layout.line(0, `Parallelism:\t${job.parallelism ?? "<unset>"}`);
  layout.line(0, `Completions:\t${job.completions ?? "<unset>"}`);
  if (job.activeDeadlineSeconds !== undefined)
    layout.line(0, `Active Deadline Seconds:\t${job.activeDeadlineSeconds}s`);
  writeTemplate(layout, job.template ?? {});
  layout.line(0, `Last Schedule Time:\t${lastScheduleTime ? timeText(lastScheduleTime) : "<unset>"}`);
  layout.line(0, `Active Jobs:\t${active.map(({ name }) => name).join(", ") || "<none>"}`);
};

async function phases(workload: AnyObject, { api }: DescribeContext): Promise<string> {
  const { items } = await api.list(pods, workload.metadata.namespace, { labelSelector: selectorOfWorkload(workload) });
  const owned = items.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === workload.metadata.uid));
  const count = (phase: string): number =>
    owned.filter((pod) => (pod.status as { readonly phase?: string } | undefined)?.phase === phase).length;
  return `${count("Running")} Running / ${count("Pending")} Waiting / ${count("Succeeded")} Succeeded / ${count("Failed")} Failed`;
}

export const describeDaemonSet: Describer = async (layout, daemonSet, context) => {
  const spec = (daemonSet.spec ?? {}) as { readonly selector?: unknown; readonly template?: object };
  const { nodeSelector = {} } = (podSpecOf(daemonSet) ?? {}) as {
    readonly nodeSelector?: Readonly<Record<string, string>>;
  };
  const status = (daemonSet.status ?? {}) as Readonly<Record<string, number | undefined>>;
  head(layout, daemonSet);
  layout.line(0, `Selector:\t${selectorText(spec.selector)}`);
  layout.line(0, `Node-Selector:\t${selectorText({ matchLabels: nodeSelector })}`);
  layout.map(0, "Labels", daemonSet.metadata.labels);
  layout.annotations(0, daemonSet);
  layout.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`);
  layout.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`);
  layout.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
  layout.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
  layout.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`);
  layout.line(0, `Pods Status:\t${await phases(daemonSet, context)}`);
  writeTemplate(layout, spec.template ?? {});
};

interface StatefulSetSpec {
  readonly replicas?: number;
  readonly selector?: unknown;
  readonly template?: object;
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
  readonly volumeClaimTemplates?: readonly {
    readonly metadata?: AnyObject["metadata"];
    readonly spec?: {
      readonly storageClassName?: string;
      readonly accessModes?: readonly string[];
      readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    };
  }[];
}

export const describeStatefulSet: Describer = async (layout, statefulSet, context) => {
  const spec = (statefulSet.spec ?? {}) as StatefulSetSpec;
  const { replicas = 0 } = (statefulSet.status ?? {}) as { readonly replicas?: number };
  head(layout, statefulSet);
  layout.line(0, `CreationTimestamp:\t${timeText(statefulSet.metadata.creationTimestamp)}`);
  layout.line(0, `Selector:\t${selectorText(spec.selector)}`);
  layout.map(0, "Labels", statefulSet.metadata.labels);
  layout.annotations(0, statefulSet);
  layout.line(0, `Replicas:\t${spec.replicas ?? 1} desired | ${replicas} total`);
  layout.line(0, `Update Strategy:\t${spec.updateStrategy?.type ?? "RollingUpdate"}`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition;
  if (partition !== undefined) layout.line(1, `Partition:\t${partition}`);
  layout.line(0, `Pods Status:\t${await phases(statefulSet, context)}`);
  writeTemplate(layout, spec.template ?? {});
  const claims = spec.volumeClaimTemplates ?? [];
  if (claims.length === 0) {
    layout.line(0, "Volume Claims:\t<none>");
    return;
  }
  layout.line(0, "Volume Claims:");
  for (const { metadata = {}, spec: claim } of claims) {
    layout.line(1, `Name:\t${metadata.name}`);
    layout.line(1, `StorageClass:\t${claim?.storageClassName ?? ""}`);
    layout.map(1, "Labels", metadata.labels);
    layout.annotations(1, { metadata });
    layout.line(1, `Capacity:\t${claim?.resources?.requests?.storage ?? "<default>"}`);
    layout.line(1, `Access Modes:\t[${(claim?.accessModes ?? []).join(" ")}]`);
  }
};

export const describeReplicationController: Describer = async (layout, controller, context) => {
  const spec = (controller.spec ?? {}) as {
    readonly replicas?: number;
    readonly selector?: Readonly<Record<string, string>>;
    readonly template?: object;
  };
  const { replicas = 0 } = (controller.status ?? {}) as { readonly replicas?: number };
  head(layout, controller);
  layout.line(0, `Selector:\t${selectorText({ matchLabels: spec.selector ?? {} })}`);
  layout.map(0, "Labels", controller.metadata.labels);
  layout.annotations(0, controller);
  layout.line(0, `Replicas:\t${replicas} current / ${spec.replicas ?? 0} desired`);
  layout.line(0, `Pods Status:\t${await phases(controller, context)}`);
  writeTemplate(layout, spec.template ?? {});
};
