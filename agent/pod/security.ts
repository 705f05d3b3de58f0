import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { AppArmorProfile } from "../../api/core/pod/security.js";
import type { ContainerSecurity, SecurityProfile } from "../runtime/isolation.js";
import type { ContainerConfig, Image } from "../runtime/runtime.js";
import { ConfigError } from "./env.js";
import { seccompOf } from "./seccomp.js";

/** What a container's own securityContext and its pod's come to. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
export function containerSecurity(
  pod: Pod,
  container: Container,
  image: Image,
  seccompDir: string,
): Pick<ContainerConfig, "noNewPrivileges" | "readOnlyRoot" | "user" | "security"> {
  const shared = pod.spec.securityContext;
  const own = container.securityContext ?? {};
  const asked = own.runAsUser ?? shared.runAsUser;
  const gid = own.runAsGroup ?? shared.runAsGroup;
  const appArmor = own.appArmorProfile ?? shared.appArmorProfile;
  const seLinux = own.seLinuxOptions ?? shared.seLinuxOptions;
  const privileged = own.privileged ?? false;
  const seccomp = privileged ? undefined : (own.seccompProfile ?? shared.seccompProfile);
  const security: ContainerSecurity = {
    privileged,
    capabilities: { add: own.capabilities?.add ?? [], drop: own.capabilities?.drop ?? [] },
    supplementalGroups: groupsOf(pod),
    unmaskedProc: own.procMount === "Unmasked",
    ...(seccomp ? { seccomp: seccompOf(seccomp, seccompDir) } : {}),
    ...(appArmor ? { appArmor: profileOf(appArmor) } : {}),
    ...(seLinux ? { seLinux } : {}),
  };
  return {
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    readOnlyRoot: own.readOnlyRootFilesystem ?? false,
    user: userOf(asked, gid, image),
    security,
  };
}

/** A runtime takes no group without a user: then it is the image's. */
function userOf(
  uid: number | undefined,
  gid: number | undefined,
  { user }: Image,
): NonNullable<ContainerConfig["user"]> {
  if (gid === undefined) return uid === undefined ? {} : { uid };
  if (uid !== undefined) return { uid, gid };
  return user && "name" in user ? { name: user.name, gid } : { uid: user?.uid ?? 0, gid };
}

/** Groups of every container's programs besides their own: the pod's, and the one that owns its volumes. */
export const groupsOf = ({ spec: { securityContext } }: Pod): readonly number[] => [
  ...(securityContext.fsGroup === undefined ? [] : [securityContext.fsGroup]),
  ...(securityContext.supplementalGroups ?? []),
];

const profileOf = ({ type, localhostProfile }: AppArmorProfile): SecurityProfile =>
  localhostProfile === undefined ? { type } : { type, localhost: localhostProfile };

/** Throws ConfigError for a container that must not run as root and would, or of which that cannot be told. */
export function checkNonRoot(pod: Pod, container: Container, image: Image | undefined): void {
  const { metadata, spec } = pod;
  const own = container.securityContext ?? {};
  if (!(own.runAsNonRoot ?? spec.securityContext.runAsNonRoot)) return;
  const who = `(pod: "${metadata.name}_${metadata.namespace ?? ""}(${metadata.uid})", container: ${container.name})`;
  const uid = own.runAsUser ?? spec.securityContext.runAsUser;
  if (uid !== undefined) {
    if (uid === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${who}`);
    return;
  }
  const user = image?.user ?? { uid: 0 };
  if ("name" in user)
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user.name}), cannot verify user is non-root ${who}`,
    );
  if (user.uid === 0) throw new ConfigError(`container has runAsNonRoot and image will run as root ${who}`);
}
