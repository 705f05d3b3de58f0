import { existsSync, readFileSync } from "node:fs";
import type { RuntimeFeatures } from "../runtime.js";

/** What only some kernels have. */
const hostFields = [
  ...(readText("/sys/module/apparmor/parameters/enabled").startsWith("Y") ? ["appArmorProfile"] : []),
  ...(existsSync("/sys/fs/selinux/enforce") ? ["seLinuxOptions"] : []),
];

export const features: RuntimeFeatures = {
  mounts: true,
  hostname: true,
  ownProcessView: true,
  tty: true,
  resourceLimits: true,
  sharesHostNetwork: false,
  securityContext: new Set([
    ...["runAsUser", "runAsGroup", "runAsNonRoot", "privileged", "allowPrivilegeEscalation", "readOnlyRootFilesystem"],
    ...["capabilities", "procMount", "seccompProfile", "supplementalGroups", "fsGroup", "sysctls"],
    ...hostFields,
  ]),
  runsAs: undefined,
  isReal: true,
  hostAccess: true,
  hostPorts: true,
  processNamespaces: true,
  sandboxSettings: true,
};

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
