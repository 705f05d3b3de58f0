import { execFile, spawn } from "node:child_process";
import { closeSync, constants, openSync, readlinkSync } from "node:fs";
import { sealedStdio } from "../../../base/sealed-stdio.js";
import type { ProcessIdentity } from "../proc.js";
import { findProgram } from "./images.js";
import { quote } from "./supervisor.js";

/**
 * Programs of the host that make terminals: script(1) of util-linux keeps one between two pipes, so that a container's
 * outlives the agent; stty(1) gives it its size.
 */
export interface Terminals {
  readonly script: string;
  readonly stty: string;
}

/** Undefined where they are missing, or where script is another one that does not pass on the exit code. */
export async function findTerminals(): Promise<Terminals | undefined> {
  const path = `${process.env.PATH ?? ""}:/usr/bin:/bin`;
  const script = findProgram("script", path);
  const stty = findProgram("stty", path);
  if (!script || !stty) return undefined;
  const [program = "", ...args] = inTerminal({ script, stty }, "exit 7");
  const code = await new Promise<unknown>((resolve) => {
    const child = execFile(program, args, { timeout: probeTimeoutMs, env: { PATH: path, SHELL: "/bin/sh" } }, (error) =>
      resolve(error?.code),
    );
    child.stdin?.on("error", () => {});
  });
  return code === 7 ? { script, stty } : undefined;
}

/** Words that run lines of shell in a terminal of its own, with the usual settings. $SHELL must be a POSIX shell. */
export const inTerminal = ({ script, stty }: Terminals, lines: string): readonly string[] => [
  script,
  ...["--quiet", "--return", "--flush", "--command", `${quote(stty)} sane; ${lines}`, "/dev/null"],
];

/** What programs are told of a terminal that nobody described. */
export const terminalType = "xterm";
export const noTerminals = "a terminal cannot be allocated on this node: it lacks script (of util-linux) or stty";

/** Where to open the terminal that one of these processes has for its input or output, whatever its mounts call it. */
export function terminalOf(processes: readonly ProcessIdentity[]): string | undefined {
  for (const { pid } of processes)
    for (const fd of [0, 1, 2])
      try {
        const path = `/proc/${pid}/fd/${fd}`;
        if (/\/pts\/\d+$/.test(readlinkSync(path))) return path;
      } catch {
        // gone, or closed
      }
  return undefined;
}

/** The size of one terminal: the newest asked for is set as soon as the terminal is there, one at a time. */
export class TerminalSize {
  readonly #stty: string;
  readonly #device: () => string | undefined;
  #wanted: readonly [columns: number, rows: number] | undefined;
  #busy = false;
  #closed = false;

  /** `device` answers its path once it is there. */
  constructor(stty: string, device: () => string | undefined) {
    this.#stty = stty;
    this.#device = device;
  }

  set(columns: number, rows: number): void {
    if (![columns, rows].every((count) => Number.isInteger(count) && count > 0 && count <= sizeMax)) return;
    this.#wanted = [columns, rows];
    if (!this.#busy) void this.#apply();
  }

  close(): void {
    this.#closed = true;
  }

  async #apply(): Promise<void> {
    this.#busy = true;
    for (let look = 0; this.#wanted && !this.#closed && look < deviceLooks; look++) {
      const device = this.#device();
      if (device === undefined) await new Promise((resolve) => setTimeout(resolve, deviceLookMs));
      else {
        const [columns, rows] = this.#wanted;
        this.#wanted = undefined;
        await setSize(this.#stty, device, columns, rows);
      }
    }
    this.#busy = false;
  }
}

const probeTimeoutMs = 5_000;
const sizeMax = 0xffff;
const deviceLooks = 200;
const deviceLookMs = 10;

async function setSize(stty: string, device: string, columns: number, rows: number): Promise<void> {
  let terminal: number;
  try {
    // It must not become the agent's own.
    terminal = openSync(device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return; // it has ended
  }
  try {
    const child = spawn(stty, ["rows", String(rows), "cols", String(columns)], {
      stdio: sealedStdio(terminal, "ignore", "ignore"),
      env: {},
    });
    await new Promise<void>((resolve) => {
      child.once("error", () => resolve());
      child.once("close", () => resolve());
    });
  } finally {
    closeSync(terminal);
  }
}
