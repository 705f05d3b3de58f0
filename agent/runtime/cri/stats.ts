import type { ContainerStats } from "../runtime.js";
import type { listContainerStatsResponse } from "./messages.js";
import type { Decoded } from "./wire.js";

type CriStats = Decoded<typeof listContainerStatsResponse>["stats"][number];

/** Nothing of a container that the runtime lists and has not measured. */
export function statsOf({ attributes, cpu, memory }: CriStats): readonly ContainerStats[] {
  if (!attributes || !cpu || !memory) return [];
  const { usageBytes, rssBytes, pageFaults, majorPageFaults } = memory;
  return [
    {
      id: attributes.id,
      atMs: Math.floor(cpu.timestamp / 1e6),
      cpuNanoseconds: cpu.usageCoreNanoSeconds?.value ?? 0,
      workingSetBytes: memory.workingSetBytes?.value ?? 0,
      ...(usageBytes ? { usageBytes: usageBytes.value } : {}),
      ...(rssBytes ? { rssBytes: rssBytes.value } : {}),
      ...(pageFaults ? { pageFaults: pageFaults.value } : {}),
      ...(majorPageFaults ? { majorPageFaults: majorPageFaults.value } : {}),
    },
  ];
}
