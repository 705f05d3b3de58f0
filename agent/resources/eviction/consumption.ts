import type { Pod } from "../../../api/core/pod/pod.js";
import { podRequests } from "../../../api/core/pod/requests.js";
import { bytesOf } from "../../../apimachinery/quantity.js";
import { containersOf } from "../../pod/containers.js";
import type { ContainerSample } from "../stats/sampler.js";
import type { Consumption } from "./rank.js";

/** emptyDir volumes by name. */
export type PodDisk = ReadonlyMap<string, { readonly bytes: number; readonly inodes: number }>;

/** What a pod uses beside what it asked for. */
export function consumptionOf(pod: Pod, samples: readonly ContainerSample[], volumes: PodDisk): Consumption {
  const requests = podRequests(pod);
  const amount = (amounts: Readonly<Record<string, string>> | undefined, name: string): number =>
    amounts?.[name] === undefined ? 0 : bytesOf(amounts[name]);
  const total = (figure: (sample: ContainerSample) => number): number =>
    samples.reduce((sum, sample) => sum + figure(sample), 0);
  const ofVolumes = (figure: "bytes" | "inodes"): number =>
    [...volumes.values()].reduce((sum, volume) => sum + volume[figure], 0);
  const disk = ({ stats }: ContainerSample): number => (stats.logBytes ?? 0) + (stats.writableLayer?.usedBytes ?? 0);
  return {
    pod,
    memory: { used: total(({ stats }) => stats.workingSetBytes), requested: amount(requests, "memory") },
    disk: { used: total(disk) + ofVolumes("bytes"), requested: amount(requests, "ephemeral-storage") },
    inodes: { used: total(({ stats }) => stats.writableLayer?.inodesUsed ?? 0) + ofVolumes("inodes"), requested: 0 },
    processes: { used: total(({ stats }) => stats.processes ?? 0), requested: 0 },
    containers: containersOf(pod).flatMap(({ container: { name, resources } }) => {
      const sample = samples.find((one) => one.name === name);
      return sample
        ? [
            {
              name,
              memory: { used: sample.stats.workingSetBytes, requested: amount(resources.requests, "memory") },
              disk: { used: disk(sample), requested: amount(resources.requests, "ephemeral-storage") },
            },
          ]
        : [];
    }),
  };
}
