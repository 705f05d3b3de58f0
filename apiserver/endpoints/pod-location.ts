import { type Node, nodes } from "../../api/core/node/node.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { badRequest } from "../../apimachinery/status.js";
import type { SubresourceApi } from "./subresources.js";

/** The pod that a request names. Throws NotFound. */
export const targetPod = async ({ registry, target }: SubresourceApi): Promise<Pod> =>
  (await registry.get(pods, target)).object;

/** The node that runs it; undefined before it has one. */
export async function nodeOf({ registry }: SubresourceApi, pod: Pod): Promise<Node | undefined> {
  const name = pod.spec.nodeName;
  if (!name) return undefined;
  return registry.reads.get(nodes, "", name) ?? (await registry.get(nodes, { namespace: "", name })).object;
}

/** The container asked for, or the only one there is. Throws BadRequest with Kubernetes' message. */
export function chooseContainer({ metadata, spec }: Pod, asked: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  if (asked !== "") {
    if (all.some(({ name }) => name === asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const [only] = containers;
  if (only && containers.length === 1) return only.name;
  const choices = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name).join(" ");
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${choices}]`);
}

/** A path at the agent: `/containerLogs/NAMESPACE/POD/CONTAINER?query`. */
export function agentPath(
  service: string,
  { metadata }: Pod,
  below: readonly string[],
  query: URLSearchParams,
): string {
  const segments = [service, metadata.namespace ?? "", metadata.name, ...below].map(encodeURIComponent);
  const text = query.toString();
  return `/${segments.join("/")}${text === "" ? "" : `?${text}`}`;
}
