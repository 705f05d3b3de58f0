import { pods } from "../../api/core/pod/pod.js";
import type { AnyObject } from "../api.js";
import { CliError } from "../errors.js";
import type { Session } from "../session.js";
import { type PodSpecView, podSpecOf, selectorOfWorkload } from "../workload.js";
import { parseResourceArguments } from "./arguments.js";

const emptySpec: PodSpecView = { containers: [] };

export const specOf = (pod: AnyObject): PodSpecView => podSpecOf(pod) ?? emptySpec;

/** The pods that `web-0`, `pod/web-0` or `deployment/web` stands for, the readiest and oldest first. */
export async function podsOf(session: Session, argument: string, purpose: Purpose): Promise<readonly AnyObject[]> {
  const api = await session.api();
  const namespace = await session.namespace();
  if (!argument.includes("/")) return [await api.getNamed(pods, argument, namespace)];
  const chosen = await parseResourceArguments([argument], await session.discovery());
  const [item] = chosen.type === "names" ? chosen.items : [];
  if (!item) throw new CliError(`${argument} names no object`);
  const object = await api.getNamed(item.resource, item.name, namespace);
  if (item.resource.plural === pods.plural && item.resource.group === "") return [object];
  const labelSelector = selectorOfWorkload(object);
  if (labelSelector === undefined) {
    const kind = `*${item.resource.version}.${item.resource.kind}`;
    throw new CliError(`cannot ${purpose} ${kind}: selector for ${kind} not implemented`);
  }
  const { items } = await api.list(pods, namespace, { labelSelector });
  if (items.length === 0) throw new CliError(`timed out waiting for the condition: ${argument} has no pods`);
  return items.toSorted(byUse);
}

/** What the pods are for, as kubectl says it where there can be none. */
export type Purpose = "get the logs from" | "attach to";

/** One pod of those; for logs with a note when there was a choice. */
export async function onePodOf(session: Session, argument: string, purpose: Purpose): Promise<AnyObject> {
  const found = await podsOf(session, argument, purpose);
  const [pod] = found;
  if (!pod) throw new CliError(`${argument} has no pods`);
  if (found.length > 1 && purpose === "get the logs from")
    session.note(`Found ${found.length} pods, using pod/${pod.metadata.name}`);
  return pod;
}

function byUse(a: AnyObject, b: AnyObject): number {
  const rank = (pod: AnyObject): number => {
    const { phase, conditions } = (pod.status ?? {}) as PodStatusView;
    const ready = conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
    return (phase === "Running" ? 0 : 2) + (ready ? 0 : 1);
  };
  return (
    rank(a) - rank(b) ||
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name)
  );
}
const compare = (a = "", b = ""): number => (a < b ? -1 : a > b ? 1 : 0);

interface PodStatusView {
  readonly phase?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** The container meant when none is named: the annotated one, else the first, with a note when there are several. */
export function defaultContainer(session: Session, pod: AnyObject, quiet = false): string {
  const { containers, initContainers = [] } = specOf(pod);
  const annotated = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"];
  const names = containers.map(({ name }) => name);
  if (annotated !== undefined && names.includes(annotated)) return annotated;
  const [first = ""] = names;
  const all = [...names, ...initContainers.map(({ name }) => `${name} (init)`)];
  if (all.length > 1 && !quiet) session.note(`Defaulted container ${JSON.stringify(first)} out of: ${all.join(", ")}`);
  return first;
}
