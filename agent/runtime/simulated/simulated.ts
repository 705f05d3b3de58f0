import type { Clock, Timer } from "../../../base/clock.js";
import type { Random } from "../../../base/random.js";
import { type AddressRange, nextAddress, rangeOf } from "../addresses.js";
import {
  type AttachOptions,
  type ContainerConfig,
  type ContainerFilter,
  type ContainerRecord,
  type ContainerStats,
  type ExecOptions,
  type ExecSession,
  type FilesystemUsage,
  type Image,
  type LogEntry,
  type LogOptions,
  type PullOptions,
  type Runtime,
  type RuntimeCondition,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeFeatures,
  type Sandbox,
  type SandboxConfig,
  type SandboxFilter,
} from "../runtime.js";
import { type Behaviour, behaviourOf } from "./behaviour.js";

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** A runtime in which nothing runs: containers are state machines on the clock. One process carries a thousand. */
export const openSimulatedRuntime = (options: SimulatedRuntimeOptions): Runtime => new SimulatedRuntime(options);

const features: RuntimeFeatures = {
  mounts: true,
  hostname: true,
  tty: false,
  resourceLimits: true,
  ownProcessView: true,
  sharesHostNetwork: false,
  isReal: false,
  hostAccess: true,
  hostPorts: true,
  processNamespaces: true,
  sandboxSettings: true,
  recursiveReadOnly: true,
  runsAs: undefined,
  securityContext: new Set(),
};

interface Run {
  record: ContainerRecord;
  readonly behaviour: Behaviour;
  timer: Timer | undefined;
  /** When the end that was asked for comes. */
  endsAtMs: number | undefined;
  readonly ended: Set<() => void>;
}

class SimulatedRuntime implements Runtime {
  readonly name = "simulated";
  readonly version = "0.1.0";
  readonly features = features;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #runs = new Map<string, Run>();
  readonly #images = new Set<string>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #range: AddressRange | undefined;
  #nextAddress = 0;

  constructor({ clock, random }: SimulatedRuntimeOptions) {
    this.#clock = clock;
    this.#random = random;
  }

  async conditions(): Promise<readonly RuntimeCondition[]> {
    return [
      { type: "RuntimeReady", status: true, reason: "", message: "" },
      this.#range
        ? { type: "NetworkReady", status: true, reason: "", message: "" }
        : {
            type: "NetworkReady",
            status: false,
            reason: "NetworkPluginNotReady",
            message: "the node has no podCIDR yet",
          },
    ];
  }

  async setPodCidr(cidr: string): Promise<void> {
    this.#range = rangeOf(cidr);
  }

