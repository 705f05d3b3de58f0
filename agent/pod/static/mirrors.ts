import type { Node } from "../../../api/core/node/node.js";
import { mirrorAnnotation } from "../../../api/core/pod/mirror-pod.js";
import type { Pod } from "../../../api/core/pod/pod.js";
import type { DraftOf } from "../../../apimachinery/resource.js";

export interface MirrorPlan {
  readonly remove: readonly Pod[];
  readonly create: readonly Pod[];
}

const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

/** What to do so that the API server shows each static pod once, as it is now. Pure. */
export function planMirrors(statics: readonly Pod[], mirrors: readonly Pod[]): MirrorPlan {
  const wanted = new Map(statics.map((pod) => [keyOf(pod), pod]));
  const isRight = (mirror: Pod): boolean =>
    mirror.metadata.deletionTimestamp === undefined &&
    mirror.metadata.annotations?.[mirrorAnnotation] === wanted.get(keyOf(mirror))?.metadata.uid;
  const there = new Set(mirrors.map(keyOf));
  return {
    remove: mirrors.filter((mirror) => !isRight(mirror)),
    create: statics.filter((pod) => !there.has(keyOf(pod))),
  };
}

/** The picture of a static pod for the API server: bound to its node, gone when the node goes. */
export function mirrorOf({ metadata, spec }: Pod, node: Node): DraftOf<Pod> {
  const { name, namespace = "", labels, annotations, uid } = metadata;
  return {
    metadata: {
      name,
      namespace,
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [
        { apiVersion: "v1", kind: "Node", name: node.metadata.name, uid: node.metadata.uid, controller: true },
      ],
    },
    spec,
  };
}
