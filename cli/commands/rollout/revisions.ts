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
  readonly replicaSet: AnyObject;
}

/** The revisions that a deployment can go back to, oldest first: its replica sets. */
export async function revisionsOf(session: Session, { resource, namespace, live }: Info): Promise<readonly Revision[]> {
  if (`${resource.kind}.${resource.group}` !== "Deployment.apps" || !live) {
    throw new CliError(`no history viewer has been implemented for ${resource.kind}`);
  }
  const { items } = await (await session.api()).list(replicaSets, namespace, {
    labelSelector: selectorOfWorkload(live),
  });
  return items
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === live.metadata.uid),
    )
    .map((replicaSet) => ({
      number: revisionOf(replicaSet),
      changeCause: replicaSet.metadata.annotations?.["kubernetes.io/change-cause"],
      replicaSet,
    }))
    .filter(({ number }) => number > 0n)
    .sort((a, b) => compareRevisions(a.number, b.number));
}