  async runSandbox({ pod, attempt, annotations }: SandboxConfig): Promise<string> {
    if (!this.#range) throw new RuntimeError("CreatePodSandboxError", "the node has no podCIDR yet");
    const taken = new Set(
      [...this.#sandboxes.values()].filter(({ state }) => state === "ready").flatMap(({ ips }) => ips),
    );
    const free = nextAddress(this.#range, taken, this.#nextAddress);
    if (!free) throw new RuntimeError("CreatePodSandboxError", "no address is left in the node's podCIDR");
    this.#nextAddress = free.index + 1;
    const id = this.#newId();
    this.#sandboxes.set(id, {
      id,
      pod,
      attempt,
      annotations,
      state: "ready",
      createdAtMs: this.#clock.now(),
      ips: [free.address],
    });
    return id;
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox?.state !== "ready") return;
    for (const run of this.#of({ sandboxId: id })) if (run.record.state === "running") this.#end(run, 137);
    this.#sandboxes.set(id, { ...sandbox, state: "notReady" });
    this.#emit({ podUid: sandbox.pod.uid });
  }

  async removeSandbox(id: string): Promise<void> {
    await this.stopSandbox(id);
    for (const { record } of this.#of({ sandboxId: id })) await this.removeContainer(record.id);
    this.#sandboxes.delete(id);
  }

  async sandboxes(filter?: SandboxFilter): Promise<readonly Sandbox[]> {
    return [...this.#sandboxes.values()].filter(({ pod }) => filter?.podUid === undefined || pod.uid === filter.podUid);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox?.state !== "ready") throw new RuntimeError("CreateContainerError", `sandbox ${sandboxId} does not run`);
    const id = this.#newId();
    const record: ContainerRecord = {
      id,
      sandboxId,
      pod: sandbox.pod,
      name: config.name,
      attempt: config.attempt,
      state: "created",
      createdAtMs: this.#clock.now(),
      image: config.image,
      imageId: `simulated://${config.image}`,
      annotations: config.annotations,
    };
    this.#runs.set(id, {
      record,
      behaviour: this.#behaviour(config.annotations, config.name),
      timer: undefined,
      endsAtMs: undefined,
      ended: new Set(),
    });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const run = this.#run(id);
    if (run.record.state !== "created")
      throw new RuntimeError("RunContainerError", `container ${id} was started before`);
    const { startDelayMs, startFailure, runTimeMs, exitCode, failures } = run.behaviour;
    if (startDelayMs > 0) await this.#clock.sleep(startDelayMs);
    if (startFailure !== undefined) {
      run.record = {
        ...run.record,
        state: "exited",
        finishedAtMs: this.#clock.now(),
        exitCode: 128,
        reason: "StartError",
        message: startFailure,
      };
      this.#emit({ podUid: run.record.pod.uid, containerId: id });
      throw new RuntimeError("RunContainerError", startFailure);
    }
    run.record = { ...run.record, state: "running", startedAtMs: this.#clock.now() };
    this.#emit({ podUid: run.record.pod.uid, containerId: id });
    if (Number.isFinite(runTimeMs) && run.record.attempt < failures)
      run.timer = this.#clock.after(runTimeMs, () => this.#end(run, exitCode));
  }

  async stopContainer(id: string, graceMs: number): Promise<void> {
    const run = this.#runs.get(id);
    if (run?.record.state !== "running") return;
    const { stopDelayMs } = run.behaviour;
    const graceful = stopDelayMs < graceMs;
    const endsAtMs = this.#clock.now() + Math.min(stopDelayMs, graceMs);
    const ended = new Promise<void>((resolve) => run.ended.add(resolve));
    if (run.endsAtMs === undefined || endsAtMs < run.endsAtMs) {
      run.endsAtMs = endsAtMs;
      run.timer?.cancel();
      const code = graceful ? 143 : 137;
      if (endsAtMs <= this.#clock.now()) this.#end(run, code);
      else run.timer = this.#clock.after(endsAtMs - this.#clock.now(), () => this.#end(run, code));
    }
    await ended;
  }

  async removeContainer(id: string): Promise<void> {
    const run = this.#runs.get(id);
    if (!run) return;
    if (run.record.state === "running") this.#end(run, 137);
    run.timer?.cancel();
    this.#runs.delete(id);
  }

  async containers(filter?: ContainerFilter): Promise<readonly ContainerRecord[]> {
    return this.#of(filter).map(({ record }) => record);
  }

  async updateContainerResources(id: string): Promise<void> {
    if (this.#run(id).record.state !== "running")
      throw new RuntimeError("NotRunning", `container ${id} is not running`);
  }

  async stats(filter?: ContainerFilter): Promise<readonly ContainerStats[]> {
    const atMs = this.#clock.now();
    return this.#of(filter).flatMap(({ record: { id, state, startedAtMs = atMs }, behaviour }) => {
      if (state !== "running") return [];
      const { cpuMilli, memoryBytes } = behaviour;
      return [{ id, atMs, cpuNanoseconds: (atMs - startedAtMs) * cpuMilli * 1000, workingSetBytes: memoryBytes }];
    });
  }

  async imageStatus(image: string): Promise<Image | undefined> {
    return this.#images.has(image) ? imageOf(image) : undefined;
  }

  async pullImage(image: string, { annotations, containerName, signal }: PullOptions): Promise<Image> {
    const { pullDelayMs, pullFailure } = this.#behaviour(annotations, containerName);
    if (pullDelayMs > 0) await this.#clock.sleep(pullDelayMs, signal);
    if (pullFailure !== undefined) throw new RuntimeError("ErrImagePull", pullFailure);
    this.#images.add(image);
    return imageOf(image);
  }

  async images(): Promise<readonly Image[]> {
    return [...this.#images].map(imageOf);
  }

  async removeImage(id: string): Promise<void> {
    for (const name of [...this.#images]) if (imageOf(name).id === id || name === id) this.#images.delete(name);
  }

  async imageFsInfo(): Promise<readonly FilesystemUsage[]> {
    return [];
  }

  /** Answers what was asked, and succeeds; input is taken and forgotten. */
  async exec(id: string, { command }: ExecOptions): Promise<ExecSession> {
    if (this.#run(id).record.state !== "running")
      throw new RuntimeError("NotRunning", `container ${id} is not running`);
    return {
      write: async () => {},
      endInput() {},
      stdout: once(Buffer.from(`simulated: ${command.join(" ")}\n`)),
      stderr: once(),
      exitCode: Promise.resolve(0),
    };
  }

  /** Nothing to see, until it ends; input is taken and forgotten. */
  async attach(id: string, { signal }: AttachOptions): Promise<ExecSession> {
    const run = this.#run(id);
    if (run.record.state !== "running") throw new RuntimeError("NotRunning", `container ${id} is not running`);
    const ended = new Promise<void>((resolve) => {
      run.ended.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return {
      write: async () => {},
      endInput() {},
      stdout: once(),
      stderr: once(),
      exitCode: ended.then(() => run.record.exitCode ?? 0),
    };
  }

  async connect(): Promise<never> {
    throw new RuntimeError("NotSupported", "a simulated pod listens on no port");
  }

  async *logs(id: string, { follow, tailLines, sinceMs, signal }: LogOptions): AsyncIterable<LogEntry> {
    const run = this.#run(id);
    const lines = (): LogEntry[] => [
      ...(run.record.startedAtMs === undefined ? [] : [lineAt(run.record.startedAtMs, `${run.record.name} started`)]),
      ...(run.record.finishedAtMs === undefined
        ? []
        : [lineAt(run.record.finishedAtMs, `${run.record.name} ended with code ${run.record.exitCode}`)]),
    ];
    const wanted = lines().filter(({ timestamp }) => sinceMs === undefined || Date.parse(timestamp) >= sinceMs);
    const had = lines().length;
    yield* tailLines === undefined ? wanted : wanted.slice(Math.max(0, wanted.length - tailLines));
    if (!follow) return;
    if (run.record.state === "running" && !signal.aborted) {
      await new Promise<void>((resolve) => {
        run.ended.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    if (!signal.aborted) yield* lines().slice(had);
  }

  async listeners(): Promise<undefined> {
    return undefined;
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const { timer } of this.#runs.values()) timer?.cancel();
    this.#listeners.clear();
  }

  #end(run: Run, exitCode: number): void {
    if (run.record.state !== "running") return;
    run.timer?.cancel();
    run.record = {
      ...run.record,
      state: "exited",
      finishedAtMs: this.#clock.now(),
      exitCode,
      reason: exitCode === 0 ? "Completed" : "Error",
    };
    for (const resolve of run.ended) resolve();
    this.#emit({ podUid: run.record.pod.uid, containerId: run.record.id });
  }

  #behaviour(annotations: Readonly<Record<string, string>>, container: string): Behaviour {
    try {
      return behaviourOf(annotations, container);
    } catch (error) {
      throw new RuntimeError("CreateContainerConfigError", error instanceof Error ? error.message : String(error));
    }
  }

  #of(filter: ContainerFilter | undefined): Run[] {
    return [...this.#runs.values()].filter(
      ({ record }) =>
        (filter?.podUid === undefined || record.pod.uid === filter.podUid) &&
        (filter?.sandboxId === undefined || record.sandboxId === filter.sandboxId),
    );
  }

  #run(id: string): Run {
    const run = this.#runs.get(id);
    if (!run) throw new RuntimeError("NotFound", `container ${JSON.stringify(id)} not found`);
    return run;
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #newId(): string {
    return (this.#random.uuid() + this.#random.uuid()).replaceAll("-", "");
  }
}

const imageOf = (name: string): Image => ({ id: `simulated://${name}`, names: [name], sizeBytes: 0 });

const lineAt = (ms: number, text: string): LogEntry => ({
  timestamp: `${new Date(ms).toISOString().slice(0, -1)}000000Z`,
  stream: "stdout",
  line: Buffer.from(text),
  partial: false,
});

async function* once(...chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}
