import { controllerRevisions } from "../../../api/apps/controller-revision.js";
import { replicaSets } from "../../../api/apps/replicaset.js";
import { compareRevisions, revisionOf } from "../../../api/apps/revision-history.js";
import type { AnyObject } from "../../api.js";
import { CliError } from "../../errors.js";
import type { Info } from "../../resources/select.js";
import type { Session } from "../../session.js";
import { selectorOfWorkload } from "../../workload.js";

export interface Revision {
  readonly number: bigint;
  readonly changeCause: string | undefined;
  /** What holds the revision: a ReplicaSet or a ControllerRevision. */
  readonly object: AnyObject;
  readonly template: Template;
  /** The template as a description shows it: a ReplicaSet's with the change's cause. */
  readonly described: Template;
}
export interface Template {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The revisions that a workload can go back to, oldest first; `tool` is what would be needed for another kind. */
export async function revisionsOf(
  session: Session,
  { resource, namespace, live }: Info,
  tool: "history viewer" | "rollbacker",
): Promise<readonly Revision[]> {
  const kind = `${resource.kind}.${resource.group}`;
  const history = histories.get(kind);
  if (!history && !withPods.has(kind)) {
    const what = `${tool === "rollbacker" ? tool : "history"} for ${JSON.stringify(resource.kind)}`;
    throw new CliError(`error retrieving ${what}, no visitor method exists for {${resource.group} ${resource.kind}}`);
  }
  if (!history || !live)
    throw new CliError(`no ${tool} has been implemented for ${JSON.stringify(kind.replace(/\.$/, ""))}`);
  const { items } = await (await session.api()).list(history.holders, namespace, {
    labelSelector: selectorOfWorkload(live),
  });
  return items
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === live.metadata.uid),
    )
    .map((object) => ({
      number: history.number(object),
      changeCause: causeOf(object),
      object,
      template: history.template(object),
      described: history.described?.(object) ?? history.template(object),
    }))
    .filter(({ number }) => number > 0n)
    .sort((a, b) => compareRevisions(a.number, b.number));
}

interface History {
  readonly holders: typeof replicaSets | typeof controllerRevisions;
  readonly number: (object: AnyObject) => bigint;
  readonly template: (object: AnyObject) => Template;
  readonly described?: (object: AnyObject) => Template;
}

const causeKey = "kubernetes.io/change-cause";
const causeOf = ({ metadata }: AnyObject): string | undefined => metadata.annotations?.[causeKey];

interface TemplateHolder {
  readonly spec?: { readonly template?: Template };
}

const inReplicaSets: History = {
  holders: replicaSets,
  number: revisionOf,
  template: ({ spec }) => (spec as TemplateHolder["spec"])?.template ?? {},
  described: (object) => {
    const { metadata, ...template } = inReplicaSets.template(object);
    const cause = causeOf(object);
    const annotations = { ...metadata?.annotations, ...(cause ? { [causeKey]: cause } : {}) };
    return { ...template, metadata: { ...metadata, annotations } };
  },
};

/** Each holds the patch that leads back to it. */
const inControllerRevisions: History = {
  holders: controllerRevisions,
  number: ({ revision }) => BigInt(Number(revision ?? 0)),
  template: ({ data }) => {
    const { $patch: _, ...template } = (data as TemplateHolder | undefined)?.spec?.template ?? {};
    return template;
  },
};

/** Those of which there could be a history, and is none. */
const withPods: ReadonlySet<string> = new Set([
  "Pod.",
  "ReplicationController.",
  "ReplicaSet.apps",
  "Job.batch",
  "CronJob.batch",
]);

const histories: ReadonlyMap<string, History> = new Map([
  ["Deployment.apps", inReplicaSets],
  ["DaemonSet.apps", inControllerRevisions],
  ["StatefulSet.apps", inControllerRevisions],
]);
