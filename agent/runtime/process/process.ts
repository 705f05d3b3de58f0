import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Clock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import type { Random } from "../../../base/random.js";
import { Recurring } from "../../../base/recurring.js";
import { rangeOf } from "../addresses.js";
import { familyOf, signalProcess, withEnvironment } from "../proc.js";
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
  type Listener,
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
import { attachTo } from "./attach.js";
import { connectTo } from "./connect.js";
import { ProcessContainer } from "./container.js";
import { containerMark, type StoredContainer, storeContainer, writeSupervisor } from "./container-files.js";
import { startExec } from "./exec.js";
import { conditionsOf, featuresOf } from "./features.js";
import { hiddenPaths } from "./hidden.js";
import { checkMappings, HostPorts } from "./host-ports.js";
import { HostSockets } from "./host-sockets.js";
import { findProgram, ImageList, imageId, imageOf } from "./images.js";
import { argvOf, environmentOf, execOf, launchOf, sandboxMark, storedContainer } from "./launch.js";
import { MarkedProcesses } from "./marked-processes.js";
import { findNamespaces, type Namespaces } from "./namespaces.js";
import { PortWatch } from "./port-watch.js";
import { newId, readJson, SandboxStore } from "./sandbox-store.js";
import { findTerminals, noTerminals, type Terminals } from "./terminal.js";
import { UsageMeter } from "./usage.js";

export interface ProcessRuntimeOptions {
  /** This node's own directory. */
  readonly dir: string;
  /** Where images.yaml lies; several nodes share it. */
  readonly imagesDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** hostPath, hostPID and hostNetwork are let through. */
  readonly allowHostAccess?: boolean;
  /**
   * Paths of this host that containers must not see (keys, the store, other pods), as far as namespaces allow. A pod's
   * own home and volumes and the images' programs stay where they are, though they lie below.
   */
  readonly hide?: readonly string[];
  /** "off": containers share the host's mounts and processes even where they need not. */
  readonly namespaces?: "auto" | "off";
}

/** Opens the runtime whose containers are process trees of this host, and takes up those that run already. */
export async function openProcessRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  if (!existsSync("/proc/self/stat")) throw new Error("the process runtime needs a Linux host with /proc");
  const [namespaces, terminals] = await Promise.all([
    options.namespaces === "off" ? undefined : findNamespaces(),
    findTerminals(),
  ]);
  if (!namespaces) options.log.warn(sharedMountsWarning);
  const runtime = new ProcessRuntime(options, namespaces, terminals);
  await runtime.adopted();
  return runtime;
}

export const sharedMountsWarning =
  "this host allows no namespaces, so pods share its mounts: pods can read the cluster's keys, and volumes cannot be mounted";

class ProcessRuntime implements Runtime {
  readonly name = "process";
  readonly version = "0.1.0";
  readonly features: RuntimeFeatures;
  readonly #options: ProcessRuntimeOptions;
  readonly #images: ImageList;
  readonly #sandboxes: SandboxStore;
  readonly #containers = new Map<string, ProcessContainer>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #supervisor: string;
  readonly #setpriv = findProgram("setpriv", `${process.env.PATH ?? ""}:/usr/bin:/bin`);
  readonly #sweeper: Recurring;
  readonly #marked = new MarkedProcesses();
  readonly #meter: UsageMeter;
  readonly #sockets: HostSockets;
  readonly #ports: PortWatch;
  readonly #hostPorts: HostPorts;
  readonly #namespaces: Namespaces | undefined;
  readonly #terminals: Terminals | undefined;

