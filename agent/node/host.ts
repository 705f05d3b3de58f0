import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { arch, availableParallelism, platform, release, totalmem } from "node:os";

/** What the machine is and has. */
export interface HostFacts {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly machineId: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly operatingSystem: string;
  readonly architecture: string;
}

export interface HostPressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly pids: boolean;
}

export async function hostFacts(dataDir: string): Promise<HostFacts> {
  const disk = await statfs(dataDir);
  const amounts = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    "ephemeral-storage": `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
    pods: "110",
  };
  const osRelease = read("/etc/os-release");
  return {
    capacity: amounts,
    allocatable: amounts,
    machineId: read("/etc/machine-id").trim(),
    bootId: read("/proc/sys/kernel/random/boot_id").trim(),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? platform(),
    operatingSystem: platform(),
    architecture: architectures[arch()] ?? arch(),
  };
}

/** Whether the machine is about to run out of something. */
export async function hostPressure(dataDir: string): Promise<HostPressure> {
  const disk = await statfs(dataDir);
  const availableKi = Number(/^MemAvailable:\s+(\d+)/m.exec(read("/proc/meminfo"))?.[1] ?? Number.POSITIVE_INFINITY);
  const threads = Number(read("/proc/loadavg").split(/[ /]/)[4] ?? 0);
  const threadsMax = Number(read("/proc/sys/kernel/pid_max") || Number.POSITIVE_INFINITY);
  return {
    memory: availableKi * 1024 < minMemoryBytes,
    disk: disk.bavail * disk.bsize < minDiskBytes,
    pids: threads > threadsMax * maxPidShare,
  };
}

const minMemoryBytes = 100 * 1024 * 1024;
const minDiskBytes = 256 * 1024 * 1024;
const maxPidShare = 0.9;

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
