import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { RuntimeFeatures } from "../runtime/runtime.js";

/** What the pod asks for and this node cannot give; nothing of it is ignored. `field` is the path, `remedy` what to do. */
export interface Refusal {
  readonly field: string;
  readonly remedy: string;
}

export function podRefusals(pod: Pod, features: RuntimeFeatures): readonly Refusal[] {
  const { spec } = pod;
  const refusals: Refusal[] = [];
  const refuse = (given: unknown, field: string, remedy: string): void => {
    if (given) refusals.push({ field, remedy });
  };
  if (!features.hostAccess) {
    for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const)
      refuse(spec[field], `spec.${field}`, allowHostAccess);
    for (const [index, { hostPath }] of (spec.volumes ?? []).entries())
      refuse(hostPath, `spec.volumes[${index}].hostPath`, allowHostAccess);
  }
  refuse(spec.hostUsers === false && !features.securityContext.has("hostUsers"), "spec.hostUsers", leaveOut);
  refuse(spec.runtimeClassName && !features.sandboxSettings, "spec.runtimeClassName", leaveOut);
  refuse(spec.os?.name === "windows", "spec.os.name", "this node runs linux");
  refuse(spec.shareProcessNamespace && !features.processNamespaces, "spec.shareProcessNamespace", leaveOut);
  refuse(spec.resourceClaims?.length, "spec.resourceClaims", leaveOut);
  refuse(
    spec.hostAliases?.length && (!features.mounts || spec.hostNetwork),
    "spec.hostAliases",
    "this node's pods use its own /etc/hosts: leave it out",
  );
  refuse(
    (spec.dnsPolicy === "None" || spec.dnsConfig) && !features.mounts,
    spec.dnsPolicy === "None" ? "spec.dnsPolicy" : "spec.dnsConfig",
    "this node's pods use its own /etc/resolv.conf: leave it out",
  );
  refuse(spec.setHostnameAsFQDN && spec.subdomain && !features.hostname, "spec.setHostnameAsFQDN", leaveOut);
  refuse(
    spec.hostname !== undefined && !features.hostname && !isAutomaticName(pod),
    "spec.hostname",
    "this node's pods share its hostname, allow unprivileged user namespaces or leave it out",
  );
  for (const [index, { ports = [] }] of spec.containers.entries())
    for (const [at, { hostPort }] of ports.entries())
      refuse(
        hostPort && !spec.hostNetwork && !features.hostPorts,
        `spec.containers[${index}].ports[${at}].hostPort`,
        "pods share the host's network here: let the program bind the port itself, or use a Service of type NodePort",
      );
  const security = spec.securityContext;
  for (const [field, given] of Object.entries(security)) {
    if (isNeutral(field, given, features.runsAs)) continue;
    refuse(!features.securityContext.has(field), `spec.securityContext.${field}`, leaveOut);
  }
  return refusals;
}

export function containerRefusals(container: Container, path: string, features: RuntimeFeatures): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (given: unknown, field: string, remedy: string): void => {
    if (given) refusals.push({ field: `${path}.${field}`, remedy });
  };
  for (const [field, given] of Object.entries(container.securityContext ?? {})) {
    if (isNeutral(field, given, features.runsAs)) continue;
    refuse(!features.securityContext.has(field), `securityContext.${field}`, leaveOut);
  }
  if ("targetContainerName" in container)
    refuse(
      container.targetContainerName && features.ownProcessView && !features.processNamespaces,
      "targetContainerName",
      "this node gives every container its own view of processes: leave it out",
    );
  for (const [index, { mountPropagation, recursiveReadOnly }] of (container.volumeMounts ?? []).entries()) {
    const at = `volumeMounts[${index}]`;
    if (mountPropagation && mountPropagation !== "None")
      refuse(!features.sandboxSettings, `${at}.mountPropagation`, leaveOut);
    const rest = "leave it out or say IfPossible";
    if (recursiveReadOnly === "Enabled") refuse(!features.recursiveReadOnly, `${at}.recursiveReadOnly`, rest);
  }
  refuse(container.volumeDevices?.length, "volumeDevices", "block devices are not supported");
  refuse(
    container.tty && !features.tty,
    "tty",
    "this node gives no terminals (script of util-linux and stty make them): leave it out",
  );
  refuse(container.resources.claims?.length, "resources.claims", leaveOut);
  refuse(
    container.restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
    "restartPolicyRules",
    "the action RestartAllContainers is not supported yet",
  );
  return refusals;
}

/** Values that change nothing for a process of this user. */
function isNeutral(field: string, given: unknown, runsAs: RuntimeFeatures["runsAs"]): boolean {
  if (field === "allowPrivilegeEscalation") return given !== false;
  if (given === undefined || given === false || (Array.isArray(given) && given.length === 0)) return true;
  if (field === "runAsNonRoot") return runsAs !== undefined && runsAs.uid !== 0;
  if (field === "runAsUser") return given === runsAs?.uid;
  if (field === "runAsGroup" || field === "fsGroup") return given === runsAs?.gid;
  if (field === "procMount") return given === "Default";
  // They say how fields act that are refused themselves.
  if (field.endsWith("ChangePolicy")) return true;
  if (field === "supplementalGroupsPolicy") return given === "Merge";
  if (typeof given !== "object" || given === null) return false;
  if (field === "seccompProfile" || field === "appArmorProfile") return "type" in given && given.type === "Unconfined";
  if (field === "capabilities") return runsAs !== undefined && runsAs.uid !== 0 && !("add" in given);
  return false;
}

/** The controller of a StatefulSet names its pods so; the environment says it where the host does not. */
const isAutomaticName = ({ metadata, spec }: Pod): boolean => spec.hostname === metadata.name;

export const refusalText = (refusals: readonly Refusal[]): string =>
  refusals.map(({ field, remedy }) => `${field} cannot be honoured on this node: ${remedy}`).join("; ");

const leaveOut = "leave it out, or run the pod on a node with containerd";
const allowHostAccess = "start the node with --allow-host-access, or leave it out";
