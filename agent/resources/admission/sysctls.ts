import type { Pod } from "../../../api/core/pod/pod.js";
import type { Dismissal } from "../../pod/dismissal.js";

/**
 * Kernel settings that are a pod's own and can do others no harm; the rest only where the node's administrator let them
 * in. https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
 */
export function forbiddenSysctl(pod: Pod, allowedUnsafe: readonly string[]): Dismissal | undefined {
  const { hostNetwork = false, hostIPC = false, securityContext } = pod.spec;
  for (const { name } of securityContext.sysctls ?? []) {
    const dotted = withDots(name);
    const group = groupOf(dotted);
    const shared = (group === "net" && hostNetwork) || (group === "ipc" && hostIPC);
    if (group !== undefined && shared) return forbidden(name, `not allowed with host ${group} enabled`);
    const isLetIn = safe.has(dotted) || allowedUnsafe.some((pattern) => matches(withDots(pattern), dotted));
    if (!isLetIn || group === undefined) return forbidden(name, "not allowlisted");
  }
  return undefined;
}

/** Of patterns such as `net.core.*`: those that would let pods change settings of the whole node. */
export const sharedSysctls = (patterns: readonly string[]): readonly string[] =>
  patterns.filter((pattern) => groupOf(withDots(pattern)) === undefined);

const forbidden = (name: string, why: string): Dismissal => ({
  reason: "SysctlForbidden",
  message: `forbidden sysctl: ${JSON.stringify(name)} ${why}`,
});

const safe: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

/** The namespace that keeps a setting apart from the node's; undefined: none does. */
function groupOf(name: string): "net" | "ipc" | undefined {
  if (name.startsWith("net.")) return "net";
  const isIpc =
    name === "kernel.sem" || ["kernel.shm", "kernel.msg", "fs.mqueue."].some((start) => name.startsWith(start));
  return isIpc ? "ipc" : undefined;
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** `net/ipv4/conf/eth0.1/forwarding` is `net.ipv4.conf.eth0/1.forwarding`: whichever separator comes first is the one. */
function withDots(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === "/" ? name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/")) : name;
}
