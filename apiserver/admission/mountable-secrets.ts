import type { EphemeralContainer } from "../../api/core/pod/container.js";
import { isMirrorPod } from "../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { type ServiceAccount, serviceAccounts } from "../../api/core/service-account.js";
import type { AdmissionPlugin } from "./admission.js";
import { isFor, objectOf, oldObjectOf, refusal } from "./subject.js";

const annotation = "kubernetes.io/enforce-mountable-secrets";
const ephemeral = "ephemeralcontainers";

/** Pods of a service account that says so use no secrets but those that the account names. */
export const mountableSecrets: AdmissionPlugin = {
  name: "MountableSecrets",
  handles: (request) =>
    (isFor(request, pods) && request.operation === "CREATE") ||
    (isFor(request, pods, ephemeral) && request.operation === "UPDATE") ||
    isFor(request, serviceAccounts),
  async validate(request, reads) {
    const account = objectOf(request, serviceAccounts);
    if (account && annotation in (account.metadata.annotations ?? {})) {
      const before = oldObjectOf(request, serviceAccounts)?.metadata.annotations ?? {};
      if (!(annotation in before))
        request.warn(
          `metadata.annotations[${annotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        );
      return;
    }
    const pod = objectOf(request, pods) ?? objectOf(request, pods, ephemeral);
    const name = pod?.spec.serviceAccountName;
    if (!pod || !name || isMirrorPod(pod)) return;
    const { namespace } = request;
    const owner =
      reads.get(serviceAccounts, namespace, name) ?? (await reads.getFresh(serviceAccounts, namespace, name));
    const why = owner && notMountable(pod, owner, request.subresource === ephemeral);
    if (why) throw refusal(request, why);
  },
};

/** The first secret that the pod refers to and the account does not name; for an update only what was added is looked at. */
export function notMountable(pod: Pod, account: ServiceAccount, onlyEphemeral: boolean): string | undefined {
  const { metadata, secrets = [], imagePullSecrets = [] } = account;
  if (!/^(1|t|T|true|TRUE|True)$/.test(metadata.annotations?.[annotation] ?? "")) return undefined;
  const named = new Set(secrets.map(({ name }) => name));
  const because = `is not allowed because service account ${metadata.name} does not reference that`;
  const { volumes = [], initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  const inContainers = (what: string, list: readonly UsesSecrets[]): string | undefined => {
    for (const container of list)
      for (const { how, secret } of secretsOf(container))
        if (!named.has(secret))
          return `${what} ${container.name} with ${how} referencing ${shown(secret)} ${because} secret`;
    return undefined;
  };
  if (onlyEphemeral) return inContainers("ephemeral container", ephemeralContainers);
  const volume = volumes.find(({ secret }) => secret && !named.has(secret.secretName ?? ""));
  if (volume) return `volume with ${shown(volume.secret?.secretName ?? "")} ${because} secret`;
  const pulled = new Set(imagePullSecrets.map(({ name }) => name));
  const wanted = pod.spec.imagePullSecrets ?? [];
  const stranger = wanted.findIndex(({ name }) => !pulled.has(name));
  return (
    inContainers("init container", initContainers) ??
    inContainers("container", containers) ??
    (stranger < 0
      ? undefined
      : `imagePullSecrets[${stranger}].name="${wanted[stranger]?.name}" ${because} imagePullSecret`)
  );
}

type UsesSecrets = Pick<EphemeralContainer, "name" | "env" | "envFrom">;

const shown = (secret: string): string => `secret.secretName="${secret}"`;

const secretsOf = ({
  env = [],
  envFrom = [],
}: UsesSecrets): readonly { readonly how: string; readonly secret: string }[] => [
  ...env.flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef ? [{ how: `envVar ${name}`, secret: valueFrom.secretKeyRef.name ?? "" }] : [],
  ),
  ...envFrom.flatMap(({ secretRef }) => (secretRef ? [{ how: "envFrom", secret: secretRef.name ?? "" }] : [])),
];
