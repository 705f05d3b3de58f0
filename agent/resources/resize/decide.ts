import type { Pod } from "../../../api/core/pod/pod.js";
import { podRequests } from "../../../api/core/pod/requests.js";
import type { ResourceRequirements } from "../../../api/core/pod/resources.js";
import { addQuantity, bytesOf, compareQuantity, cpuMilli, formatQuantity } from "../../../apimachinery/quantity.js";
import { equal } from "../../../base/equal.js";
import { containersOf } from "../../pod/containers.js";

/** What each container of a pod has been promised, by name. */
export type Allocation = ReadonlyMap<string, ResourceRequirements>;

export const wantedOf = (pod: Pod): Allocation =>
  new Map(containersOf(pod).map(({ container }) => [container.name, container.resources]));

/** The pod as the node has promised it resources, whatever its spec asks for by now. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  const changed = containersOf(pod).some(({ container: { name, resources } }) => {
    const own = allocation.get(name);
    return own !== undefined && !equal(own, resources);
  });
  if (!changed) return pod;
  const give = <C extends { readonly name: string; readonly resources: ResourceRequirements }>(container: C): C => ({
    ...container,
    resources: allocation.get(container.name) ?? container.resources,
  });
  const { initContainers, containers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(give),
      ...(initContainers ? { initContainers: initContainers.map(give) } : {}),
    },
  };
}

export type ResizeVerdict =
  | { readonly type: "none" }
  | { readonly type: "granted" }
  /** Infeasible: never on this node. Deferred: not while the others are there. */
  | { readonly type: "refused"; readonly reason: "Infeasible" | "Deferred"; readonly message: string };

export interface ResizeInput {
  /** As its spec is now. */
  readonly pod: Pod;
  readonly allocation: Allocation;
  /** The other pods that take their part of the node. */
  readonly others: () => readonly Pod[];
  readonly allocatable: Readonly<Record<string, string>>;
  /** The runtime can change a container that runs. */
  readonly canResize: boolean;
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status */
export function decideResize({ pod, allocation, others, allocatable, canResize }: ResizeInput): ResizeVerdict {
  const same = [...wantedOf(pod)].every(([name, resources]) => equal(allocation.get(name) ?? resources, resources));
  if (same) return { type: "none" };
  if (!canResize)
    return {
      type: "refused",
      reason: "Infeasible",
      message: "In-place resize of containers is not supported by this node's runtime: replace the pod",
    };
  // Of the spec alone: the status tells of what was promised before.
  const { status: _, ...bare } = pod;
  const wanted = podRequests(bare);
  for (const name of ["memory", "cpu"] as const) {
    const amount = wanted[name] ?? "0";
    const capacity = allocatable[name] ?? "0";
    if (compareQuantity(amount, capacity) > 0)
      return {
        type: "refused",
        reason: "Infeasible",
        message: `Node didn't have enough capacity: ${name}, requested: ${count(name, amount)}, capacity: ${count(name, capacity)}`,
      };
  }
  const had = podRequests(withAllocation(bare, allocation));
  for (const name of ["cpu", "memory"] as const) {
    const amount = wanted[name] ?? "0";
    // Who gives back is never kept waiting.
    if (compareQuantity(amount, had[name] ?? "0") <= 0) continue;
    const capacity = allocatable[name] ?? "0";
    const used = others().reduce((sum, each) => formatQuantity(addQuantity(sum, podRequests(each)[name] ?? "0")), "0");
    if (compareQuantity(addQuantity(used, amount), capacity) > 0)
      return {
        type: "refused",
        reason: "Deferred",
        message: `Node didn't have enough resource: ${name}, requested: ${count(name, amount)}, used: ${count(name, used)}, capacity: ${count(name, capacity)}`,
      };
  }
  return { type: "granted" };
}

const count = (name: "cpu" | "memory", amount: string): number => (name === "cpu" ? cpuMilli(amount) : bytesOf(amount));
