import { isRecord } from "../../../base/record.js";

/** What a node's agent says of use: counters that only grow, and memory. */
export interface Reading {
  /** When the answer came, by our clock. */
  readonly takenAtMs: number;
  readonly node: UsagePoint | undefined;
  /** By `namespace/name/uid`. */
  readonly pods: ReadonlyMap<string, readonly ContainerPoint[]>;
}

export interface UsagePoint {
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly cpuNanoseconds: number;
  readonly workingSetBytes: number;
}

export interface ContainerPoint extends UsagePoint {
  readonly name: string;
}

/** Reads an agent's /stats/summary. What is not understood is left out: it is others' word. */
export function readingOf(summary: unknown, takenAtMs: number): Reading {
  const { node, pods } = record(summary);
  const found = new Map<string, readonly ContainerPoint[]>();
  for (const pod of array(pods)) {
    const { podRef, containers } = record(pod);
    const { namespace, name, uid } = record(podRef);
    const points = array(containers).flatMap((container): ContainerPoint[] => {
      const point = pointOf(container);
      const { name: containerName } = record(container);
      return point && typeof containerName === "string" ? [{ ...point, name: containerName }] : [];
    });
    if (points.length > 0) found.set(`${namespace}/${name}/${uid}`, points);
  }
  return { takenAtMs, node: pointOf(node), pods: found };
}

function pointOf(stats: unknown): UsagePoint | undefined {
  const { startTime, cpu, memory } = record(stats);
  const { time, usageCoreNanoSeconds: cpuNanoseconds } = record(cpu);
  const { workingSetBytes } = record(memory);
  const atMs = timeOf(time);
  const startedAtMs = timeOf(startTime);
  if (!isAmount(cpuNanoseconds) || !isAmount(workingSetBytes) || Number.isNaN(atMs) || Number.isNaN(startedAtMs))
    return undefined;
  return { atMs, startedAtMs, cpuNanoseconds, workingSetBytes };
}

const isAmount = (value: unknown): value is number => typeof value === "number" && value >= 0 && value < 2 ** 63;
const timeOf = (value: unknown): number => (typeof value === "string" ? Date.parse(value) : Number.NaN);
const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});
const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** CPU and memory as quantities, and over which time; undefined where the two points tell no rate. */
export function usageBetween(
  before: UsagePoint | undefined,
  now: UsagePoint,
): { readonly usage: Usage; readonly atMs: number; readonly windowMs: number } | undefined {
  const from = before?.startedAtMs === now.startedAtMs && before.atMs < now.atMs ? before : sinceStart(now);
  const windowMs = now.atMs - from.atMs;
  const used = now.cpuNanoseconds - from.cpuNanoseconds;
  if (windowMs <= 0 || used < 0) return undefined;
  const nanoCores = Math.round((used * 1000) / windowMs);
  return {
    usage: { cpu: nanoCores === 0 ? "0" : `${nanoCores}n`, memory: memoryText(now.workingSetBytes) },
    atMs: now.atMs,
    windowMs,
  };
}

export interface Usage extends Readonly<Record<string, string>> {
  readonly cpu: string;
  readonly memory: string;
}

/** What has just begun has used nothing before. */
const sinceStart = ({ startedAtMs }: UsagePoint) => ({ atMs: startedAtMs, cpuNanoseconds: 0 });

const memoryText = (bytes: number): string =>
  bytes % 1024 === 0 && bytes > 0 ? `${bytes / 1024}Ki` : String(Math.round(bytes));
