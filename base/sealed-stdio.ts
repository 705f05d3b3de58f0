import { openSync, readdirSync, readFileSync } from "node:fs";

type Stdio = "pipe" | "ignore" | number;

/**
 * `stdio` for a child of ours: its first three descriptors as given, and nothing else of what this process has open.
 * Files that native code opens (a store, say) are not closed on exec; in the child /dev/null stands in their places.
 */
export function sealedStdio(stdin: Stdio, stdout: Stdio, stderr: Stdio): Stdio[] {
  const stdio: Stdio[] = [stdin, stdout, stderr];
  for (const fd of inheritedFds()) {
    while (stdio.length <= fd) stdio.push("ignore");
    stdio[fd] = nowhere();
  }
  return stdio;
}

const firstOwnFd = 3;
const closeOnExec = 0o2000000;

/** Descriptors beyond the first three that a child would inherit, as far as the system tells (it is Linux). */
function inheritedFds(): readonly number[] {
  try {
    return readdirSync("/proc/self/fdinfo")
      .map(Number)
      .filter((fd) => fd >= firstOwnFd && isInherited(fd));
  } catch {
    return [];
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false; // closed meanwhile
  }
}

let devNull: number | undefined;
const nowhere = (): number => {
  devNull ??= openSync("/dev/null", "r+");
  return devNull;
};
