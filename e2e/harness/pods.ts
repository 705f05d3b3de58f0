import { isReady } from "../../api/core/pod/conditions.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { Access } from "./cluster.js";
import { eventually } from "./run.js";

export interface PodQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly timeoutMs?: number;
}

export const listPods = async ({ client }: Pick<Access, "client">, query: PodQuery = {}): Promise<readonly Pod[]> =>
  (await client.list(pods, { namespace: query.namespace ?? "default", ...selected(query) })).items;

/** Waits until there are exactly so many pods, all of them Ready and none of them ending. */
export function readyPods(
  access: Pick<Access, "client">,
  count: number,
  query: PodQuery = {},
): Promise<readonly Pod[]> {
  return eventually(
    `${count} pods ready`,
    async () => {
      const found = await listPods(access, query);
      const ready = found.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
      if (found.length === count && ready.length === count) return found;
      throw new Error(found.map(summary).join("; ") || "no pods");
    },
    { timeoutMs: query.timeoutMs ?? 60_000 },
  );
}

const selected = ({ labelSelector }: PodQuery) => (labelSelector === undefined ? {} : { labelSelector });

const summary = ({ metadata, status }: Pod): string => {
  const state = status?.containerStatuses?.[0]?.state;
  return `${metadata.name} ${status?.phase} ${metadata.deletionTimestamp ? "ending " : ""}${JSON.stringify(state ?? {})}`;
};

export const restartsOf = ({ status }: Pod): number => status?.containerStatuses?.[0]?.restartCount ?? 0;

export const namesOf = (list: readonly Pod[]): readonly string[] =>
  list.map(({ metadata }) => metadata.name).toSorted();
export const uidsOf = (list: readonly Pod[]): readonly string[] => list.map(({ metadata }) => metadata.uid).toSorted();

/** What the sample program answers; its log says which port it got. */
export async function askPod(access: Access, { metadata: { name }, status }: Pod): Promise<string> {
  const url = await eventually(`${name} listens`, async () =>
    /http:\/\/\S+/.exec(await access.ok(["logs", name]))?.at(-1),
  );
  if (!url.includes(`//${status?.podIP}:`))
    throw new Error(`${name} listens on ${url}, its address is ${status?.podIP}`);
  return (await fetch(url)).text();
}
