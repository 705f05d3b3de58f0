import type { Container } from "../../api/core/pod/container.js";
import { isMirrorPod } from "../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { Volume } from "../../api/core/pod/volume.js";
import { type ServiceAccount, serviceAccounts } from "../../api/core/service-account.js";
import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";
import type { Reads } from "../registry/reads.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { isFor, objectOf, refusal } from "./subject.js";

/** Every pod has a service account, and its containers find that account's token where programs look for it. */
export const serviceAccount = (clock: Clock, random: Random): AdmissionPlugin => ({
  name: "ServiceAccount",
  handles: (request) => isFor(request, pods) && request.operation === "CREATE",
  async mutate(request, reads) {
    const pod = objectOf(request, pods);
    if (!pod) return request.object;
    if (isMirrorPod(pod)) return checkMirrorPod(request, pod);
    const name = pod.spec.serviceAccountName || defaultName;
    const account = await find(request, name, reads, clock);
    return withServiceAccount(pod, name, account, () => `${volumePrefix}${random.suffix(5)}`);
  },
});

const defaultName = "default";
const volumePrefix = "kube-api-access-";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** A little over an hour: tells tokens mounted so from those that authors asked for. */
const tokenExpirationSeconds = 3607;
/** A new namespace gets its default account a moment after it was made. */
const defaultAccountAttempts = 10;
const attemptDelayMs = 100;

function checkMirrorPod(request: AdmissionRequest, pod: Pod): Pod {
  if (pod.spec.serviceAccountName) throw refusal(request, "a mirror pod may not reference service accounts");
  if (pod.spec.volumes?.some(({ secret }) => secret)) throw refusal(request, "a mirror pod may not reference secrets");
  if (pod.spec.volumes?.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken)))
    throw refusal(request, "a mirror pod may not use ServiceAccountToken volume projections");
  return pod;
}

async function find(request: AdmissionRequest, name: string, reads: Reads, clock: Clock): Promise<ServiceAccount> {
  const { namespace } = request;
  const cached = reads.get(serviceAccounts, namespace, name);
  if (cached) return cached;
  const attempts = name === defaultName ? defaultAccountAttempts : 1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await clock.sleep(attemptDelayMs);
    const found = await reads.getFresh(serviceAccounts, namespace, name);
    if (found) return found;
  }
  throw refusal(
    request,
    `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
  );
}

export function withServiceAccount(
  pod: Pod,
  name: string,
  account: Pick<ServiceAccount, "automountServiceAccountToken" | "imagePullSecrets">,
  volumeName: () => string,
): Pod {
  const { spec } = pod;
  const pullSecrets = spec.imagePullSecrets?.length ? spec.imagePullSecrets : account.imagePullSecrets;
  const named: Pod = {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: name,
      serviceAccount: name,
      ...(pullSecrets ? { imagePullSecrets: pullSecrets } : {}),
    },
  };
  const wanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return wanted ? withToken(named, volumeName) : named;
}

function withToken(pod: Pod, volumeName: () => string): Pod {
  const { spec } = pod;
  const existing = spec.volumes?.find((volume) => volume.name.startsWith(volumePrefix));
  const name = existing?.name ?? volumeName();
  const containers = spec.containers.map((container) => mounted(container, name));
  const initContainers = spec.initContainers?.map((container) => mounted(container, name));
  const changed =
    containers.some((container, index) => container !== spec.containers[index]) ||
    initContainers?.some((container, index) => container !== spec.initContainers?.[index]);
  if (!changed) return pod;
  return {
    ...pod,
    spec: {
      ...spec,
      containers,
      ...(initContainers ? { initContainers } : {}),
      volumes: existing ? (spec.volumes ?? []) : [...(spec.volumes ?? []), tokenVolume(name)],
    },
  };
}

function mounted(container: Container, name: string): Container {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some((mount) => mount.mountPath === mountPath)) return container;
  return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath }] };
}

/** Token, authority and namespace as one directory. */
const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: tokenExpirationSeconds, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
    ],
  },
});
