import type { Pod } from "../../../api/core/pod/pod.js";
import type { Volume } from "../../../api/core/pod/volume.js";
import type { Clock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import { removeUnmounted } from "../../host-mounts.js";
import type { HostPressure } from "../../node/host.js";
import type { Dismissal } from "../../pod/dismissal.js";
import type { ResourceSettings } from "../node/settings.js";
import type { Sampler } from "../stats/sampler.js";
import { consumptionOf, type PodDisk } from "./consumption.js";
import { brokenLimit, hasDiskLimits } from "./limits.js";
import { evictionMessage, resourceOf } from "./message.js";
import { conditionOf, decidePressure, noPressure, nothingSeen, type PressureDecision } from "./pressure.js";
import { rankForEviction } from "./rank.js";
import { scanTree } from "./scan.js";
import { amountOf, type Observation } from "./threshold.js";

export interface EvictionOptions {
  readonly settings: ResourceSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observe: () => Promise<readonly Observation[]>;
  readonly sampler: Pick<Sampler, "sample">;
  /** Those that take their part of the node. */
  readonly pods: () => readonly Pod[];
  /** False: it is ending anyway. */
  readonly dismiss: (pod: Pod, dismissal: Dismissal) => boolean;
  /** Resolves when nothing of it runs any more, or after a while. */
  readonly ended: (pod: Pod, maxMs: number) => Promise<void>;
  /** Where a pod's emptyDir lies. */
  readonly volumePath: (pod: Pod, volume: string) => string;
  /** Frees what of the node's own can go from its disk. */
  readonly reclaimDisk: () => Promise<void>;
  /** An event of the node. */
  readonly tell: (type: "Normal" | "Warning", reason: string, message: string) => void;
  /** The conditions are others than before. */
  readonly changed: () => void;
}

/** Looks at what the node has left and ends pods before nothing is; ends those that have more on disk than they may. */
export class EvictionManager {
  readonly #options: EvictionOptions;
  #memory = nothingSeen;
  #pressure: HostPressure = noPressure;
  #limitsCheckedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: EvictionOptions) {
    this.#options = options;
  }

  get pressure(): HostPressure {
    return this.#pressure;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.look(signal);
      } catch (error) {
        log.warn("the node's resources could not be looked at", { error: String(error) });
      }
      await clock.sleep(lookEveryMs, signal);
    }
  }

  /** One round: at most one pod goes for want of resources, and is waited for. */
  async look(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (clock.now() - this.#limitsCheckedAtMs >= limitsEveryMs) {
      this.#limitsCheckedAtMs = clock.now();
      if (await this.#enforceLimits(signal)) return;
    }
    const { act } = await this.#decide();
    if (!act || signal.aborted) return;
    const resource = resourceOf[act.threshold.signal];
    this.#options.tell("Warning", "EvictionThresholdMet", `Attempting to reclaim ${resource}`);
    if (conditionOf[act.threshold.signal] === "disk") {
      await this.#options
        .reclaimDisk()
        .catch((error: unknown) =>
          this.#options.log.warn("nothing of the node's own could be removed", { error: String(error) }),
        );
      if (!(await this.#decide()).act) return;
    }
    await this.#evictOne(act, signal);
  }

  async #decide(): Promise<PressureDecision> {
    const { settings, clock, observe, changed } = this.#options;
    const decision = decidePressure(settings.thresholds, await observe(), this.#memory, {
      nowMs: clock.now(),
      transitionMs: settings.pressureTransitionMs,
    });
    const before = this.#pressure;
    this.#memory = decision.memory;
    this.#pressure = decision.pressure;
    const { memory, disk, pids } = decision.pressure;
    if (memory !== before.memory || disk !== before.disk || pids !== before.pids) changed();
    return decision;
  }

  async #evictOne(act: NonNullable<PressureDecision["act"]>, signal: AbortSignal): Promise<void> {
    const { settings, sampler, pods, log } = this.#options;
    const { threshold, observation } = act;
    const ofDisk = conditionOf[threshold.signal] === "disk";
    const { pods: samples } = await sampler.sample(0);
    const known = new Map(samples.map((sample) => [sample.pod.metadata.uid, sample]));
    const consumers = [];
    for (const pod of pods())
      consumers.push(
        consumptionOf(
          pod,
          known.get(pod.metadata.uid)?.containers ?? [],
          ofDisk ? await this.#volumesOf(pod, signal, isOnDisk) : new Map(),
        ),
      );
    for (const consumer of rankForEviction(threshold.signal, consumers)) {
      const { pod } = consumer;
      const message = evictionMessage(threshold, observation, consumer);
      const graceMs = threshold.graceMs === 0 ? immediateMs : settings.evictionMaxPodGraceMs;
      const disruption = { reason: "TerminationByKubelet", message };
      if (!this.#options.dismiss(pod, { reason: "Evicted", message, graceMs, disruption })) continue;
      log.warn("pod evicted", {
        pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
        signal: threshold.signal,
        available: observation.available,
        threshold: amountOf(threshold.below, observation.capacity),
      });
      await this.#options.ended(pod, graceMs + endedMaxMs);
      if (ofDisk) await this.#emptyVolumes(pod);
      return;
    }
    log.warn("no pod can be evicted", { signal: threshold.signal, available: observation.available });
  }

  /** True when pods went for what they have on disk. */
  async #enforceLimits(signal: AbortSignal): Promise<boolean> {
    const limited = this.#options.pods().filter(hasDiskLimits);
    if (limited.length === 0) return false;
    const { pods: samples } = await this.#options.sampler.sample();
    let any = false;
    for (const pod of limited) {
      if (signal.aborted) return any;
      const sample = samples.find(({ pod: { metadata } }) => metadata.uid === pod.metadata.uid);
      const volumes = await this.#volumesOf(pod, signal);
      const containers = new Map(
        (sample?.containers ?? []).map(({ name, stats }) => [
          name,
          (stats.logBytes ?? 0) + (stats.writableLayer?.usedBytes ?? 0),
        ]),
      );
      const volumeBytes = new Map([...volumes].map(([name, { bytes }]) => [name, bytes]));
      const message = brokenLimit(pod, { containers, volumes: volumeBytes });
      if (message === undefined || !this.#options.dismiss(pod, { reason: "Evicted", message, graceMs: immediateMs }))
        continue;
      any = true;
      await this.#options.ended(pod, immediateMs + endedMaxMs);
      await this.#emptyVolumes(pod);
    }
    return any;
  }

  async #volumesOf(pod: Pod, signal: AbortSignal, counts: (volume: Volume) => boolean = hasPlace): Promise<PodDisk> {
    const found = new Map<string, { readonly bytes: number; readonly inodes: number }>();
    for (const { name } of (pod.spec.volumes ?? []).filter(counts))
      found.set(name, await scanTree(this.#options.volumePath(pod, name), { entriesMax: volumeEntriesMax, signal }));
    return found;
  }

  /** What it had there goes with it: that is what it was ended for. */
  async #emptyVolumes(pod: Pod): Promise<void> {
    for (const { name } of (pod.spec.volumes ?? []).filter(isOnDisk))
      await removeUnmounted(this.#options.volumePath(pod, name)).catch((error: unknown) =>
        this.#options.log.warn("volume of an evicted pod not removed", {
          pod: pod.metadata.name,
          volume: name,
          error: String(error),
        }),
      );
  }
}

const hasPlace = ({ emptyDir }: Volume): boolean => emptyDir !== undefined;
/** Those in memory take nothing of the disk. */
const isOnDisk = (volume: Volume): boolean => hasPlace(volume) && volume.emptyDir?.medium !== "Memory";

/** Reading the signals takes a fraction of a millisecond. */
const lookEveryMs = 2_000;
const limitsEveryMs = 10_000;
/** As Kubernetes has it: not at once, so that a signal is sent. */
const immediateMs = 1_000;
const endedMaxMs = 30_000;
const volumeEntriesMax = 100_000;
