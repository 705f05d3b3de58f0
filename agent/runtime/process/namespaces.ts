import { execFile } from "node:child_process";
import { findProgram } from "./images.js";

/** How containers get mounts, a process view and a hostname of their own on this host. */
export interface Namespaces {
  /** Words before a program that then is process 1 of new namespaces. */
  readonly enter: readonly string[];
  /** The same, but for the view of processes, which stays the host's. */
  readonly enterWithHostPid: readonly string[];
  /** Words before a program that joins a container's: `outer` leads into them, `inner` is in its view of processes, if there is one. */
  join(outer: number, inner: number | undefined): readonly string[];
  /** Words before the program itself: gives an ordinary user back who it is, and takes from root what undoes mounts. */
  readonly become: readonly string[];
  readonly hostname: string | undefined;
  /** The program that exchanges the root of a mount namespace. */
  readonly pivotRoot: string;
}

/**
 * Tries once what this host lets us do: root needs no user namespace, an ordinary user does, and many hosts forbid it.
 * Undefined: containers share the host's mounts and processes.
 */
export async function findNamespaces(): Promise<Namespaces | undefined> {
  const path = `${process.env.PATH ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin`;
  const [unshare, nsenter, mount, pivotRoot] = ["unshare", "nsenter", "mount", "pivot_root"].map((name) =>
    findProgram(name, path),
  );
  if (!unshare || !nsenter || !mount || !pivotRoot) return undefined;
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  const hostname = findProgram("hostname", path);
  const enter = [unshare, ...user, "--mount", "--pid", "--uts", "--fork", "--kill-child", "--mount-proc"];
  const setpriv = findProgram("setpriv", path);
  const become = isRoot
    ? setpriv
      ? [setpriv, `--bounding-set=-all,${rootKeeps.map((name) => `+${name}`).join(",")}`, "--inh-caps=-all"]
      : []
    : [unshare, "--user", `--map-user=${process.getuid?.() ?? 0}`, `--map-group=${process.getgid?.() ?? 0}`];
  const probe = `set -e; mount -t tmpfs tmpfs /tmp; mkdir /tmp/a /tmp/b; mount --rbind /tmp/a /tmp/b; mount -o remount,bind,ro /tmp/b; test "$$" = 1; ${hostname ? `${hostname} probe; ` : ""}${[...become, "/bin/sh"].join(" ")} -c 'exit 0'`;
  const [program = "", ...args] = [...enter, "/bin/sh", "-c", probe];
  const works = await new Promise<boolean>((resolve) => {
    execFile(program, args, { timeout: probeTimeoutMs, env: { PATH: path } }, (error) => resolve(error === null));
  });
  if (!works) return undefined;
  return {
    enter,
    enterWithHostPid: [unshare, ...user, "--mount", "--uts"],
    become,
    hostname,
    pivotRoot,
    join: (outer, inner) => [
      nsenter,
      "-t",
      String(outer),
      ...(isRoot ? [] : ["--user", "--preserve-credentials"]),
      "--mount",
      "--uts",
      ...(inner === undefined ? [] : [`--pid=/proc/${inner}/ns/pid`]),
      "--",
    ],
  };
}

/**
 * What root may still do inside: what containers usually may. Without the rest it cannot undo its own mounts, make
 * devices or look into processes that may more.
 */
const rootKeeps = [
  ...["chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap"],
  ...["net_bind_service", "net_raw", "sys_chroot", "setfcap"],
];
const probeTimeoutMs = 5_000;
