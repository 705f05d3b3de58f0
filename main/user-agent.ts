import { host } from "../base/build.js";

/**
 * How a component calls itself to the API server: by what Kubernetes calls the component of that user, which is also the
 * manager of the fields that it sets, in one process or alone.
 */
export const userAgentOf = (user: string, gitVersion: string): string =>
  `${componentOf(user)}/${gitVersion} (${host.platform}) navarch`;

function componentOf(user: string): string {
  if (user.startsWith("system:node:")) return "kubelet";
  return user.startsWith("system:") ? user.slice("system:".length) : "navarch";
}
