import { readFileSync } from "node:fs";
import type { Clock } from "../../../base/clock.js";
import type { LogPump } from "./log-file.js";
import { identityOf, isAlive, lookUp, type ProcessIdentity, signalProcess, stateOf } from "./proc.js";

/** The process that copies a container's output into its log, found by the pid that the supervisor noted. */
export class SupervisedPump implements LogPump {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #supervisor: () => ProcessIdentity | undefined;

  constructor(dir: string, clock: Clock, supervisor: () => ProcessIdentity | undefined) {
    this.#dir = dir;
    this.#clock = clock;
    this.#supervisor = supervisor;
  }

  async pause(): Promise<boolean> {
    const process = this.#find();
    if (!process || !signalProcess(process, "SIGSTOP")) return false;
    for (let look = 0; look < stopLooks; look++) {
      if (stateOf(process.pid) === "T") return true;
      await this.#clock.sleep(1);
    }
    return false;
  }

  /** Also after an agent that died while it made it wait. */
  resume(): void {
    const process = this.#find();
    if (process) signalProcess(process, "SIGCONT");
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
