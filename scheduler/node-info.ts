import type { Node } from "../api/core/node/node.js";
import type { Pod } from "../api/core/pod/pod.js";
import { podRequests } from "../api/core/pod/requests.js";
import { bytesOf, cpuMilli } from "../apimachinery/quantity.js";

/** Amounts of what a node has or a pod asks for. */
export interface Resources {
  readonly milliCpu: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  /** Extended resources and huge pages, by name. */
  readonly others: ReadonlyMap<string, number>;
}
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}
/** What one pod takes of a node, computed once a pod spec. */
export interface PodUsage {
  readonly requests: Resources;
  /** Requests with a stand-in for containers that name none, so that scores see them. */
  readonly scoredMilliCpu: number;
  readonly scoredMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
}

/** One node and what stands on it; never changed, only replaced. */
export interface NodeInfo {
  readonly node: Node;
  readonly allocatable: Resources & { readonly pods: number };
  readonly pods: readonly Pod[];
  readonly requested: Resources;
  readonly scoredMilliCpu: number;
  readonly scoredMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  /** Image name to size in bytes. */
  readonly images: ReadonlyMap<string, number>;
}

/** The cluster as one scheduling cycle sees it. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  readonly byName: ReadonlyMap<string, NodeInfo>;
  /** How many nodes hold an image, by name. */
  readonly imageNodes: ReadonlyMap<string, number>;
}

const standInMilliCpu = 100;
const standInMemoryBytes = 200 * 1024 * 1024;
const usages = new WeakMap<object, PodUsage>();

/** What the pod takes; kept by its spec, which revisions of a pod that differ in status alone do not share but seldom outlive. */
export function usageOf(pod: Pod): PodUsage {
  const known = usages.get(pod.spec);
  if (known) return known;
  const usage = computeUsage(pod);
  usages.set(pod.spec, usage);
  return usage;
}

function computeUsage(pod: Pod): PodUsage {
  const requests = resourcesOf(podRequests(pod));
  const containers = pod.spec.containers;
  const without = (name: string): number =>
    containers.filter(({ resources }) => resources?.requests?.[name] === undefined).length;
  return {
    requests,
    scoredMilliCpu: requests.milliCpu + without("cpu") * standInMilliCpu,
    scoredMemoryBytes: requests.memoryBytes + without("memory") * standInMemoryBytes,
    hostPorts: containers.flatMap(({ ports = [] }) =>
      ports
        .filter(({ hostPort }) => hostPort)
        .map(({ hostIP, hostPort = 0, protocol }) => ({ ip: hostIP || "0.0.0.0", protocol, port: hostPort })),
    ),
  };
}

/** Amounts out of a resource list; unknown names are counted whole. */
export function resourcesOf(list: Readonly<Record<string, string>>): Resources & { readonly pods: number } {
  const others = new Map<string, number>();
  for (const [name, amount] of Object.entries(list)) {
    if (!standardNames.has(name)) others.set(name, bytesOf(amount));
  }
  return {
    milliCpu: cpuMilli(list.cpu ?? "0"),
    memoryBytes: bytesOf(list.memory ?? "0"),
    ephemeralBytes: bytesOf(list["ephemeral-storage"] ?? "0"),
    pods: bytesOf(list.pods ?? "0"),
    others,
  };
}
const standardNames = new Set(["cpu", "memory", "ephemeral-storage", "pods"]);

export const emptyNodeInfo = (node: Node): NodeInfo =>
  withNode(
    {
      node,
      allocatable: resourcesOf({}),
      pods: [],
      requested: resourcesOf({}),
      scoredMilliCpu: 0,
      scoredMemoryBytes: 0,
      hostPorts: [],
      images: new Map(),
    },
    node,
  );

export function withNode(info: NodeInfo, node: Node): NodeInfo {
  if (info.node === node && info.allocatable.pods > 0) return info;
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of node.status?.images ?? [])
    for (const name of names) images.set(name, Number(sizeBytes));
  return { ...info, node, allocatable: resourcesOf(node.status?.allocatable ?? node.status?.capacity ?? {}), images };
}

export const withPod = (info: NodeInfo, pod: Pod): NodeInfo => changed(info, [...info.pods, pod], usageOf(pod), 1);

export function withoutPod(info: NodeInfo, pod: Pod): NodeInfo {
  const at = info.pods.findIndex(({ metadata }) => metadata.uid === pod.metadata.uid);
  const held = info.pods[at];
  return held ? changed(info, info.pods.toSpliced(at, 1), usageOf(held), -1) : info;
}

function changed(info: NodeInfo, pods: readonly Pod[], usage: PodUsage, sign: 1 | -1): NodeInfo {
  return {
    ...info,
    pods,
    requested: plus(info.requested, usage.requests, sign),
    scoredMilliCpu: info.scoredMilliCpu + sign * usage.scoredMilliCpu,
    scoredMemoryBytes: info.scoredMemoryBytes + sign * usage.scoredMemoryBytes,
    hostPorts: usage.hostPorts.length === 0 ? info.hostPorts : pods.flatMap((pod) => usageOf(pod).hostPorts),
  };
}

function plus(left: Resources, right: Resources, sign: 1 | -1): Resources {
  let others = left.others;
  if (right.others.size > 0) {
    const sums = new Map(left.others);
    for (const [name, amount] of right.others) sums.set(name, (sums.get(name) ?? 0) + sign * amount);
    others = sums;
  }
  return {
    milliCpu: left.milliCpu + sign * right.milliCpu,
    memoryBytes: left.memoryBytes + sign * right.memoryBytes,
    ephemeralBytes: left.ephemeralBytes + sign * right.ephemeralBytes,
    others,
  };
}
