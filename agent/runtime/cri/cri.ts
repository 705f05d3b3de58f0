import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import type { Logger } from "../../../base/log.js";
import {
  type AttachOptions,
  type ContainerConfig,
  type ContainerFilter,
  type ContainerRecord,
  type ContainerResources,
  type ContainerStats,
  type ExecOptions,
  type ExecSession,
  type FilesystemUsage,
  type Image,
  type Listener,
  type LogEntry,
  type LogOptions,
  type PullOptions,
  type Runtime,
  type RuntimeCondition,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeFailure,
  type RuntimeFeatures,
  type Sandbox,
  type SandboxConfig,
  type SandboxFilter,
} from "../runtime.js";
import { PodCgroups, podCgroup, podSlice } from "./cgroups.js";
import { isNotFound, isUnreachable } from "./channel.js";
import { criContainerConfig, sandboxConfigFor, ttyAnnotation } from "./container-config.js";
import { withEarlierOutput } from "./earlier-output.js";
import { RuntimeEvents } from "./events.js";
import { startExec } from "./exec.js";
import { ExecOrphans } from "./exec-orphans.js";
import { HeldMounts } from "./held-mounts.js";
import { imageOf, pinnedFor, pullFailure } from "./images.js";
import { type LogLimits, LogRotation } from "./log-rotation.js";
import { readLog } from "./logs.js";
import { logDirectory, owner, ownerOf, podUid } from "./names.js";
import { PodNetworks } from "./pod-networks.js";
import { PodPlaces } from "./pod-places.js";
import { Records } from "./records.js";
import { linuxResources } from "./resources.js";
import { decodeSettings, sandboxConfig } from "./sandbox-config.js";
import { RuntimeService } from "./service.js";
import { statsOf } from "./stats.js";
import { connectTo, converse } from "./streams.js";

export interface CriRuntimeOptions {
  /** Of the runtime: `/run/containerd/containerd.sock`. */
  readonly socket: string;
  /** This node's own directory; logs of containers lie below it. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly logLimits?: LogLimits;
}

/** Opens a runtime that speaks CRI. It need not be there yet: until it is, the node is not ready and says why. */
export async function openCriRuntime(options: CriRuntimeOptions): Promise<Runtime> {
  const runtime = new CriRuntime(options);
  await runtime.conditions();
  return runtime;
}

class CriRuntime implements Runtime {
  readonly #options: CriRuntimeOptions;
  readonly #service: RuntimeService;
  readonly #records: Records;
  readonly #events: RuntimeEvents;
  readonly #rotation: LogRotation;
  readonly #orphans: ExecOrphans;
  readonly #owner: string;
  readonly #logs: string;
  readonly #held: HeldMounts;
  readonly #places: PodPlaces;
  readonly #network: PodNetworks;
  readonly #cgroups = new PodCgroups();

  constructor(options: CriRuntimeOptions) {
    const { dir, socket, clock, log } = options;
    this.#options = options;
    this.#logs = join(dir, "logs");
    mkdirSync(this.#logs, { recursive: true, mode: 0o700 });
    this.#held = new HeldMounts(join(dir, "held"));
    this.#owner = ownerOf(realpathSync(dir));
    this.#service = new RuntimeService(socket, clock);
    this.#orphans = new ExecOrphans({ service: this.#service, clock, log });
    this.#records = new Records(this.#service, this.#owner, this.#logs);
    this.#events = new RuntimeEvents({ service: this.#service, records: this.#records, clock, log });
    this.#places = new PodPlaces({
      ...{ cgroups: this.#cgroups, held: this.#held, clock, log },
      dir: join(dir, "sandboxed"),
      sandboxed: async () => new Set((await this.#records.sandboxes({})).map(({ pod }) => pod.uid)),
    });
    this.#network = new PodNetworks({
      ...{ service: this.#service, owner: this.#owner, clock, log },
      dataDir: join(dir, "cni"),
    });
    this.#rotation = new LogRotation({
      service: this.#service,
      records: this.#records,
      clock,
      log,
      ...(options.logLimits ? { limits: options.logLimits } : {}),
    });
  }

  get name(): string {
    return this.#service.name;
  }

  get features(): RuntimeFeatures {
    return this.#service.features;
  }

  get version(): string {
    return this.#service.version;
  }

  conditions(): Promise<readonly RuntimeCondition[]> {
    return this.#network.conditions();
  }

  setPodCidr(cidr: string): Promise<void> {
    return this.#network.setPodCidr(cidr);
  }

