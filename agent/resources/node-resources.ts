import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Node } from "../../api/core/node/node.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import { type Recorder, referenceOf } from "../../client/events.js";
import type { HostFacts, HostPressure } from "../node/host.js";
import { nodeReference } from "../node/node-reference.js";
import type { Dismissal } from "../pod/dismissal.js";
import type { PodManager } from "../pod/pod-manager.js";
import type { Runtime } from "../runtime/runtime.js";
import { refusalOf } from "./admission/admit.js";
import { EvictionManager } from "./eviction/eviction-manager.js";
import type { Observation } from "./eviction/threshold.js";
import { allocatableOf } from "./node/allocatable.js";
import type { ResourceSettings } from "./node/settings.js";
import { shutdownPhases } from "./shutdown/phases.js";
import { filesystemOf, nodeUsage, unusedNode } from "./stats/node-usage.js";
import { Sampler } from "./stats/sampler.js";

export interface NodeResourcesOptions {
  readonly settings: ResourceSettings;
  readonly nodeName: string;
  readonly host: HostFacts;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: Recorder;
  /** This node's own directory. */
  readonly dataDir: string;
  readonly node: () => Node | undefined;
  readonly manager: () => PodManager;
  readonly volumePath: (pod: Pod, volume: string) => string;
  readonly reclaimDisk: () => Promise<void>;
  /** A simulation brings what there is left. */
  readonly observe?: () => Promise<readonly Observation[]>;
  /** Something that the node's status tells has changed. */
  readonly changed: () => void;
}

/** What the node has, who gets it, and who has to go when it runs out or the node itself goes. */
export class NodeResources {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly sampler: Sampler;
  readonly #options: NodeResourcesOptions;
  readonly #eviction: EvictionManager;
  #shuttingDown = false;

  constructor(options: NodeResourcesOptions) {
    this.#options = options;
    const { settings, host, clock, log, runtime, manager, dataDir } = options;
    this.capacity = { pods: String(settings.maxPods), ...host.capacity };
    this.allocatable = allocatableOf(this.capacity, settings);
    this.sampler = new Sampler({
      clock,
      runtime,
      pods: () => manager().pods(),
      node: async () => (runtime.features.isReal ? nodeUsage(dataDir, clock.now()) : unusedNode(clock.now())),
    });
    this.#eviction = new EvictionManager({
      settings,
      clock,
      log,
      observe: options.observe ?? (() => this.#observe()),
      sampler: this.sampler,
      pods: () => manager().active(),
      dismiss: (pod, dismissal) => this.#dismiss(pod, dismissal),
      ended: (pod, maxMs) => this.#ended([pod], maxMs),
      volumePath: options.volumePath,
      reclaimDisk: options.reclaimDisk,
      tell: (type, reason, message) => this.#tell(type, reason, message),
      changed: options.changed,
    });
  }

  get pressure(): HostPressure {
    return this.#eviction.pressure;
  }

  get isShuttingDown(): boolean {
    return this.#shuttingDown;
  }

  admit(pod: Pod, others: readonly Pod[]): Dismissal | undefined {
    const { allocatable, pressure } = this;
    return refusalOf({
      pod,
      others,
      allocatable,
      pressure,
      node: this.#options.node(),
      shuttingDown: this.#shuttingDown,
      allowedUnsafeSysctls: this.#options.settings.allowedUnsafeSysctls,
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { runtime, settings } = this.#options;
    // Nothing of a simulated pod is on a disk, so without thresholds there is nothing to look at.
    if (runtime.features.isReal || settings.thresholds.length > 0) await this.#eviction.run(signal);
  }

  /** Ends all pods, the less important first, each within its own grace. True when there was something to do. */
  async shutDown(): Promise<boolean> {
    const { settings, manager, log, changed } = this.#options;
    if (settings.shutdownGraceMs === 0 && settings.shutdownByPriority.length === 0) return false;
    this.#shuttingDown = true;
    changed();
    this.#tell("Normal", "Shutdown", "Shutdown manager detected shutdown event");
    for (const { graceMs, pods } of shutdownPhases(manager().active(), settings)) {
      log.info("ending pods with the node", { pods: pods.length, graceMs });
      for (const pod of pods)
        manager().dismiss(pod.metadata.uid, {
          reason: "Terminated",
          message: terminated,
          graceMs,
          disruption: { reason: "TerminationByKubelet", message: terminated },
        });
      await this.#ended(pods, graceMs + killedMaxMs);
    }
    return true;
  }

  #dismiss(pod: Pod, dismissal: Dismissal): boolean {
    if (!this.#options.manager().dismiss(pod.metadata.uid, dismissal)) return false;
    const { reason, message } = dismissal;
    this.#options.recorder.record({ about: referenceOf(pod), type: "Warning", reason, message });
    return true;
  }

  /** Resolves when nothing of them runs any more. */
  async #ended(pods: readonly Pod[], maxMs: number): Promise<void> {
    const { runtime, clock } = this.#options;
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    const untilMs = clock.monotonic() + maxMs;
    for (;;) {
      const left = (await runtime.containers()).some(({ pod, state }) => uids.has(pod.uid) && state === "running");
      if (!left || clock.monotonic() >= untilMs) return;
      await clock.sleep(endedPollMs);
    }
  }

  #tell(type: "Normal" | "Warning", reason: string, message: string): void {
    const { nodeName, recorder } = this.#options;
    recorder.record({ about: nodeReference(nodeName), type, reason, message });
  }

  async #observe(): Promise<readonly Observation[]> {
    const { dataDir, clock, runtime } = this.#options;
    const { memory, filesystem, processes } = await nodeUsage(dataDir, clock.now());
    const images = await this.#imageFilesystem(runtime).catch(() => undefined);
    const disk = (name: "nodefs" | "imagefs", of: typeof filesystem): readonly Observation[] => [
      { signal: `${name}.available`, available: of.availableBytes, capacity: of.capacityBytes },
      // Some file systems count no inodes.
      ...(of.inodes > 0
        ? [{ signal: `${name}.inodesFree` as const, available: of.inodesFree, capacity: of.inodes }]
        : []),
    ];
    return [
      {
        signal: "memory.available",
        available: memory.availableBytes,
        capacity: memory.availableBytes + memory.workingSetBytes,
      },
      ...disk("nodefs", filesystem),
      ...disk("imagefs", images ?? filesystem),
      { signal: "pid.available", available: processes.max - processes.current, capacity: processes.max },
    ];
  }

  async #imageFilesystem(runtime: Runtime) {
    const [info] = await runtime.imageFsInfo();
    if (!info) return undefined;
    await statfs(info.mountpoint);
    return filesystemOf(info.mountpoint);
  }
}

/** Where the agent keeps a pod's volumes. */
export const podVolumePath = (dataDir: string, uid: string, volume: string): string =>
  join(dataDir, "pods", uid, "volumes", volume);

const terminated = "Pod was terminated in response to imminent node shutdown.";
const killedMaxMs = 5_000;
const endedPollMs = 100;
