import type { PodIdentity } from "./runtime.js";

export interface FilesystemUsage {
  readonly atMs: number;
  readonly mountpoint: string;
  readonly usedBytes: number;
  readonly inodesUsed: number | undefined;
}

/** All amounts of one moment; what the runtime cannot tell is undefined. */
export interface ResourceUsage {
  readonly cpu: CpuUsage | undefined;
  readonly memory: MemoryUsage | undefined;
}

export interface CpuUsage {
  readonly atMs: number;
  /** Since it began. */
  readonly coreNanoSeconds: number | undefined;
  /** Of late. */
  readonly nanoCores: number | undefined;
}

export interface MemoryUsage {
  readonly atMs: number;
  /** What cannot be had back without ending programs: what eviction and metrics count. */
  readonly workingSetBytes: number | undefined;
  readonly availableBytes: number | undefined;
  readonly usageBytes: number | undefined;
  readonly rssBytes: number | undefined;
  readonly pageFaults: number | undefined;
  readonly majorPageFaults: number | undefined;
}

export interface ContainerStats extends ResourceUsage {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly writableLayer: FilesystemUsage | undefined;
}

export interface SandboxStats extends ResourceUsage {
  readonly sandboxId: string;
  readonly pod: PodIdentity;
  readonly network: readonly InterfaceUsage[];
  readonly processes: number | undefined;
  readonly containers: readonly ContainerStats[];
}

export interface InterfaceUsage {
  readonly atMs: number;
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}
