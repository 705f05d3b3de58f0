import type { Container, VolumeMount } from "../../api/core/pod/container.js";
import type { VolumeMountStatus } from "../../api/core/pod/container-status.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { RuntimeFeatures } from "../runtime/runtime.js";

/** The node can make all mounts below a read-only one read-only, too; of other handlers than the usual nobody knows. */
export const canBeWhollyReadOnly = (
  { spec }: Pick<Pod, "spec">,
  { recursiveReadOnly }: Pick<RuntimeFeatures, "recursiveReadOnly">,
): boolean => recursiveReadOnly && !spec.runtimeClassName;

/** https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts */
export const isWhollyReadOnly = ({ readOnly, recursiveReadOnly }: VolumeMount, canBe: boolean): boolean =>
  (readOnly ?? false) && canBe && (recursiveReadOnly ?? "Disabled") !== "Disabled";

/** How a container's volumes are mounted: as it asks, with what "if possible" comes to on this node. */
export function mountStatuses({ volumeMounts = [] }: Container, canBe: boolean): readonly VolumeMountStatus[] {
  return volumeMounts.map((mount) => {
    const { name, mountPath, readOnly } = mount;
    if (!readOnly) return { name, mountPath };
    return { name, mountPath, readOnly, recursiveReadOnly: isWhollyReadOnly(mount, canBe) ? "Enabled" : "Disabled" };
  });
}
