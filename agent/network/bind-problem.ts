import { readFileSync } from "node:fs";
import type { WantedListener } from "./service-listeners.js";

/** Why a service port is not served, and what to do about it. */
export function bindProblem(
  { protocol, address, port }: Pick<WantedListener, "protocol" | "address" | "port">,
  error: unknown,
): string {
  const what = `${protocol} ${address}:${port} is not served`;
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return `${what}: this user may not bind ports below 1024; give the service a port from 1024 on, or let users bind it (sysctl net.ipv4.ip_unprivileged_port_start=${port})`;
    case "EADDRINUSE":
      return `${what}: another program listens on port ${port} of this or of all addresses (ss -ln "sport = :${port}" tells which); a pod's program should bind $POD_IP instead of 0.0.0.0`;
    case "EADDRNOTAVAIL":
      return `${what}: the address is none of this host's (the proxy's log says why)`;
    case "EMFILE":
    case "ENFILE":
      return `${what}: too many open files; raise the limit (ulimit -n)`;
    default:
      return `${what}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

/** How many files this process may have open; the usual least where the host does not say. */
export function openFilesMax(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return soft === undefined ? usualOpenFiles : Number(soft);
  } catch {
    return usualOpenFiles;
  }
}

const usualOpenFiles = 1_024;
