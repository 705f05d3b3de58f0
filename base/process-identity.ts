import { readFileSync } from "node:fs";

/** A process, recognised for certain: ids are used again, also across a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  startTime: startTimeOf(process.pid),
  bootId: bootId(),
});

/** Whether the process that called itself so still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  return startTimeOf(identity.pid) === identity.startTime;
}

/** Clock ticks since boot at which the process started; empty where the system does not tell (it is not Linux). */
function startTimeOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return "dead";
  return fields[19] ?? "";
}

const bootId = (): string => read("/proc/sys/kernel/random/boot_id").trim();

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
