import type { Pod } from "../../api/core/pod/pod.js";
import { bytesOf } from "../../apimachinery/quantity.js";
import { ConfigError } from "../pod/env.js";
import type { VolumePlugin } from "./plugin.js";

/** A directory that lives as long as the pod. What of it on disk exceeds its sizeLimit gets the pod evicted. */
export const emptyDir: VolumePlugin = {
  source: "emptyDir",
  async content({ name, emptyDir: source }, { pod, sources, canMountMemory }) {
    const { medium = "", sizeLimit } = source ?? {};
    if (medium === "") return { type: "directory" };
    if (medium !== "Memory")
      throw new ConfigError(`volume ${JSON.stringify(name)}: emptyDir.medium ${medium} is not supported`);
    if (!canMountMemory)
      throw new ConfigError(
        `volume ${JSON.stringify(name)}: emptyDir.medium Memory cannot be honoured on this node, whose agent is not root: leave it out, and the volume lies on disk`,
      );
    return { type: "memory", sizeBytes: memoryBytes(pod, sizeLimit, sources.allocatable) };
  },
};

/** No more than the pod may use. https://kubernetes.io/docs/concepts/storage/volumes/#emptydir */
export function memoryBytes(
  { spec }: Pod,
  sizeLimit: string | undefined,
  allocatable: Readonly<Record<string, string>>,
): number {
  const limits = spec.containers.map(({ resources }) => resources.limits?.memory);
  const ofPod = limits.every((limit) => limit !== undefined)
    ? limits.reduce((sum, limit) => sum + bytesOf(limit ?? "0"), 0)
    : bytesOf(allocatable.memory ?? "0");
  const wanted = sizeLimit === undefined || bytesOf(sizeLimit) === 0 ? ofPod : bytesOf(sizeLimit);
  return Math.ceil(ofPod > 0 ? Math.min(wanted, ofPod) : wanted);
}
