import { existsSync, readFileSync } from "node:fs";
import type { RuntimeFeatures } from "../runtime.js";
import type { statusResponse } from "./messages.js";
import type { Decoded } from "./wire.js";

/** What only some kernels have. */
const hostFields = [
  ...(readText("/sys/module/apparmor/parameters/enabled").startsWith("Y") ? ["appArmorProfile"] : []),
  ...(existsSync("/sys/fs/selinux/enforce") ? ["seLinuxOptions"] : []),
];

/** As much as every runtime can that is new enough. */
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
  recursiveReadOnly: false,
};

/** What the handler can that pods get who name none. A runtime that tells of none is too old to. */
export const withHandlers = (handlers: Decoded<typeof statusResponse>["runtimeHandlers"]): RuntimeFeatures => ({
  ...features,
  recursiveReadOnly: handlers.find(({ name }) => name === "")?.features?.recursiveReadOnlyMounts ?? false,
});

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
