import { readFileSync, statSync } from "node:fs";
import type { Clock } from "../../../base/clock.js";
import { yieldToLoop } from "../../../base/yield.js";
import { allPids, type ProcessIdentity } from "../proc.js";
import type { ContainerStats } from "../runtime.js";

/** A container as the meter finds it. */
export interface Measured {
  readonly id: string;
  /** The topmost of its processes. */
  readonly root: ProcessIdentity;
  /** Entry of the environment that all of its processes have. */
  readonly mark: string;
  /** Where its log lies. */
  readonly dir: string;
}

/** What /proc/PID/stat says of a process. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export interface ProcessUsage {
  readonly pid: number;
  readonly parent: number;
  readonly startTicks: string;
  /** Of itself and of children that it has waited for. */
  readonly cpuTicks: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  readonly rssPages: number;
}

export function usageOf(statLine: string): ProcessUsage | undefined {
  const pid = Number.parseInt(statLine, 10);
  // The command's name, in brackets, may hold anything; field 3 follows it.
  const fields = statLine.slice(statLine.lastIndexOf(")") + 2).split(" ");
  const number = (field: number): number => Number(fields[field - 3]);
  const startTicks = fields[22 - 3];
  if (!Number.isInteger(pid) || startTicks === undefined) return undefined;
  return {
    pid,
    parent: number(4),
    startTicks,
    cpuTicks: number(14) + number(15) + number(16) + number(17),
    pageFaults: number(10) + number(11),
    majorPageFaults: number(12) + number(13),
    rssPages: number(24),
  };
}

/** Processes of each container: those below its root, and orphans of the host that carry its mark. */
export function processesOf(
  containers: readonly Pick<Measured, "id" | "root" | "mark">[],
  all: readonly ProcessUsage[],
  marksOf: (pid: number) => readonly string[],
): ReadonlyMap<string, readonly ProcessUsage[]> {
  const byPid = new Map(all.map((usage) => [usage.pid, usage]));
  const children = new Map<number, ProcessUsage[]>();
  for (const usage of all) {
    const siblings = children.get(usage.parent);
    if (siblings) siblings.push(usage);
    else children.set(usage.parent, [usage]);
  }
  const taken = new Set<number>();
  const below = (top: ProcessUsage): ProcessUsage[] => {
    const found: ProcessUsage[] = [];
    for (let left = [top]; left.length > 0; ) {
      const next = left.filter(({ pid }) => !taken.has(pid));
      for (const { pid } of next) taken.add(pid);
      found.push(...next);
      left = next.flatMap(({ pid }) => children.get(pid) ?? []);
    }
    return found;
  };
  const result = new Map<string, readonly ProcessUsage[]>();
  for (const { id, root } of containers) {
    const top = byPid.get(root.pid);
    result.set(id, top?.startTicks === root.startTicks ? below(top) : []);
  }
  const idOf = new Map(containers.map(({ id, mark }) => [mark, id]));
  for (const orphan of children.get(hostInit) ?? []) {
    if (taken.has(orphan.pid) || idOf.size === 0) continue;
    const id = marksOf(orphan.pid).flatMap((mark) => idOf.get(mark) ?? [])[0];
    if (id !== undefined) result.set(id, [...(result.get(id) ?? []), ...below(orphan)]);
  }
  return result;
}

const hostInit = 1;

/** Measures process trees by one walk over /proc for all of them, in slices that leave others their turn. */
export class UsageMeter {
  readonly #clock: Clock;
  /** CPU time never goes back, though a process may take its share of it away when it is orphaned and ends. */
  #cpuNanoseconds = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async measure(containers: readonly Measured[]): Promise<readonly ContainerStats[]> {
    if (containers.length === 0) return [];
    const slice = new Slice(this.#clock);
    const all: ProcessUsage[] = [];
    for (const pid of allPids()) {
      const line = readText(`/proc/${pid}/stat`);
      const usage = line === undefined ? undefined : usageOf(line);
      if (usage) all.push(usage);
      await slice.breath();
    }
    const found = processesOf(containers, all, environmentMarks);
    const stats: ContainerStats[] = [];
    for (const { id, dir } of containers) {
      const processes = found.get(id) ?? [];
      if (processes.length === 0) continue;
      stats.push(await this.#statsOf(id, dir, processes, slice));
    }
    this.#cpuNanoseconds = new Map(
      [...this.#cpuNanoseconds].filter(([id]) => containers.some((container) => container.id === id)),
    );
    return stats;
  }

  async #statsOf(id: string, dir: string, processes: readonly ProcessUsage[], slice: Slice): Promise<ContainerStats> {
    const atMs = this.#clock.now();
    const sum = (field: "cpuTicks" | "pageFaults" | "majorPageFaults" | "rssPages"): number =>
      processes.reduce((total, usage) => total + usage[field], 0);
    const cpuNanoseconds = Math.max(this.#cpuNanoseconds.get(id) ?? 0, sum("cpuTicks") * tickNanoseconds);
    this.#cpuNanoseconds.set(id, cpuNanoseconds);
    let workingSetBytes = 0;
    for (const { pid, rssPages } of processes) {
      workingSetBytes += proportionalBytes(pid) ?? rssPages * pageBytes;
      await slice.breath();
    }
    return {
      id,
      atMs,
      cpuNanoseconds,
      workingSetBytes,
      rssBytes: sum("rssPages") * pageBytes,
      pageFaults: sum("pageFaults"),
      majorPageFaults: sum("majorPageFaults"),
      processes: processes.length,
      logBytes: ["log", "log.1"].reduce(
        (total, name) => total + (statSync(`${dir}/${name}`, { throwIfNoEntry: false })?.size ?? 0),
        0,
      ),
    };
  }
}

/** Lets the event loop have its turn whenever this one has lasted long enough. */
class Slice {
  readonly #clock: Clock;
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonic();
  }

  async breath(): Promise<void> {
    if (this.#clock.monotonic() - this.#sinceMs < sliceMs) return;
    await yieldToLoop();
    this.#sinceMs = this.#clock.monotonic();
  }
}

const sliceMs = 4;
/** USER_HZ is 100 and pages of /proc are 4 KiB on every architecture that Node.js runs on under Linux but few ARM kernels. */
const tickNanoseconds = 10_000_000;
const pageBytes = 4096;

/** What of memory shared with others is this process's part, so that the sum over processes counts nothing twice. */
function proportionalBytes(pid: number): number | undefined {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readText(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

const environmentMarks = (pid: number): readonly string[] => (readText(`/proc/${pid}/environ`) ?? "").split("\0");

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // gone, or another user's
  }
}
