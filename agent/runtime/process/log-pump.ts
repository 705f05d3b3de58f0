import { readFileSync } from "node:fs";
import type { Clock } from "../../../base/clock.js";
import {
  familyOf,
  firstChild,
  identityOf,
  isAlive,
  lookUp,
  type ProcessIdentity,
  signalProcess,
  stateOf,
} from "../proc.js";
import type { LogPump } from "./log-file.js";

/** What copies a container's output into its log: a loop, found by the pid that the supervisor noted, and its child. */
export class SupervisedPump implements LogPump {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #supervisor: () => ProcessIdentity | undefined;
  #paused = false;

  constructor(dir: string, clock: Clock, supervisor: () => ProcessIdentity | undefined) {
    this.#dir = dir;
    this.#clock = clock;
    this.#supervisor = supervisor;
  }

  async pause(): Promise<boolean> {
    const loop = this.#find();
    this.#paused = true;
    // The loop first, so that it starts no other copier meanwhile.
    return loop !== undefined && (await this.#stopped(loop)) && (await this.#stopped(firstChild(loop.pid)));
  }

  /** Also after an agent that died while it made it wait. */
  resume(): void {
    this.#paused = false;
    const loop = this.#find();
    if (!loop) return;
    for (const each of [firstChild(loop.pid), loop]) if (each) signalProcess(each, "SIGCONT");
  }

  /** It has copied all that was written, and waits for more. */
  isIdle(): boolean {
    const loop = this.#find();
    const copier = loop && firstChild(loop.pid);
    return copier !== undefined && stateOf(copier.pid) === "S";
  }

  /** Somebody else may have stopped it. */
  revive(): void {
    const loop = this.#paused ? undefined : this.#find();
    if (loop) for (const { pid } of familyOf(loop)) if (stateOf(pid) === "T") this.resume();
  }

  async #stopped(process: ProcessIdentity | undefined): Promise<boolean> {
    if (!process) return true;
    if (!signalProcess(process, "SIGSTOP")) return !isAlive(process);
    for (let look = 0; look < stopLooks; look++) {
      if (stateOf(process.pid) === "T") return true;
      await this.#clock.sleep(1);
    }
    return false;
  }

  /** Only as long as the supervisor lives is the pid surely still its child's. */
  #find(): ProcessIdentity | undefined {
    const supervisor = this.#supervisor();
    if (!supervisor || !isAlive(supervisor)) return undefined;
    try {
      const found = lookUp(Number.parseInt(readFileSync(`${this.#dir}/pump`, "utf8"), 10));
      return found && parentOf(found.pid) === supervisor.pid ? found : undefined;
    } catch {
      return undefined;
    }
  }
}

const stopLooks = 100;

function parentOf(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, "utf8");
  return identityOf(line) ? Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]) : 0;
}
