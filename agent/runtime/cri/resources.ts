import type { ContainerResources } from "../runtime.js";
import type { linuxContainerResources } from "./messages.js";
import type { Encoded } from "./wire.js";

/** Amounts as cgroups count them. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run */
export function linuxResources(resources: ContainerResources): Encoded<typeof linuxContainerResources> {
  const { cpuRequestMilli, cpuLimitMilli, memoryLimitBytes, oomScoreAdj } = resources;
  return {
    cpuShares: sharesOf(cpuRequestMilli ?? cpuLimitMilli ?? 0),
    ...(cpuLimitMilli === undefined || cpuLimitMilli <= 0
      ? {}
      : { cpuPeriod: periodMicros, cpuQuota: quotaOf(cpuLimitMilli) }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitInBytes: memoryLimitBytes }),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

/** A whole core weighs 1024; the kernel takes 2 to 262144. */
export const sharesOf = (milli: number): number =>
  milli <= 0 ? sharesMin : Math.min(sharesMax, Math.max(sharesMin, Math.floor((milli * 1024) / 1000)));

/** Microseconds of CPU in each period; the kernel takes no less than 1 ms. */
export const quotaOf = (milli: number): number => Math.max(quotaMinMicros, Math.floor((milli * periodMicros) / 1000));

/** cgroup v2's weight for v1's shares. */
export const weightOf = (shares: number): number =>
  1 + Math.floor(((shares - sharesMin) * 9999) / (sharesMax - sharesMin));

export const periodMicros = 100_000;
const quotaMinMicros = 1000;
const sharesMin = 2;
const sharesMax = 262_144;
