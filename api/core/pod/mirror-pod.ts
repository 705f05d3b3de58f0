import type { Pod } from "./pod.js";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const mirrorAnnotation = "kubernetes.io/config.mirror";

/** The API's picture of a pod that an agent runs by itself. */
export const isMirrorPod = ({ metadata }: Pod): boolean =>
  metadata.annotations !== undefined && Object.hasOwn(metadata.annotations, mirrorAnnotation);
