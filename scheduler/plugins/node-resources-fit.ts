import type { Pod } from "../../api/core/pod/pod.js";
import { definePlugin, fits, maxScore, type Rejection } from "../framework.js";
import { type NodeInfo, type PodUsage, usageOf } from "../node-info.js";

/** A node takes a pod whose requests fit in what is left; the emptier it would stay, the better (LeastAllocated). */
export const nodeResourcesFit = definePlugin({
  name: "NodeResourcesFit",
  prepare: usageOf,
  filter: (usage, info) => (isEnough(usage, info) ? fits : shortages(usage, info)),
  score: ({ prepared: usage, nodes }) => nodes.map((info) => leastAllocated(usage, info)),
  requeueOn: ["Node/Add", "Node/UpdateAllocatable", "AssignedPod/Delete"],
  helps: (pod: Pod, { info }) => !info || isEnough(usageOf(pod), info),
});

function isEnough({ requests }: PodUsage, { allocatable, requested, pods }: NodeInfo): boolean {
  if (pods.length + 1 > allocatable.pods) return false;
  if (requests.milliCpu > 0 && requests.milliCpu > allocatable.milliCpu - requested.milliCpu) return false;
  if (requests.memoryBytes > 0 && requests.memoryBytes > allocatable.memoryBytes - requested.memoryBytes) return false;
  if (requests.ephemeralBytes > 0 && requests.ephemeralBytes > allocatable.ephemeralBytes - requested.ephemeralBytes)
    return false;
  for (const [name, amount] of requests.others)
    if (amount > left(name, allocatable.others, requested.others)) return false;
  return true;
}

function shortages({ requests }: PodUsage, { allocatable, requested, pods }: NodeInfo): Rejection {
  const reasons: string[] = [];
  if (pods.length + 1 > allocatable.pods) reasons.push("Too many pods");
  if (requests.milliCpu > 0 && requests.milliCpu > allocatable.milliCpu - requested.milliCpu)
    reasons.push("Insufficient cpu");
  if (requests.memoryBytes > 0 && requests.memoryBytes > allocatable.memoryBytes - requested.memoryBytes)
    reasons.push("Insufficient memory");
  if (requests.ephemeralBytes > 0 && requests.ephemeralBytes > allocatable.ephemeralBytes - requested.ephemeralBytes)
    reasons.push("Insufficient ephemeral-storage");
  for (const [name, amount] of requests.others)
    if (amount > left(name, allocatable.others, requested.others)) reasons.push(`Insufficient ${name}`);
  return { reasons };
}

const left = (name: string, allocatable: ReadonlyMap<string, number>, requested: ReadonlyMap<string, number>): number =>
  (allocatable.get(name) ?? 0) - (requested.get(name) ?? 0);

function leastAllocated({ scoredMilliCpu, scoredMemoryBytes }: PodUsage, info: NodeInfo): number {
  const cpu = freeShare(info.scoredMilliCpu + scoredMilliCpu, info.allocatable.milliCpu);
  const memory = freeShare(info.scoredMemoryBytes + scoredMemoryBytes, info.allocatable.memoryBytes);
  return Math.trunc((cpu + memory) / 2);
}

const freeShare = (used: number, all: number): number =>
  all === 0 || used > all ? 0 : Math.trunc(((all - used) * maxScore) / all);
