import type { Pod } from "../../../api/core/pod/pod.js";
import type { Clock } from "../../../base/clock.js";
import { containersOf, runsOf } from "../../pod/containers.js";
import type { ContainerRecord, ContainerStats, Runtime } from "../../runtime/runtime.js";
import type { NodeUsage } from "./node-usage.js";

/** What node and pods used at one time. */
export interface Sample {
  readonly node: NodeUsage;
  readonly pods: readonly PodSample[];
}

export interface PodSample {
  readonly pod: Pod;
  readonly containers: readonly ContainerSample[];
}

export interface ContainerSample {
  readonly name: string;
  readonly startedAtMs: number;
  readonly stats: ContainerStats;
}

export interface SamplerOptions {
  readonly clock: Clock;
  readonly runtime: Pick<Runtime, "stats" | "containers">;
  readonly pods: () => readonly Pod[];
  readonly node: () => Promise<NodeUsage>;
}

/** Measures when asked. Those who ask at one time, or shortly after each other, share an answer. */
export class Sampler {
  readonly #options: SamplerOptions;
  #last: Sample | undefined;
  #before: Sample | undefined;
  #flight: Promise<Sample> | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  async sample(maxAgeMs = defaultMaxAgeMs): Promise<Sample> {
    if (this.#last && this.#options.clock.now() - this.#last.node.atMs <= maxAgeMs) return this.#last;
    this.#flight ??= this.#measure().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  /** The sample before the last, where it is recent enough to tell rates by. */
  get before(): Sample | undefined {
    return this.#before;
  }

  async #measure(): Promise<Sample> {
    const { runtime, pods, node } = this.#options;
    const [stats, containers, usage] = await Promise.all([runtime.stats(), runtime.containers(), node()]);
    const byId = new Map(stats.map((one) => [one.id, one]));
    const runs = new Map<string, ContainerRecord[]>();
    for (const record of containers) runs.set(record.pod.uid, [...(runs.get(record.pod.uid) ?? []), record]);
    const sample = {
      node: usage,
      pods: pods().flatMap((pod) => podSample(pod, runs.get(pod.metadata.uid) ?? [], byId)),
    };
    const tooOld = this.#last && usage.atMs - this.#last.node.atMs > rateWindowMaxMs;
    this.#before = tooOld ? undefined : this.#last;
    this.#last = sample;
    return sample;
  }
}

const defaultMaxAgeMs = 500;
const rateWindowMaxMs = 60_000;

function podSample(
  pod: Pod,
  records: readonly ContainerRecord[],
  stats: ReadonlyMap<string, ContainerStats>,
): readonly PodSample[] {
  const containers = containersOf(pod).flatMap(({ container: { name } }): ContainerSample[] => {
    const { latest } = runsOf(name, records);
    const own = latest && stats.get(latest.id);
    return own ? [{ name, startedAtMs: latest.startedAtMs ?? latest.createdAtMs, stats: own }] : [];
  });
  return containers.length === 0 ? [] : [{ pod, containers }];
}
