import { spawn } from "node:child_process";
import { type FSWatcher, readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Clock, Timer } from "../../../base/clock.js";
import type { Logger } from "../../../base/log.js";
import { sealedStdio } from "../../../base/sealed-stdio.js";
import {
  bootId,
  descendants,
  firstChild,
  identityOf,
  isAlive,
  lookUp,
  type ProcessIdentity,
  sessionOf,
  signalProcess,
  stateOf,
} from "../proc.js";
import type { ContainerRecord, LogEntry, LogOptions } from "../runtime.js";
import { containerMark, type StoredContainer } from "./container-files.js";
import { hunt } from "./hunt.js";
import { LogFile } from "./log-file.js";
import { SupervisedPump } from "./log-pump.js";
import type { MarkedProcesses } from "./marked-processes.js";
import { type RunOptions, runScripts } from "./supervisor.js";

export interface ContainerTools {
  readonly clock: Clock;
  readonly log: Logger;
  readonly marked: MarkedProcesses;
  /** The supervisor's script on disk. */
  readonly supervisor: string;
  /** The state changed. */
  readonly changed: (container: ProcessContainer) => void;
  readonly warn: (container: ProcessContainer, warning: { readonly reason: string; readonly message: string }) => void;
}

/** One run of a program as a process tree of the host, known by its directory. */
export class ProcessContainer {
  readonly dir: string;
  readonly stored: StoredContainer;
  readonly #tools: ContainerTools;
  /** Nothing of another boot is alive, whatever has its pids now. */
  readonly #sameBoot: boolean;
  readonly #pump: SupervisedPump;
  readonly #logFile: LogFile;
  #watcher: FSWatcher | undefined;
  #state: "created" | "running" | "exited" = "created";
  #main: ProcessIdentity | undefined;
  /** In namespaces: their process 1, and the program below it. */
  #init: ProcessIdentity | undefined;
  #program: ProcessIdentity | undefined;
  #supervisor: ProcessIdentity | undefined;
  #startedAtMs: number | undefined;
  #end:
    | { readonly code: number; readonly atMs: number; readonly reason: string; readonly message?: string }
    | undefined;
  #ending: Promise<void> | undefined;
  #killTimer: { readonly timer: Timer; readonly atMs: number } | undefined;
  readonly #waiting = new Set<() => void>();

  /** Takes the container up as its directory shows it: running still, ended meanwhile, or never started. */
  constructor(dir: string, stored: StoredContainer, tools: ContainerTools) {
    this.dir = dir;
    this.stored = stored;
    this.#tools = tools;
    this.#sameBoot = stored.bootId === bootId();
    this.#pump = new SupervisedPump(dir, tools.clock, () => this.#supervisor);
    this.#logFile = new LogFile(dir, tools.clock, this.#pump, (error) =>
      tools.log.warn("when a container's output was written cannot be noted", { id: this.id, error: String(error) }),
    );
    if (stored.failure) this.#fail(stored.failure.message, stored.failure.atMs);
    else if (this.#read("supervisor") !== undefined) {
      this.#watch();
      this.#refresh();
      if (this.#sameBoot) this.#pump.resume();
      this.check();
    }
  }

  get id(): string {
    return this.stored.record.id;
  }

  get state(): "created" | "running" | "exited" {
    return this.#state;
  }