  reachable(): Promise<void> {
    return refusing("Unavailable", () => this.#service.ready());
  }

  async runSandbox(config: SandboxConfig): Promise<string> {
    this.#network.checkRange();
    const { uid } = config.pod;
    const { qosClass = "BestEffort", resources = {}, runtimeHandler = "" } = config;
    const usesSlices = this.#service.usesSystemd;
    const cgroupParent = usesSlices ? podSlice(uid, qosClass) : podCgroup(uid, qosClass);
    const request = sandboxConfig(config, { owner: this.#owner, logs: this.#logs, cgroupParent });
    const logs = logDirectory(this.#logs, config.pod);
    const id = await refusing("CreatePodSandboxError", async () => {
      this.#places.take(uid, { logs, ...(usesSlices ? {} : { cgroup: cgroupParent }) });
      if (!usesSlices) this.#cgroups.create(cgroupParent, resources);
      await this.#weigh(resources.cpuRequestMilli ?? 0, qosClass);
      return this.#service.runPodSandbox(request, runtimeHandler);
    }).catch((error: unknown) => {
      this.#places.doubt(uid);
      throw error;
    });
    this.#events.emit({ podUid: config.pod.uid });
    return id;
  }

  /** Pods of the middle class together weigh what they ask for; those of the lowest next to nothing. */
  async #weigh(addedMilli: number, qosClass: string): Promise<void> {
    if (this.#service.usesSystemd) return;
    const sandboxes = await this.#records.sandboxes({});
    const burstable = sandboxes
      .filter(({ state }) => state === "ready")
      .map(({ annotations }) => decodeSettings(annotations))
      .filter((settings) => settings.qosClass === "Burstable");
    const sum = burstable.reduce((total, { cpuRequestMilli }) => total + cpuRequestMilli, 0);
    this.#cgroups.weighQos("Burstable", sum + (qosClass === "Burstable" ? addedMilli : 0));
    this.#cgroups.weighQos("BestEffort", 0);
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = await this.#records.sandbox(id);
    if (!sandbox) return;
    await this.#service.stopPodSandbox(id);
    this.#events.emit({ podUid: sandbox.pod.uid });
  }

  async removeSandbox(id: string): Promise<void> {
    const sandbox = await this.#records.sandbox(id);
    if (!sandbox) return;
    try {
      await this.#removeSandbox(sandbox);
    } catch (error) {
      // The runtime may have done it all the same.
      this.#places.doubt(sandbox.pod.uid);
      throw error;
    }
  }

  async #removeSandbox({ id, pod: { uid } }: Sandbox): Promise<void> {
    const containers = await this.containers({ sandboxId: id });
    await this.#service.stopPodSandbox(id);
    await this.#service.removePodSandbox(id);
    for (const container of containers) {
      this.#rotation.remove(container);
      this.#records.forget(container.id);
    }
    const left = await this.sandboxes({ podUid: uid });
    if (left.length === 0) await this.#places.release(uid);
    await this.#weigh(0, "");
  }

  sandboxes(filter?: SandboxFilter): Promise<readonly Sandbox[]> {
    return this.#records.sandboxes(filter?.podUid === undefined ? {} : { [podUid]: filter.podUid });
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = await this.#records.sandbox(sandboxId);
    if (sandbox?.state !== "ready") throw new RuntimeError("CreateContainerError", `sandbox ${sandboxId} does not run`);
    const image = await this.#service.imageStatus(config.image);
    if (!image) throw new RuntimeError("CreateContainerError", `image ${JSON.stringify(config.image)} is not present`);
    const { labels, annotations, pod, attempt } = sandbox;
    const settings = decodeSettings(annotations);
    const logs = logDirectory(this.#logs, pod);
    mkdirSync(join(logs, config.name), { recursive: true, mode: 0o755 });
    const run = { pod, name: config.name, attempt: config.attempt };
    const id = await refusing("CreateContainerError", async () => {
      const mounts = await this.#held.hold(run, config.mounts);
      const request = criContainerConfig({ ...config, mounts }, image.id, { labels, settings, owner: this.#owner });
      return this.#service.createContainer(sandboxId, request, sandboxConfigFor(labels, attempt, settings, logs));
    });
    this.#events.emit({ podUid: pod.uid, containerId: id });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const found = await this.#records.container(id);
    if (!found) throw new RuntimeError("NotFound", `container ${JSON.stringify(id)} not found`);
    try {
      await refusing("RunContainerError", () => this.#service.startContainer(id));
      await this.#held.release(found);
    } finally {
      this.#events.emit({ podUid: found.pod.uid, containerId: id });
    }
  }

  async stopContainer(id: string, graceMs: number, signal?: string): Promise<void> {
    if (!(await this.#records.container(id))) return;
    await this.#service.stopContainer(id, graceMs, signal).catch(unlessNotFound);
  }

  async removeContainer(id: string): Promise<void> {
    const found = await this.#records.container(id);
    if (!found) return;
    if (found.state === "running") await this.stopContainer(id, 0);
    await this.#service.removeContainer(id).catch(unlessNotFound);
    await this.#held.release(found);
    this.#rotation.remove(found);
    this.#records.forget(id);
  }

  containers(filter: ContainerFilter = {}): Promise<readonly ContainerRecord[]> {
    return this.#records.containers(filter);
  }

  async stats(filter: ContainerFilter = {}): Promise<readonly ContainerStats[]> {
    const stats = await this.#service.listContainerStats({
      ...(filter.sandboxId === undefined ? {} : { podSandboxId: filter.sandboxId }),
      labelSelector: { [owner]: this.#owner, ...(filter.podUid === undefined ? {} : { [podUid]: filter.podUid }) },
    });
    return stats.flatMap(statsOf);
  }

  async updateContainerResources(id: string, resources: ContainerResources): Promise<void> {
    await refusing("NotRunning", () => this.#service.updateContainerResources(id, linuxResources(resources)));
  }

  async updateSandboxResources(id: string, resources: ContainerResources): Promise<void> {
    const sandbox = await this.#records.sandbox(id);
    const cgroupParent = sandbox ? decodeSettings(sandbox.annotations).cgroupParent : "";
    if (cgroupParent.startsWith("/")) this.#cgroups.create(cgroupParent, resources);
  }

  async imageStatus(image: string): Promise<Image | undefined> {
    const found = await this.#service.imageStatus(image);
    return found && imageOf(found);
  }

  async pullImage(image: string, { auth, signal }: PullOptions): Promise<Image> {
    try {
      await this.#service.pullImage(image, auth, signal);
    } catch (error) {
      throw pullFailure(image, error);
    }
    const found = await this.imageStatus(image);
    if (!found) throw new RuntimeError("ErrImagePull", `image ${JSON.stringify(image)} was pulled and is not there`);
    return found;
  }

  async images(): Promise<readonly Image[]> {
    const sandboxImage = await this.#service.sandboxImage();
    return (await this.#service.listImages()).map(imageOf).map((image) => pinnedFor(sandboxImage, image));
  }

  /** The runtime itself would remove an image whose containers run, those of others among them. */
  async removeImage(id: string): Promise<void> {
    if ((await this.#service.listContainers({})).some(({ imageRef, image }) => imageRef === id || image?.image === id))
      throw new RuntimeError("ImageInUse", `image ${id} is in use`);
    await this.#service.removeImage(id);
  }

  imageFsInfo(): Promise<readonly FilesystemUsage[]> {
    return this.#service.imageFsInfo();
  }

  async attach(id: string, { stdin, fromStart, signal }: AttachOptions): Promise<ExecSession> {
    const found = await this.#running(id);
    const tty = found.annotations[ttyAnnotation] === "true";
    const url = await refusing("NotRunning", () =>
      this.#service.attach({ containerId: id, stdin, tty, stdout: true, stderr: !tty }),
    );
    const session = await converse(url, { stdin, tty, signal });
    const endCode = async (): Promise<number> => {
      await session.exitCode.catch(() => undefined);
      await this.#events.settled(id);
      return (await this.#records.container(id))?.exitCode ?? 0;
    };
    const readLog = (): AsyncIterable<LogEntry> => this.logs(id, { follow: false, signal });
    const whole = fromStart ? withEarlierOutput(session, readLog, this.#options.clock) : session;
    return { ...whole, exitCode: endCode() };
  }

  async connect(sandboxId: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return connectTo(await refusing("NotRunning", () => this.#service.portForward(sandboxId, port)), port, signal);
  }

  async exec(id: string, options: ExecOptions): Promise<ExecSession> {
    await this.#running(id);
    return startExec(this.#service, this.#orphans, id, options);
  }

  async #running(id: string): Promise<ContainerRecord> {
    const found = await this.#records.container(id);
    if (!found) throw new RuntimeError("NotFound", `container ${JSON.stringify(id)} not found`);
    if (found.state !== "running") throw new RuntimeError("NotRunning", `container ${id} is not running`);
    return found;
  }

  async *logs(id: string, options: LogOptions): AsyncIterable<LogEntry> {
    const path = await this.#records.logPath(id);
    if (path === undefined) throw new RuntimeError("NotFound", `container ${JSON.stringify(id)} not found`);
    const ended = async (): Promise<boolean> => (await this.#records.container(id))?.state !== "running";
    yield* readLog(path, options, { ended, clock: this.#options.clock });
  }

  async listeners(): Promise<readonly Listener[] | undefined> {
    return undefined;
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#events.on(listener);
  }

  onReadiness(listener: () => void): () => void {
    return this.#events.onReadiness(listener);
  }

  async close(): Promise<void> {
    await Promise.all([this.#events.close(), this.#rotation.close(), this.#places.close(), this.#network.close()]);
    this.#service.close();
  }
}

async function refusing<T>(reason: RuntimeFailure, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new RuntimeError(reason === "NotRunning" && isUnreachable(error) ? "Unavailable" : reason, messageOf(error));
  }
}

function unlessNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
