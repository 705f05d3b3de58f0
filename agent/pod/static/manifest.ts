import { createHash } from "node:crypto";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import { parseYaml } from "../../../apimachinery/codec/yaml.js";
import { decode } from "../../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../../apimachinery/schema/defaults.js";
import { validateObject } from "../../../apimachinery/validate-object.js";
import { isRecord } from "../../../base/record.js";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const configAnnotations = {
  hash: "kubernetes.io/config.hash",
  seen: "kubernetes.io/config.seen",
  source: "kubernetes.io/config.source",
} as const;

/** It comes from a file of this node. Pods of the API server may bear any annotation, and have a version. */
export const isStaticPod = ({ metadata }: Pod): boolean => metadata.resourceVersion === neverStored;
const neverStored = "0";

export interface Manifest {
  /** Path of the file. */
  readonly file: string;
  readonly text: string;
  /** When it was first seen with this text. */
  readonly seenAt: string;
}

/** The pod that a manifest describes, as this node runs it. Throws with what is wrong with it. */
export function staticPodOf({ file, text, seenAt }: Manifest, nodeName: string): Pod {
  const [value, ...more] = parseYaml(text).filter((document) => document !== null);
  if (more.length > 0) throw new Error("a file holds one pod");
  if (!isRecord(value) || value.kind !== "Pod" || value.apiVersion !== "v1")
    throw new Error("it is not a Pod of version v1");
  const decoded = decode(pods.schema, value, { strict: "Strict" }).value;
  const given = applyDefaults(pods.schema, decoded);
  const uid = createHash("sha256").update(`${nodeName}\0${file}\0${text}`).digest("hex").slice(0, 32);
  const { name, namespace, labels, annotations } = given.metadata;
  const pod: Pod = {
    ...given,
    metadata: {
      name: `${name}-${nodeName}`,
      namespace: namespace || "default",
      uid,
      resourceVersion: neverStored,
      creationTimestamp: seenAt,
      ...(labels ? { labels } : {}),
      annotations: {
        ...annotations,
        [configAnnotations.hash]: uid,
        [configAnnotations.seen]: seenAt,
        [configAnnotations.source]: "file",
      },
    },
    spec: {
      ...given.spec,
      nodeName,
      // No taint ends what belongs to the node itself.
      tolerations: [...(given.spec.tolerations ?? []), { operator: "Exists", effect: "NoExecute" }],
    },
  };
  const { status: _, ...fresh } = pod;
  const errors = validateObject(pods, fresh, undefined);
  if (errors.length > 0) throw new Error(errors.map(({ path, message }) => `${path}: ${message}`).join(", "));
  const objects = objectsNeeded(fresh);
  if (objects.length > 0) throw new Error(`a static pod may not refer to objects of the API: ${objects.join(", ")}`);
  return fresh;
}

/** A node may read what pods bound to it need; a pod that only the node knows of gives it no such right. */
function objectsNeeded({ spec }: Pod): readonly string[] {
  const found = new Set<string>();
  const note = (field: string, given: unknown): void => {
    if (given) found.add(field);
  };
  note("spec.serviceAccountName", spec.serviceAccountName);
  note("spec.imagePullSecrets", spec.imagePullSecrets?.length);
  for (const { env = [], envFrom = [] } of [...(spec.initContainers ?? []), ...spec.containers]) {
    note("envFrom", envFrom.length);
    for (const { valueFrom } of env) note("env.valueFrom", valueFrom?.configMapKeyRef ?? valueFrom?.secretKeyRef);
  }
  for (const { configMap, secret, projected, persistentVolumeClaim } of spec.volumes ?? []) {
    note("spec.volumes.configMap", configMap);
    note("spec.volumes.secret", secret);
    note("spec.volumes.persistentVolumeClaim", persistentVolumeClaim);
    for (const source of projected?.sources ?? [])
      note("spec.volumes.projected", source.configMap ?? source.secret ?? source.serviceAccountToken);
  }
  return [...found];
}
