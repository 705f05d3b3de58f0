import type { Pod } from "../../../api/core/pod/pod.js";
import { podLimits } from "../../../api/core/pod/requests.js";
import { bytesOf } from "../../../apimachinery/quantity.js";
import { containersOf } from "../../pod/containers.js";

/** What a pod has on the node's disk. */
export interface DiskUse {
  /** Log and own layer, by container. */
  readonly containers: ReadonlyMap<string, number>;
  /** emptyDir volumes, by name. */
  readonly volumes: ReadonlyMap<string, number>;
}

/** The first limit that a pod has gone beyond, as the message with which it is evicted. */
export function brokenLimit(pod: Pod, { containers, volumes }: DiskUse): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit !== undefined && bytesOf(limit) > 0 && (volumes.get(name) ?? 0) > bytesOf(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
  }
  const total = podLimits(pod)["ephemeral-storage"];
  const onDisk = (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && emptyDir.medium !== "Memory");
  const used =
    [...containers.values()].reduce((sum, bytes) => sum + bytes, 0) +
    onDisk.reduce((sum, { name }) => sum + (volumes.get(name) ?? 0), 0);
  if (total !== undefined && allLimited(pod) && used > bytesOf(total))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `;
  for (const { container } of containersOf(pod)) {
    const limit = container.resources.limits?.["ephemeral-storage"];
    if (limit !== undefined && (containers.get(container.name) ?? 0) > bytesOf(limit))
      return `Container ${container.name} exceeded its local ephemeral storage limit ${JSON.stringify(limit)}. `;
  }
  return undefined;
}

/** A container without a limit may fill what it likes: the sum of the others' says nothing of the pod. */
const allLimited = ({ spec }: Pod): boolean =>
  spec.containers.every(({ resources }) => resources.limits?.["ephemeral-storage"] !== undefined);

export const hasDiskLimits = (pod: Pod): boolean =>
  (pod.spec.volumes ?? []).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
  containersOf(pod).some(({ container }) => container.resources.limits?.["ephemeral-storage"] !== undefined);
