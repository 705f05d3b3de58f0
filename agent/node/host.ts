import { readdirSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { arch, availableParallelism, platform, release, totalmem } from "node:os";
import { formatQuantity, quantityOfBytes } from "../../apimachinery/quantity.js";

/** What the machine is and has. */
export interface HostFacts {
  readonly capacity: Readonly<Record<string, string>>;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly swapBytes: number;
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
    ...hugePages(),
  };
  const osRelease = read("/etc/os-release");
  return {
    capacity: amounts,
    machineId: read("/etc/machine-id").trim(),
    systemUuid: (read("/sys/class/dmi/id/product_uuid") || read("/etc/machine-id")).trim(),
    swapBytes: Number(/^SwapTotal:\s+(\d+)/m.exec(read("/proc/meminfo"))?.[1] ?? 0) * 1024,
    bootId: read("/proc/sys/kernel/random/boot_id").trim(),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? platform(),
    operatingSystem: platform(),
    architecture: architectures[arch()] ?? arch(),
  };
}

/** By size, as the kubelet names them: `hugepages-2Mi`. */
function hugePages(): Readonly<Record<string, string>> {
  const sizes = entries("/sys/kernel/mm/hugepages").flatMap((name) => {
    const [, kilobytes] = /^hugepages-(\d+)kB$/.exec(name) ?? [];
    return kilobytes === undefined ? [] : [{ name, bytes: Number(kilobytes) * 1024 }];
  });
  return Object.fromEntries(
    sizes.map(({ name, bytes }) => {
      const count = Number(read(`/sys/kernel/mm/hugepages/${name}/nr_hugepages`));
      return [`hugepages-${formatQuantity(quantityOfBytes(bytes))}`, formatQuantity(quantityOfBytes(count * bytes))];
    }),
  );
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function entries(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
