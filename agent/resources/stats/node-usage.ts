import { readdirSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";

/** What the whole machine uses. */
export interface NodeUsage {
  readonly atMs: number;
  readonly bootedAtMs: number;
  /** Since boot, of all processors. */
  readonly cpuNanoseconds: number;
  readonly memory: MemoryUsage;
  readonly filesystem: Filesystem;
  readonly network: readonly InterfaceUsage[];
  readonly processes: { readonly max: number; readonly current: number };
}

export interface MemoryUsage {
  readonly availableBytes: number;
  readonly usageBytes: number;
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
}

export interface Filesystem {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

export interface InterfaceUsage {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}

export async function nodeUsage(dataDir: string, nowMs: number): Promise<NodeUsage> {
  const stat = read("/proc/stat");
  return {
    atMs: nowMs,
    bootedAtMs: Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0) * 1000,
    cpuNanoseconds: cpuNanosecondsOf(stat),
    memory: memoryOf(read("/proc/meminfo"), read("/proc/vmstat")),
    filesystem: await filesystemOf(dataDir),
    network: interfacesOf(read("/proc/net/dev")),
    processes: { max: maxProcesses(), current: currentThreads() },
  };
}

/** Of a simulated node nothing is used. */
export const unusedNode = (nowMs: number): NodeUsage => ({
  atMs: nowMs,
  bootedAtMs: 0,
  cpuNanoseconds: 0,
  memory: { availableBytes: 0, usageBytes: 0, workingSetBytes: 0, rssBytes: 0, pageFaults: 0, majorPageFaults: 0 },
  filesystem: { capacityBytes: 0, availableBytes: 0, usedBytes: 0, inodes: 0, inodesFree: 0 },
  network: [],
  processes: { max: 0, current: 0 },
});

/** All that processors did but waiting, from /proc/stat; what guests did stands in it once already. */
export function cpuNanosecondsOf(stat: string): number {
  const [user = 0, nice = 0, system = 0, _idle, _iowait, irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * tickNanoseconds;
}

/** As cgroups count: in use is what is not free, the working set that without files not used of late. */
export function memoryOf(meminfo: string, vmstat: string): MemoryUsage {
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, "m").exec(vmstat)?.[1] ?? 0);
  const total = bytes("MemTotal");
  const usageBytes = total - bytes("MemFree");
  const workingSetBytes = Math.max(0, usageBytes - bytes("Inactive\\(file\\)"));
  return {
    availableBytes: total - workingSetBytes,
    usageBytes,
    workingSetBytes,
    rssBytes: bytes("AnonPages"),
    pageFaults: count("pgfault"),
    majorPageFaults: count("pgmajfault"),
  };
}

export function interfacesOf(dev: string): readonly InterfaceUsage[] {
  return dev.split("\n").flatMap((line) => {
    const [, name, figures = ""] = /^\s*([^:\s]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || name === "lo") return [];
    const [rxBytes = 0, , rxErrors = 0, , , , , , txBytes = 0, , txErrors = 0] = figures
      .trim()
      .split(/\s+/)
      .map(Number);
    return [{ name, rxBytes, rxErrors, txBytes, txErrors }];
  });
}

export async function filesystemOf(path: string): Promise<Filesystem> {
  const { blocks, bfree, bavail, bsize, files, ffree } = await statfs(path);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
  };
}

function maxProcesses(): number {
  const limits = ["/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max"].map((path) => Number(read(path)));
  return Math.min(...limits.filter((limit) => limit > 0), 2 ** 22);
}

const currentThreads = (): number =>
  Number(read("/proc/loadavg").split(/[ /]/)[4] ?? 0) ||
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;

/** USER_HZ is 100 on Linux. */
const tickNanoseconds = 10_000_000;

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