  get record(): ContainerRecord {
    return {
      ...this.stored.record,
      state: this.#state,
      ...(this.#startedAtMs === undefined ? {} : { startedAtMs: this.#startedAtMs }),
      ...(this.#end && this.#state === "exited"
        ? {
            finishedAtMs: this.#end.atMs,
            exitCode: this.#end.code,
            reason: this.#end.reason,
            ...(this.#end.message === undefined ? {} : { message: this.#end.message }),
          }
        : {}),
    };
  }

  /** The container's own first process as the host sees it. */
  get mainProcess(): ProcessIdentity | undefined {
    if (!this.stored.namespaces) return this.#main;
    if (this.#state === "running" && this.#init) {
      const below = this.#childOf(this.#init);
      // What keeps a terminal stands between.
      this.#program ??= below && this.stored.terminal ? this.#childOf(below) : below;
    }
    return this.#program;
  }

  /** What leads into the container's namespaces; without them its first process. */
  get launcher(): ProcessIdentity | undefined {
    return this.#main;
  }

  /** Starts the supervisor; resolves when the program runs (or has already ended). */
  async start(run: Omit<RunOptions, "dir">): Promise<void> {
    for (const [name, text] of Object.entries(runScripts({ ...run, dir: this.dir })))
      writeFileSync(`${this.dir}/${name}`, text, { mode: 0o600 });
    this.#watch();
    const takesInput = this.stored.terminal || this.stored.input !== undefined;
    const child = spawn("/bin/sh", [this.#tools.supervisor, this.dir, ...(takesInput ? ["input"] : [])], {
      cwd: this.dir,
      detached: true,
      stdio: sealedStdio("ignore", "ignore", "ignore"),
      env: { PATH: process.env.PATH ?? defaultPath },
    });
    child.unref();
    child.once("error", (error) => this.failed(`cannot start the supervisor: ${error.message}`));
    child.once("exit", () => this.check());
    await this.#until(() => this.#state !== "created", startTimeoutMs);
    if (this.#state === "created") {
      await this.#killSession(lookUp(child.pid ?? 0));
      this.failed("the container did not start in time");
    }
  }

  /** Notes that it could not be started. */
  failed(message: string): void {
    const atMs = this.#tools.clock.now();
    writeFileSync(`${this.dir}/record.json`, JSON.stringify({ ...this.stored, failure: { message, atMs } }), {
      mode: 0o600,
    });
    this.#fail(message, atMs);
    this.#changed();
  }

  #fail(message: string, atMs: number): void {
    this.#state = "exited";
    this.#startedAtMs = undefined;
    this.#end = { code: 128, atMs, reason: "StartError", message };
  }

  /** Resolves once its end, where it has come, is dealt with. */
  async settled(): Promise<void> {
    await this.#ending;
  }

  /** SIGTERM (or `signal`), SIGKILL when the grace is over; resolves when nothing of it runs. */
  async stop(graceMs: number, signal: NodeJS.Signals): Promise<void> {
    if (this.#state === "created") return this.#stopStart();
    if (this.#state !== "running") return;
    const atMs = this.#tools.clock.monotonic() + graceMs;
    if (!this.#killTimer && graceMs > 0) {
      const main = this.mainProcess;
      if (main) signalProcess(main, signal);
    }
    if (!this.#killTimer || atMs < this.#killTimer.atMs) {
      this.#killTimer?.timer.cancel();
      this.#killTimer = {
        atMs,
        timer: this.#tools.clock.after(Math.max(0, graceMs), () => void this.#killAll().catch(this.#notKilled)),
      };
    }
    await this.#until(() => this.#state === "exited");
  }

  /** Its program has not taken over yet: supervisor and shells end, so that it never will. */
  async #stopStart(): Promise<void> {
    this.#supervisor ??= parseIdentity(this.#read("supervisor"));
    if (!this.#supervisor || !this.#sameBoot || !isAlive(this.#supervisor)) return;
    await this.#killSession(this.#supervisor);
    this.check();
    await this.#ending;
  }

  /** The supervisor leads a session of its own: all that it starts belongs to it, unless it leaves on purpose. */
  async #killSession(leader: ProcessIdentity | undefined): Promise<void> {
    if (leader) for (const identity of sessionOf(leader)) signalProcess(identity, "SIGKILL");
    await this.#killMarked();
  }

  /** Looks whether it still runs: who kills a supervisor leaves no exit code behind. */
  check(): void {
    this.#guarded(() => this.#check());
  }

  /** Trouble with one container (are there too many open files?) is its own: it is looked at again before long. */
  #guarded(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#tools.log.error("a container could not be looked at", { id: this.id, error: String(error) });
    }
  }

  #check(): void {
    if (this.#state === "exited" || this.#ending) return;
    this.#refresh();
    this.#tellOfLoss();
    // It may have left its end, or begun, since the files were read.
    if (!this.#ending && !this.#isKept()) this.#refresh();
    if (this.#ending || this.#isKept()) return;
    const atMs = statSync(`${this.dir}/log`, { throwIfNoEntry: false })?.mtimeMs ?? this.#tools.clock.now();
    this.#finish({
      ...{ code: 137, atMs, reason: "ContainerStatusUnknown" },
      message: "The container's supervisor ended without leaving an exit code",
    });
  }

  /** Its supervisor is there, or has not said yet who it is. */
  #isKept(): boolean {
    if (!this.#supervisor) return this.#sameBoot && this.#state === "created" && this.#read("supervisor") === undefined;
    if (!this.#sameBoot || !isAlive(this.#supervisor)) return false;
    this.#revive(this.#supervisor);
    return true;
  }

  /** Who stops a container's keepers keeps its end from being told. The program itself may be stopped. */
  #revive(supervisor: ProcessIdentity): void {
    const around = this.stored.namespaces ? [supervisor, this.#main, this.#init] : [supervisor];
    for (const keeper of around) if (keeper && stateOf(keeper.pid) === "T") signalProcess(keeper, "SIGCONT");
    this.#pump.revive();
  }

  #tellOfLoss(): void {
    if (this.#read("lost", "") === undefined) return;
    rmSync(`${this.dir}/lost`, { force: true });
    const { name } = this.stored.record;
    this.#tools.warn(this, {
      reason: "LogNotWritten",
      message: `output of container ${name} was lost: its log could not be written (is the disk full?); the container goes on`,
    });
  }

  readLog(options: LogOptions): AsyncIterable<LogEntry> {
    return this.#logFile.read(options, () => this.#state !== "running");
  }

  /** What it writes from now on, or wrote from its start, as it comes, until it ends. */
  output(signal: AbortSignal, fromStart: boolean): AsyncIterable<Uint8Array> {
    return this.#logFile.follow(signal, () => this.#state !== "running", fromStart);
  }

  /** Entry of the environment by which all of its processes are found. */
  get mark(): string {
    return containerMark(this.id);
  }

  close(): void {
    this.#watcher?.close();
    this.#killTimer?.timer.cancel();
    this.#logFile.close();
  }

  async remove(): Promise<void> {
    this.close();
    // Without it the rest counts for nothing, should the agent be killed meanwhile.
    await rm(`${this.dir}/record.json`, { force: true });
    await rm(this.dir, { recursive: true, force: true });
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.dir, (_event, name) => {
        this.#guarded(() => (name === "log" ? this.#logFile.changed() : this.#refresh()));
      });
      this.#watcher.unref();
      this.#watcher.on("error", (error) =>
        this.#tools.log.warn("cannot watch a container", { id: this.id, error: error.message }),
      );
    } catch (error) {
      this.#tools.log.warn("cannot watch a container, its end is noticed late", { id: this.id, error: String(error) });
    }
  }

  /** Reads what the supervisor has left so far. */
  #refresh(): void {
    if (this.#state === "exited") return;
    this.#supervisor ??= parseIdentity(this.#read("supervisor"));
    this.#main ??= parseIdentity(this.#read("pid"));
    if (this.#main && this.#state === "created" && (!this.stored.namespaces || this.#read("began") !== undefined))
      this.#started();
    const exit = this.#read("exit");
    if (exit === undefined) return;
    const code = Number.parseInt(exit, 10);
    if (this.#state === "created") this.#started();
    // Nothing ends before what made it end, though the kernel stamps files by a clock that may lag by a tick.
    const atMs = Math.min(this.#tools.clock.now(), statSync(`${this.dir}/exit`).mtimeMs + fileTickMs);
    this.#finish({ code, atMs, reason: code === 0 ? "Completed" : "Error" });
  }

  #started(): void {
    this.#state = "running";
    if (this.stored.namespaces && this.#main) this.#init = this.stored.hostPid ? this.#main : this.#childOf(this.#main);
    this.#startedAtMs = statSync(`${this.dir}/pid`, { throwIfNoEntry: false })?.mtimeMs ?? this.#tools.clock.now();
    this.#changed();
  }

  /** Its first process has ended: what it left behind ends too, before anyone is told. */
  #finish(end: {
    readonly code: number;
    readonly atMs: number;
    readonly reason: string;
    readonly message?: string;
  }): void {
    const note = (): void => {
      this.#killTimer?.timer.cancel();
      this.#logFile.catchUp();
      this.#tellOfLoss();
      this.#end = end;
      this.#state = "exited";
      this.#watcher?.close();
      this.#changed();
      this.#logFile.close();
    };
    if (this.#sameBoot) this.#ending ??= this.#endStragglers().catch(this.#notKilled).then(note);
    else if (!this.#ending) {
      this.#ending = Promise.resolve();
      note();
    }
  }

  readonly #notKilled = (error: unknown): void =>
    this.#tools.log.error("processes of a container cannot be killed", { id: this.id, error: String(error) });

  async #endStragglers(): Promise<void> {
    await this.#killAll();
    const isDrained = (): boolean =>
      this.#read("drained", "") !== undefined || !this.#supervisor || !isAlive(this.#supervisor);
    await this.#within(drainTimeoutMs, isDrained);
    // Who escaped may hold the pipe open for ever; a machine that is slow only keeps its last words waiting.
    await this.#within(drainMaxMs, () => isDrained() || this.#pump.isIdle());
  }

  async #within(timeoutMs: number, condition: () => boolean): Promise<void> {
    const { clock } = this.#tools;
    const deadlineMs = clock.monotonic() + timeoutMs;
    while (!condition() && clock.monotonic() < deadlineMs) await clock.sleep(checkMs);
  }

  /** A pid that another process has by now leads nowhere: its children are none of ours. */
  #childOf(identity: ProcessIdentity): ProcessIdentity | undefined {
    return this.#sameBoot && isAlive(identity) ? firstChild(identity.pid) : undefined;
  }

  async #killAll(): Promise<void> {
    if (!this.#sameBoot) return;
    const first = this.#init ?? this.#main;
    const below = first && isAlive(first) ? descendants(first.pid) : [];
    // The program alone first: what waits for it can then tell how it ended.
    const main = this.mainProcess;
    if (main && signalProcess(main, "SIGKILL") && this.#init)
      await this.#within(initMs, () => this.#init === undefined || !isAlive(this.#init));
    for (const identity of [...(first ? [first] : []), ...below]) signalProcess(identity, "SIGKILL");
    await this.#killMarked();
  }

  async #killMarked(): Promise<void> {
    const { clock, log, marked } = this.#tools;
    const isOver = (): boolean => !this.stored.hostPid && this.#init !== undefined && !isAlive(this.#init);
    if (!(await hunt(this.mark, { clock, marked, isOver })))
      log.error("processes of a container cannot be killed", { id: this.id });
  }

  /** The text of a file that is complete (ends in `terminator`), without it. */
  #read(name: string, terminator = "\n"): string | undefined {
    try {
      const text = readFileSync(`${this.dir}/${name}`, "utf8");
      return text.endsWith(terminator) ? text.slice(0, text.length - terminator.length) : undefined;
    } catch {
      return undefined;
    }
  }

  #changed(): void {
    for (const wake of [...this.#waiting]) wake();
    this.#tools.changed(this);
  }

  #until(condition: () => boolean, timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      if (condition()) return resolve();
      const timer = timeoutMs === undefined ? undefined : this.#tools.clock.after(timeoutMs, () => done());
      const done = (): void => {
        timer?.cancel();
        this.#waiting.delete(check);
        resolve();
      };
      const check = (): void => {
        if (condition()) done();
      };
      this.#waiting.add(check);
    });
  }
}

const parseIdentity = (line: string | undefined): ProcessIdentity | undefined =>
  line === undefined ? undefined : identityOf(line);

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Kernels of 100 ticks a second are the slowest. */
const fileTickMs = 10;
export const startTimeoutMs = 120_000;
/** What process 1 of a namespace may take to pass on the end of its program. */
const initMs = 1_000;
const drainTimeoutMs = 500;
const drainMaxMs = 10_000;
const checkMs = 2;
