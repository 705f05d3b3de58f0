import { toTime } from "../../../base/clock.js";
import type { ContainerStats } from "../../runtime/runtime.js";
import type { Filesystem, NodeUsage } from "./node-usage.js";
import type { ContainerSample, PodSample, Sample } from "./sampler.js";

export interface SummaryOptions {
  readonly nodeName: string;
  /** An earlier sample, for rates. */
  readonly before: Sample | undefined;
  readonly onlyCpuAndMemory: boolean;
}

/** As the kubelet's /stats/summary has it. https://pkg.go.dev/k8s.io/kubelet/pkg/apis/stats/v1alpha1#Summary */
export function summaryOf(sample: Sample, { nodeName, before, onlyCpuAndMemory }: SummaryOptions): object {
  const earlier = new Map(
    (before?.pods ?? []).flatMap(({ containers }) => containers.map(({ stats }) => [stats.id, stats] as const)),
  );
  return {
    node: nodeStats(sample.node, before?.node, nodeName, onlyCpuAndMemory),
    pods: sample.pods.map((pod) => podStats(pod, earlier, sample.node, onlyCpuAndMemory)),
  };
}

function nodeStats(node: NodeUsage, before: NodeUsage | undefined, nodeName: string, brief: boolean): object {
  const time = toTime(node.atMs);
  const { memory, filesystem, network, processes } = node;
  return {
    nodeName,
    startTime: toTime(node.bootedAtMs),
    cpu: cpu(node, before),
    memory: { time, ...memory },
    ...(brief
      ? {}
      : {
          network: {
            time,
            ...(network[0] ?? { name: "" }),
            interfaces: network,
          },
          fs: fsStats(filesystem, node.atMs),
          runtime: { imageFs: fsStats(filesystem, node.atMs), containerFs: fsStats(filesystem, node.atMs) },
          rlimit: { time, maxpid: processes.max, curproc: processes.current },
        }),
  };
}

function podStats(
  { pod: { metadata, status }, containers }: PodSample,
  earlier: ReadonlyMap<string, ContainerStats>,
  node: NodeUsage,
  brief: boolean,
): object {
  const all = containers.map(({ stats }) => stats);
  const before = all.flatMap(({ id }) => earlier.get(id) ?? []);
  const sum = (figure: (stats: ContainerStats) => number | undefined, of = all): number =>
    of.reduce((total, stats) => total + (figure(stats) ?? 0), 0);
  const atMs = Math.max(...all.map((stats) => stats.atMs));
  const cpuOf = (of: readonly ContainerStats[]): CpuCount => ({
    atMs: Math.max(...of.map((stats) => stats.atMs)),
    cpuNanoseconds: of.reduce((total, { cpuNanoseconds }) => total + cpuNanoseconds, 0),
  });
  const usedBytes = sum(({ logBytes, writableLayer }) => (logBytes ?? 0) + (writableLayer?.usedBytes ?? 0));
  const { rssBytes } = all[0] ?? {};
  return {
    podRef: { name: metadata.name, namespace: metadata.namespace ?? "", uid: metadata.uid },
    startTime: status?.startTime ?? metadata.creationTimestamp,
    containers: containers.map((container) => containerStats(container, earlier, node, brief)),
    cpu: cpu(cpuOf(all), before.length === all.length ? cpuOf(before) : undefined),
    memory: {
      time: toTime(atMs),
      workingSetBytes: sum(({ workingSetBytes }) => workingSetBytes),
      ...(rssBytes === undefined
        ? {}
        : {
            usageBytes: sum(({ usageBytes, workingSetBytes }) => usageBytes ?? workingSetBytes),
            rssBytes: sum((stats) => stats.rssBytes),
            pageFaults: sum(({ pageFaults }) => pageFaults),
            majorPageFaults: sum(({ majorPageFaults }) => majorPageFaults),
          }),
    },
    ...(brief
      ? {}
      : {
          "ephemeral-storage": { ...fsStats(node.filesystem, node.atMs), usedBytes },
          process_stats: { process_count: sum(({ processes }) => processes) },
        }),
  };
}

function containerStats(
  { name, startedAtMs, stats }: ContainerSample,
  earlier: ReadonlyMap<string, ContainerStats>,
  { filesystem, atMs }: NodeUsage,
  brief: boolean,
): object {
  const { workingSetBytes, usageBytes, rssBytes, pageFaults, majorPageFaults, logBytes, writableLayer } = stats;
  return {
    name,
    startTime: toTime(startedAtMs),
    cpu: cpu(stats, earlier.get(stats.id)),
    memory: {
      time: toTime(stats.atMs),
      ...(usageBytes === undefined ? {} : { usageBytes }),
      workingSetBytes,
      ...(rssBytes === undefined ? {} : { rssBytes }),
      ...(pageFaults === undefined ? {} : { pageFaults }),
      ...(majorPageFaults === undefined ? {} : { majorPageFaults }),
    },
    ...(brief
      ? {}
      : {
          rootfs: {
            ...fsStats(filesystem, atMs),
            usedBytes: writableLayer?.usedBytes ?? 0,
            inodesUsed: writableLayer?.inodesUsed ?? 0,
          },
          logs: { ...fsStats(filesystem, atMs), usedBytes: logBytes ?? 0 },
        }),
  };
}

interface CpuCount {
  readonly atMs: number;
  readonly cpuNanoseconds: number;
}

function cpu(now: CpuCount, before: CpuCount | undefined): object {
  const tookMs = before === undefined ? 0 : now.atMs - before.atMs;
  const rate =
    before !== undefined && tookMs > 0
      ? { usageNanoCores: Math.max(0, Math.round(((now.cpuNanoseconds - before.cpuNanoseconds) * 1000) / tookMs)) }
      : {};
  return { time: new Date(now.atMs).toISOString(), ...rate, usageCoreNanoSeconds: now.cpuNanoseconds };
}

const fsStats = ({ capacityBytes, availableBytes, usedBytes, inodes, inodesFree }: Filesystem, atMs: number) => ({
  time: toTime(atMs),
  availableBytes,
  capacityBytes,
  usedBytes,
  inodesFree,
  inodes,
  inodesUsed: inodes - inodesFree,
});
