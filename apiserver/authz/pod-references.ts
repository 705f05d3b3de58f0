import type { Pod } from "../../api/core/pod/pod.js";

/** What an agent must read to run a pod, by kind; all in the pod's own namespace. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly serviceAccount: string;
}

const known = new WeakMap<Pod, PodReferences>();

/** Worked out once a revision of the pod. */
export function podReferences(pod: Pod): PodReferences {
  let references = known.get(pod);
  if (!references) {
    references = collect(pod);
    known.set(pod, references);
  }
  return references;
}

function collect({ spec }: Pod): PodReferences {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const note = (set: Set<string>, name: string | undefined): void => {
    if (name !== undefined && name !== "") set.add(name);
  };
  for (const { name } of spec.imagePullSecrets ?? []) note(secrets, name);
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  for (const { env = [], envFrom = [] } of containers) {
    for (const { valueFrom } of env) {
      note(secrets, valueFrom?.secretKeyRef?.name);
      note(configMaps, valueFrom?.configMapKeyRef?.name);
    }
    for (const { secretRef, configMapRef } of envFrom) {
      note(secrets, secretRef?.name);
      note(configMaps, configMapRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    note(secrets, volume.secret?.secretName);
    note(configMaps, volume.configMap?.name);
    for (const { secret, configMap } of volume.projected?.sources ?? []) {
      note(secrets, secret?.name);
      note(configMaps, configMap?.name);
    }
    note(secrets, volume.csi?.nodePublishSecretRef?.name);
    note(secrets, volume.azureFile?.secretName);
    for (const source of [volume.iscsi, volume.cephfs, volume.rbd, volume.cinder, volume.flexVolume])
      note(secrets, source?.secretRef?.name);
    for (const source of [volume.scaleIO, volume.storageos]) note(secrets, source?.secretRef?.name);
  }
  return { secrets, configMaps, serviceAccount: spec.serviceAccountName ?? "" };
}
