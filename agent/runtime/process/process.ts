import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import type { Random } from "../../../base/random.js";
import { type AddressRange, nextAddress, rangeOf } from "../addresses.js";
import {
  type ContainerConfig,
  type ContainerFilter,
  type ContainerRecord,
  type ExecOptions,
  type ExecSession,
  type Image,
  type Listener,
  type LogEntry,
  type LogOptions,
  type PodIdentity,
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
import { containerMark, ProcessContainer, type StoredContainer, storeContainer, writeSupervisor } from "./container.js";
import { startExec } from "./exec.js";
import { findProgram, type ImageEntry, ImageList, imageId, imageOf } from "./images.js";
import { bootId, descendants, listenersOf, signalProcess, withEnvironment } from "./proc.js";

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
}

/** Opens the runtime whose containers are process trees of this host, and takes up those that run already. */
export async function openProcessRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  if (!existsSync("/proc/self/stat")) throw new Error("the process runtime needs a Linux host with /proc");
  return new ProcessRuntime(options);
}

interface StoredSandbox {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly hostname: string;
  readonly ip: string;
  readonly createdAtMs: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly stopped: boolean;
  readonly bootId: string;
}

class ProcessRuntime implements Runtime {
  readonly name = "process";
  readonly version = "0.1.0";
  readonly features: RuntimeFeatures;
  readonly #options: ProcessRuntimeOptions;
  readonly #images: ImageList;
  readonly #sandboxes = new Map<string, StoredSandbox>();
  readonly #containers = new Map<string, ProcessContainer>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #supervisor: string;
  readonly #closing = new AbortController();
  #range: AddressRange | undefined;
  #nextAddress = 0;

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    for (const name of ["sandboxes", "containers"])
      mkdirSync(join(options.dir, name), { recursive: true, mode: 0o700 });
    mkdirSync(options.imagesDir, { recursive: true });
    this.#images = new ImageList(options.imagesDir);
    this.#supervisor = join(options.dir, "supervisor.sh");
    writeSupervisor(this.#supervisor);
    this.features = {
      mounts: false,
      hostname: false,
      tty: false,
      resourceLimits: false,
      sharesHostNetwork: true,
      securityContext: new Set(),
      isReal: true,
      runsAs: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      hostAccess: options.allowHostAccess ?? false,
    };
    this.#adopt();
    void this.#sweep();
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

  async runSandbox(config: SandboxConfig): Promise<string> {
    if (!this.#range) throw new RuntimeError("CreatePodSandboxError", "the node has no podCIDR yet");
    const taken = new Set([...this.#sandboxes.values()].filter(({ stopped }) => !stopped).map(({ ip }) => ip));
    const free = nextAddress(this.#range, taken, this.#nextAddress);
    if (!free) throw new RuntimeError("CreatePodSandboxError", "no address is left in the node's podCIDR");
    this.#nextAddress = free.index + 1;
    const sandbox: StoredSandbox = {
      id: this.#newId(),
      pod: config.pod,
      attempt: config.attempt,
      hostname: config.hostname,
      ip: free.address,
      createdAtMs: this.#options.clock.now(),
      annotations: config.annotations,
      stopped: false,
      bootId: bootId(),
    };
    mkdirSync(join(this.#sandboxDir(sandbox.id), "home"), { recursive: true, mode: 0o700 });
    this.#storeSandbox(sandbox);
    this.#emit({ podUid: config.pod.uid });
    return sandbox.id;
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox || sandbox.stopped) return;
    await Promise.all(this.#of({ sandboxId: id }).map((container) => container.stop(0, "SIGKILL")));
    this.#storeSandbox({ ...sandbox, stopped: true });
    this.#emit({ podUid: sandbox.pod.uid });
  }

  async removeSandbox(id: string): Promise<void> {
    await this.stopSandbox(id);
    await Promise.all(this.#of({ sandboxId: id }).map((container) => this.removeContainer(container.id)));
    rmSync(this.#sandboxDir(id), { recursive: true, force: true });
    this.#sandboxes.delete(id);
  }

  async sandboxes(filter?: SandboxFilter): Promise<readonly Sandbox[]> {
    const own = [...this.#sandboxes.values()].filter(
      ({ pod }) => filter?.podUid === undefined || pod.uid === filter.podUid,
    );
    return own.map(({ id, pod, attempt, ip, createdAtMs, annotations, stopped }) => ({
      id,
      pod,
      attempt,
      createdAtMs,
      annotations,
      ips: [ip],
      state: stopped ? "notReady" : "ready",
    }));
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox || sandbox.stopped)
      throw new RuntimeError("CreateContainerError", `sandbox ${sandboxId} does not run`);
    const refused = config.mounts.find(({ optional }) => !optional);
    if (refused)
      throw new RuntimeError(
        "CreateContainerConfigError",
        `cannot mount ${refused.containerPath}: this node's containers have no mounts of their own`,
      );
    const entry = await this.#images.find(config.image);
    const argv = argvOf(config, entry);
    if (argv.length === 0) throw new RuntimeError("CreateContainerError", "no command specified");
    const id = this.#newId();
    const env = this.#environment(id, sandbox, config, entry);
    const stored: StoredContainer = {
      record: {
        id,
        sandboxId,
        pod: sandbox.pod,
        name: config.name,
        attempt: config.attempt,
        createdAtMs: this.#options.clock.now(),
        image: config.image,
        imageId: imageId(config.image),
        annotations: config.annotations,
      },
      bootId: bootId(),
      namespaces: false,
      argv,
      env: [...env],
      workingDir: config.workingDir ?? entry?.workingDir ?? join(this.#sandboxDir(sandboxId), "home"),
    };
    const dir = this.#containerDir(id);
    storeContainer(dir, stored);
    this.#containers.set(id, this.#open(dir, stored));
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const container = this.#container(id);
    if (container.state !== "created")
      throw new RuntimeError("RunContainerError", `container ${id} was started before`);
    const { argv, env, workingDir } = container.stored;
    const environment = new Map(env);
    const program = findProgram(argv[0] ?? "", environment.get("PATH") ?? "");
    const problem =
      program === undefined
        ? `exec: ${JSON.stringify(argv[0])}: ${argv[0]?.includes("/") ? `stat ${argv[0]}: no such file or directory` : "executable file not found in $PATH"}`
        : statSync(workingDir, { throwIfNoEntry: false })?.isDirectory()
          ? undefined
          : `chdir to cwd (${JSON.stringify(workingDir)}) set in config failed: no such file or directory`;
    if (program === undefined || problem !== undefined) {
      container.failed(`failed to start the container: ${problem}: unknown`);
      throw new RuntimeError("RunContainerError", `failed to start the container: ${problem}: unknown`);
    }
    await container.start({ workingDir, env: environment, argv: [program, ...argv.slice(1)] });
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
    for (const left of withEnvironment(container.mark)) signalProcess(left, "SIGKILL");
    container.remove();
    this.#containers.delete(id);
  }

  async containers(filter?: ContainerFilter): Promise<readonly ContainerRecord[]> {
    return this.#of(filter).map(({ record }) => record);
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

  async exec(id: string, options: ExecOptions): Promise<ExecSession> {
    const container = this.#container(id);
    if (container.state !== "running") throw new RuntimeError("NotRunning", `container ${id} is not running`);
    if (options.tty)
      throw new RuntimeError("NotSupported", "a terminal cannot be allocated on this node: leave out --tty");
    const env = new Map(container.stored.env);
    const [name = "", ...args] = options.command;
    const program = findProgram(name, env.get("PATH") ?? "");
    if (program === undefined)
      throw new RuntimeError("NotFound", `exec: ${JSON.stringify(name)}: executable file not found in $PATH`);
    return startExec({ argv: [program, ...args], env, workingDir: container.stored.workingDir }, options);
  }

  async *logs(id: string, options: LogOptions): AsyncIterable<LogEntry> {
    yield* this.#container(id).readLog(options);
  }

  async listeners(sandboxId: string): Promise<readonly Listener[]> {
    const pids = this.#of({ sandboxId }).flatMap(({ mainProcess }) =>
      mainProcess ? [mainProcess.pid, ...descendants(mainProcess.pid)] : [],
    );
    const direct = listenersOf(pids);
    return direct.length > 0 ? direct : listenersOf(withEnvironment(sandboxMark(sandboxId)).map(({ pid }) => pid));
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const container of this.#containers.values()) container.close();
    this.#listeners.clear();
  }

  /** Takes up what an agent before this one left. */
  #adopt(): void {
    for (const id of readdirSync(join(this.#options.dir, "sandboxes"))) {
      const stored = readJson<StoredSandbox>(join(this.#sandboxDir(id), "sandbox.json"));
      if (stored) this.#sandboxes.set(id, stored.bootId === bootId() ? stored : { ...stored, stopped: true });
    }
    for (const id of readdirSync(join(this.#options.dir, "containers"))) {
      const dir = this.#containerDir(id);
      const stored = readJson<StoredContainer>(join(dir, "record.json"));
      if (stored && this.#sandboxes.has(stored.record.sandboxId)) this.#containers.set(id, this.#open(dir, stored));
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
      supervisor: this.#supervisor,
      changed: (container) => this.#emit({ podUid: container.stored.record.pod.uid, containerId: container.id }),
    });
  }

  /** A supervisor that was killed tells nobody when this agent is not its parent. */
  async #sweep(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await pause(this.#options.clock, sweepEveryMs, this.#closing.signal);
      if (!this.#closing.signal.aborted)
        for (const container of this.#containers.values()) if (container.state !== "exited") container.check();
    }
  }

  #environment(
    id: string,
    sandbox: StoredSandbox,
    config: ContainerConfig,
    entry: ImageEntry | undefined,
  ): ReadonlyMap<string, string> {
    return new Map([
      ["PATH", process.env.PATH ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      ["HOME", join(this.#sandboxDir(sandbox.id), "home")],
      ["HOSTNAME", sandbox.hostname],
      ["POD_IP", sandbox.ip],
      ...[...(entry?.env ?? []), ...config.env].map(({ name, value }) => [name, value] as const),
      ["NAVARCH_SANDBOX_ID", sandbox.id],
      ["NAVARCH_CONTAINER_ID", id],
    ]);
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

  #storeSandbox(sandbox: StoredSandbox): void {
    const file = join(this.#sandboxDir(sandbox.id), "sandbox.json");
    writeFileSync(`${file}.new`, JSON.stringify(sandbox), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.#sandboxes.set(sandbox.id, sandbox);
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #newId(): string {
    return (this.#options.random.uuid() + this.#options.random.uuid()).replaceAll("-", "");
  }

  #sandboxDir(id: string): string {
    return join(this.#options.dir, "sandboxes", id);
  }

  #containerDir(id: string): string {
    return join(this.#options.dir, "containers", id);
  }
}

/** The manifest's words win; its command makes the image's own arguments void, as in Kubernetes. */
function argvOf({ command, args }: ContainerConfig, entry: ImageEntry | undefined): readonly string[] {
  const program = command.length > 0 ? command : (entry?.command ?? []);
  return [...program, ...(args.length > 0 || command.length > 0 ? args : (entry?.args ?? []))];
}

const sandboxMark = (id: string): string => `NAVARCH_SANDBOX_ID=${id}`;

/** A file of our own making; undefined where it is missing or was not finished. */
function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/** Sleeps without keeping the process alive. */
const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    signal.addEventListener(
      "abort",
      () => {
        timer.cancel();
        resolve();
      },
      { once: true },
    );
  });

const sweepEveryMs = 2_000;
