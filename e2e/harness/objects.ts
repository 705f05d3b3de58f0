import type { Node } from "../../api/core/node/node.js";
import type { Pod } from "../../api/core/pod/pod.js";

let count = 0;

export interface PodParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Pod["spec"]>;
  readonly status?: Pod["status"];
  readonly deletionTimestamp?: string;
}

/** A pod of one container, as the API server would hand it out. */
export function aPod({
  name,
  namespace = "default",
  labels,
  requests,
  spec,
  status,
  deletionTimestamp,
}: PodParts = {}): Pod {
  const number = ++count;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: name ?? `pod-${number}`,
      namespace,
      uid: `uid-${number}`,
      resourceVersion: String(number),
      creationTimestamp: "2030-01-01T00:00:00Z",
      ...(labels ? { labels } : {}),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
    },
    spec: {
      containers: [{ name: "main", image: "busybox", ...(requests ? { resources: { requests } } : {}) }],
      schedulerName: "default-scheduler",
      ...spec,
    },
    ...(status ? { status } : {}),
  } as unknown as Pod;
}

export interface NodeParts {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Node["spec"]>;
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

/** A node of 4 CPUs, 8 GiB and 110 pods. */
export function aNode({ name, labels, allocatable, spec, images = [] }: NodeParts = {}): Node {
  const number = ++count;
  const nodeName = name ?? `node-${number}`;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: nodeName,
      uid: `uid-${number}`,
      resourceVersion: String(number),
      creationTimestamp: "2030-01-01T00:00:00Z",
      labels: { "kubernetes.io/hostname": nodeName, ...labels },
    },
    spec: { ...spec },
    status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...allocatable }, images },
  } as unknown as Node;
}
