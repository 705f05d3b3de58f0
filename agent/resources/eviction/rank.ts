import type { Pod } from "../../../api/core/pod/pod.js";
import { isCritical } from "../admission/critical.js";
import type { Signal } from "./threshold.js";

/** What a pod uses, and how much of it was promised. */
export interface Consumption {
  readonly pod: Pod;
  readonly memory: Use;
  readonly disk: Use;
  readonly inodes: Use;
  readonly processes: Use;
  readonly containers: readonly ContainerConsumption[];
}

export interface Use {
  readonly used: number;
  readonly requested: number;
}

export interface ContainerConsumption {
  readonly name: string;
  readonly memory: Use;
  readonly disk: Use;
}

/**
 * Who goes first: those that use more than they asked for before the others, then the less important, then those that
 * are farthest above what they asked for. Quality of service follows: what asks for nothing exceeds it with the first
 * byte. https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction
 */
export function rankForEviction(signal: Signal, pods: readonly Consumption[]): readonly Consumption[] {
  const use = useOf[signal];
  const exceeds = (pod: Consumption): number => (use(pod).used > use(pod).requested ? 0 : 1);
  const above = (pod: Consumption): number => use(pod).used - use(pod).requested;
  const priority = ({ pod }: Consumption): number => pod.spec.priority ?? 0;
  return pods
    .filter(({ pod }) => !isCritical(pod))
    .toSorted(
      (a, b) =>
        (signal === "pid.available" ? 0 : exceeds(a) - exceeds(b)) || priority(a) - priority(b) || above(b) - above(a),
    );
}

const useOf: Readonly<Record<Signal, (pod: Consumption) => Use>> = {
  "memory.available": ({ memory }) => memory,
  "nodefs.available": ({ disk }) => disk,
  "imagefs.available": ({ disk }) => disk,
  "nodefs.inodesFree": ({ inodes }) => inodes,
  "imagefs.inodesFree": ({ inodes }) => inodes,
  "pid.available": ({ processes }) => processes,
};
