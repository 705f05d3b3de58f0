import { closeSync, constants, openSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { descendants, type ProcessIdentity } from "../proc.js";
import type { AttachOptions, ExecSession } from "../runtime.js";
import type { ProcessContainer } from "./container.js";
import { TerminalSize, terminalOf } from "./terminal.js";

/**
 * Joins a container: its output as its log receives it, its input through the fifo that the supervisor keeps open.
 * Whoever is told to close the input for good tells the supervisor's holder.
 */
export function attachTo(container: ProcessContainer, stty: string | undefined, options: AttachOptions): ExecSession {
  const { dir, stored } = container;
  const processes = (): readonly ProcessIdentity[] => {
    const main = container.mainProcess;
    return main ? [main, ...descendants(main.pid)] : [];
  };
  const detach = new AbortController();
  const signal = AbortSignal.any([options.signal, detach.signal]);
  // From now on, though nobody may read for a while: the answer to the first input is not to be missed.
  const output = container.output(signal, options.fromStart ?? false);
  const input = options.stdin && stored.input ? openInput(`${dir}/stdin`) : undefined;
  const size = stty === undefined ? undefined : new TerminalSize(stty, () => terminalOf(processes()));
  const closes = stored.input === "once" && !stored.terminal;
  let ended = (): void => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const finish = (): void => {
    if (closes && input) closeInput(`${dir}/close`);
    input?.destroy();
    size?.close();
    ended();
  };
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (!input?.writable) return resolve();
        input.write(bytes, () => resolve());
      }),
    endInput() {
      if (!input) return;
      // Where its input stays open for others, who has said all that it had to say leaves.
      input.end(() => (closes ? closeInput(`${dir}/close`) : detach.abort()));
    },
    stdout: (async function* () {
      try {
        yield* output;
      } finally {
        finish();
      }
    })(),
    stderr: (async function* () {})(),
    exitCode: end.then(() => container.record.exitCode ?? 0),
    ...(stored.terminal && size ? { resize: (columns: number, rows: number) => size.set(columns, rows) } : {}),
  };
}

/** Undefined when nobody reads it any more. Writing waits for the program without holding up anything else. */
function openInput(path: string): Socket | undefined {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    return new Socket({ fd, readable: false, writable: true }).on("error", () => {});
  } catch {
    return undefined;
  }
}

/** The holder of the input ends with the line that it waits for. Gone already: closed already. */
function closeInput(path: string): void {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    writeSync(fd, "\n");
    closeSync(fd);
  } catch {
    // nobody holds it
  }
}