  constructor(options: ProcessRuntimeOptions, namespaces: Namespaces | undefined, terminals: Terminals | undefined) {
    this.#options = options;
    this.#namespaces = namespaces;
    this.#terminals = terminals;
    mkdirSync(join(options.dir, "containers"), { recursive: true, mode: 0o700 });
    this.#sandboxes = new SandboxStore(join(options.dir, "sandboxes"), options);
    mkdirSync(options.imagesDir, { recursive: true });
    this.#images = new ImageList(options.imagesDir);
    this.#supervisor = join(options.dir, "supervisor.sh");
    writeSupervisor(this.#supervisor);
    this.features = featuresOf({
      namespaces,
      setpriv: this.#setpriv !== undefined,
      hostAccess: options.allowHostAccess ?? false,
      terminals: terminals !== undefined,
    });
    this.#meter = new UsageMeter(options.clock);
    this.#sockets = new HostSockets(options.clock);
    this.#ports = new PortWatch(options.clock);
    this.#hostPorts = new HostPorts({ ...options, emit: (event) => this.#emit(event) });
    this.#adopt();
    this.#sweeper = new Recurring(async () => this.#sweep(), {
      ...{ failure: "containers not looked at", everyMs: sweepEveryMs, clock: options.clock, log: options.log },
    });
  }

  /** Resolves once it is known of every container whether it still runs. */
  async adopted(): Promise<void> {
    await Promise.all([...this.#containers.values()].map((container) => container.settled()));
  }

  async conditions(): Promise<readonly RuntimeCondition[]> {
    return conditionsOf(this.#sandboxes.range !== undefined);
  }

  async setPodCidr(cidr: string): Promise<void> {
    const range = rangeOf(cidr);
    this.#sandboxes.range = range;
    for (const sandbox of this.#sandboxes.all()) this.#hostPorts.open(sandbox, range.node);
  }

  async runSandbox(config: SandboxConfig): Promise<string> {
    checkMappings(config.portMappings ?? []);
    const sandbox = this.#sandboxes.create(config);
    if (this.#sandboxes.range) this.#hostPorts.open(sandbox, this.#sandboxes.range.node);
    this.#emit({ podUid: config.pod.uid });
    return sandbox.id;
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    // Also of one that was stopped before: what was found at the start may not be known to have ended yet.
    await Promise.all(this.#of({ sandboxId: id }).map((container) => container.stop(0, "SIGKILL")));
    if (sandbox.stopped) return;
    this.#hostPorts.close(id);
    this.#sandboxes.stop(id);
    this.#emit({ podUid: sandbox.pod.uid });
  }

  async removeSandbox(id: string): Promise<void> {
    await this.stopSandbox(id);
    await Promise.all(this.#of({ sandboxId: id }).map((container) => this.removeContainer(container.id)));
    await this.#sandboxes.remove(id);
  }

  async sandboxes(filter?: SandboxFilter): Promise<readonly Sandbox[]> {
    return this.#sandboxes.list(filter?.podUid);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox || sandbox.stopped)
      throw new RuntimeError("CreateContainerError", `sandbox ${sandboxId} does not run`);
    const refused = this.#namespaces ? undefined : config.mounts.find(({ optional }) => !optional);
    if (refused)
      throw new RuntimeError(
        "CreateContainerConfigError",
        `cannot mount ${refused.containerPath}: this node's containers have no mounts of their own`,
      );
    const entry = await this.#images.find(config.image);
    const argv = argvOf(config, entry);
    if (argv.length === 0) throw new RuntimeError("CreateContainerError", "no command specified");
    const id = newId(this.#options.random);
    const env = environmentOf(id, sandbox, this.#sandboxes.home(sandboxId), config, entry);
    if (config.tty && !this.#terminals) throw new RuntimeError("CreateContainerConfigError", noTerminals);
    const stored = storedContainer(config, {
      ...{ id, sandbox, argv, env, hasNamespaces: this.#namespaces !== undefined, setpriv: this.#setpriv },
      createdAtMs: this.#options.clock.now(),
      workingDir: config.workingDir ?? entry?.workingDir ?? this.#sandboxes.home(sandboxId),
    });
    const dir = this.#containerDir(id);
    storeContainer(dir, stored);
    this.#containers.set(id, this.#open(dir, stored));
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const container = this.#container(id);
    if (container.state !== "created")
      throw new RuntimeError("RunContainerError", `container ${id} was started before`);
    const { sandboxId } = container.stored.record;
    const { hostname } = this.#sandboxes.known(sandboxId);
    try {
      const context = {
        dir: container.dir,
        hostname,
        namespaces: this.#namespaces,
        terminals: this.#terminals,
        hidden: hiddenPaths(this.#options),
        kept: [
          { path: realpathSync(this.#sandboxes.home(sandboxId)), readOnly: false },
          { path: realpathSync(this.#images.programs), readOnly: true },
        ],
      };
      await container.start(launchOf(container.stored, context));
    } catch (error) {
      container.failed(
        `failed to start the container: ${error instanceof Error ? error.message : String(error)}: unknown`,
      );
    }
    const { reason, message } = container.record;
    if (reason === "StartError")
      throw new RuntimeError("RunContainerError", message ?? "the container could not be started");
  }

  async stopContainer(id: string, graceMs: number, signal = "SIGTERM"): Promise<void> {
    await this.#containers.get(id)?.stop(graceMs, signal as NodeJS.Signals);
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (!container) return;
    await container.stop(0, "SIGKILL");
    for (const left of await this.#marked.find(container.mark)) signalProcess(left, "SIGKILL");
    await container.remove();
    this.#containers.delete(id);
  }

  async containers(filter?: ContainerFilter): Promise<readonly ContainerRecord[]> {
    return this.#of(filter).map(({ record }) => record);
  }

  async stats(filter?: ContainerFilter): Promise<readonly ContainerStats[]> {
    const running = this.#of(filter).filter(({ state }) => state === "running");
    return this.#meter.measure(
      running.flatMap(({ id, mark, launcher, dir }) => (launcher ? [{ id, mark, root: launcher, dir }] : [])),
    );
  }

  async imageStatus(image: string): Promise<Image | undefined> {
    const entry = await this.#images.find(image);
    return entry && imageOf(entry);
  }

  async pullImage(image: string, options: PullOptions): Promise<Image> {
    const entry = await this.#images.find(image);
    if (entry) return imageOf(entry);
    if (options.hasCommand) return { id: imageId(image), names: [image], sizeBytes: 0 };
    throw new RuntimeError("ErrImagePull", this.#images.problem ?? this.#images.remedy(image));
  }

  async images(): Promise<readonly Image[]> {
    return (await this.#images.entries()).map(imageOf);
  }

  async removeImage(id: string): Promise<void> {
    throw new RuntimeError("NotSupported", `image ${id} is a line of images.yaml: remove it there`);
  }

  async imageFsInfo(): Promise<readonly FilesystemUsage[]> {
    return [];
  }

  async exec(id: string, options: ExecOptions): Promise<ExecSession> {
    const container = this.#container(id);
    if (container.state !== "running") throw new RuntimeError("NotRunning", `container ${id} is not running`);
    return startExec(
      execOf(
        container.stored,
        options,
        { outer: container.launcher, inner: container.mainProcess },
        { namespaces: this.#namespaces, terminals: this.#terminals },
      ),
      options,
      this.#terminals,
    );
  }

  async attach(id: string, options: AttachOptions): Promise<ExecSession> {
    const container = this.#container(id);
    if (container.state !== "running") throw new RuntimeError("NotRunning", `container ${id} is not running`);
    return attachTo(container, this.#terminals?.stty, options);
  }

  async connect(sandboxId: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox || sandbox.stopped) throw new RuntimeError("NotRunning", `sandbox ${sandboxId} does not run`);
    return connectTo(sandbox.ip, port, signal);
  }

  async *logs(id: string, options: LogOptions): AsyncIterable<LogEntry> {
    yield* this.#container(id).readLog(options);
  }

  async listeners(sandboxId: string, fresh = false): Promise<readonly Listener[]> {
    const processes = this.#of({ sandboxId }).flatMap(({ mainProcess }) => familyOf(mainProcess));
    const direct = this.#sockets.listenersOf(processes, fresh);
    return direct.length > 0
      ? direct
      : this.#sockets.listenersOf(await this.#marked.find(sandboxMark(sandboxId)), fresh);
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#sweeper.stop();
    for (const container of this.#containers.values()) container.close();
    this.#hostPorts.closeAll();
    this.#listeners.clear();
  }

  /** Takes up what an agent before this one left. */
  #adopt(): void {
    for (const id of readdirSync(join(this.#options.dir, "containers"))) {
      const dir = this.#containerDir(id);
      const stored = readJson<StoredContainer>(join(dir, "record.json"));
      if (stored && this.#sandboxes.get(stored.record.sandboxId)) this.#containers.set(id, this.#open(dir, stored));
      else this.#discard(id, dir);
    }
  }

  /** Half-made or half-removed when the agent was killed. */
  #discard(id: string, dir: string): void {
    for (const left of withEnvironment(containerMark(id))) signalProcess(left, "SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }

  #open(dir: string, stored: StoredContainer): ProcessContainer {
    return new ProcessContainer(dir, stored, {
      clock: this.#options.clock,
      log: this.#options.log,
      marked: this.#marked,
      supervisor: this.#supervisor,
      changed: (container) => this.#emit({ podUid: container.stored.record.pod.uid, containerId: container.id }),
      warn: ({ id, stored }, warning) => this.#emit({ podUid: stored.record.pod.uid, containerId: id, warning }),
    });
  }

  /** A supervisor that was killed tells nobody when this agent is not its parent; nor do programs of where they listen. */
  #sweep(): void {
    for (const container of this.#containers.values()) if (container.state !== "exited") container.check();
    const running = this.#of(undefined).filter(({ state }) => state === "running");
    for (const warning of this.#ports.warnings(running)) this.#emit(warning);
  }

  #of(filter: ContainerFilter | undefined): ProcessContainer[] {
    return [...this.#containers.values()].filter(
      ({ stored: { record } }) =>
        (filter?.podUid === undefined || record.pod.uid === filter.podUid) &&
        (filter?.sandboxId === undefined || record.sandboxId === filter.sandboxId),
    );
  }

  #container(id: string): ProcessContainer {
    const container = this.#containers.get(id);
    if (!container) throw new RuntimeError("NotFound", `container ${JSON.stringify(id)} not found`);
    return container;
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #containerDir(id: string): string {
    return join(this.#options.dir, "containers", id);
  }
}

const sweepEveryMs = 2_000;
