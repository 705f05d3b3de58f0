import type { Pod } from "../../api/core/pod/pod.js";

/** The API's picture of a pod that an agent runs by itself. */
export const isMirrorPod = ({ metadata }: Pod): boolean =>
  metadata.annotations !== undefined && Object.hasOwn(metadata.annotations, mirrorAnnotation);

export const mirrorAnnotation = "kubernetes.io/config.mirror";
