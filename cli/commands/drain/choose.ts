import type { AnyObject } from "../../api.js";
import { specOf } from "../../resources/pods.js";

export interface DrainRules {
  readonly force: boolean;
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDir: boolean;
}

/** What a drain is to do: pods to evict, what to warn of, why it must not go on. */
export interface DrainPlan {
  readonly evict: readonly AnyObject[];
  readonly warnings: readonly string[];
  readonly refusals: readonly string[];
}

const mirror = "kubernetes.io/config.mirror";
const full = ({ metadata }: AnyObject): string => `${metadata.namespace}/${metadata.name}`;
const ownerOf = ({ metadata }: AnyObject): string | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller)?.kind;
const isOver = (pod: AnyObject): boolean => {
  const { phase } = (pod.status ?? {}) as { readonly phase?: string };
  return phase === "Succeeded" || phase === "Failed";
};
const hasEmptyDir = (pod: AnyObject): boolean =>
  (specOf(pod).volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined);

/** Sorts the pods of a node: pure, so that the decision can be tested without a cluster. */
export function planDrain(pods: readonly AnyObject[], rules: DrainRules): DrainPlan {
  const candidates = pods.filter(({ metadata }) => metadata.annotations?.[mirror] === undefined);
  const daemons = candidates.filter((pod) => ownerOf(pod) === "DaemonSet" && !isOver(pod));
  const rest = candidates.filter((pod) => !daemons.includes(pod));
  const local = rest.filter((pod) => !isOver(pod) && hasEmptyDir(pod));
  const alone = rest.filter((pod) => !isOver(pod) && ownerOf(pod) === undefined);
  const names = (list: readonly AnyObject[]): string => list.map(full).join(", ");
  const say = (list: readonly AnyObject[], allowed: boolean, refusal: string, warning: string | undefined): void => {
    if (list.length === 0) return;
    if (!allowed) refusals.push(`${refusal}: ${names(list)}`);
    else if (warning !== undefined) warnings.push(`${warning}: ${names(list)}`);
  };
  const refusals: string[] = [];
  const warnings: string[] = [];
  say(
    daemons,
    rules.ignoreDaemonSets,
    "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    "ignoring DaemonSet-managed Pods",
  );
  say(
    local,
    rules.deleteEmptyDir,
    "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
    undefined,
  );
  say(
    alone,
    rules.force,
    "cannot delete Pods that declare no controller (use --force to override)",
    "deleting Pods that declare no controller",
  );
  return { evict: rest, warnings, refusals };
}
