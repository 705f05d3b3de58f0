import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { sealedStdio } from "../../../base/sealed-stdio.js";
import { descendants, lookUp, sessionOf, signalProcess } from "../proc.js";
import { type ExecOptions, type ExecSession, RuntimeError } from "../runtime.js";
import { TerminalSize, type Terminals, terminalOf } from "./terminal.js";

export interface ExecPlan {
  /** The program by its absolute path, then its arguments. */
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly workingDir: string;
}

/** Runs a program beside a container's own, with its environment; it ends with the container. */
export async function startExec(
  plan: ExecPlan,
  options: ExecOptions,
  terminals: Terminals | undefined,
): Promise<ExecSession> {
  const { argv, env, workingDir } = plan;
  const [program, ...args] = argv;
  const child = spawn(program ?? "", args, {
    cwd: workingDir,
    env: Object.fromEntries(env),
    // A terminal whose input ends tells its program so: it stays open where nobody writes.
    stdio: sealedStdio(options.stdin || options.tty ? "pipe" : "ignore", "pipe", "pipe"),
    detached: true,
  });
  const exitCode = new Promise<number>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? (signalNumbers[signal] ?? 0) : 0)));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) =>
      reject(new RuntimeError("NotFound", `exec: ${JSON.stringify(program)}: ${error.message}`)),
    );
  });
  const { pid = 0 } = child;
  child.on("error", () => {}); // a kill that came too late
  const end = (): void => {
    if (child.exitCode === null && child.signalCode === null) endAll(pid);
    // A descendant that left on purpose may hold the pipes open.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  };
  if (options.signal.aborted) end();
  else options.signal.addEventListener("abort", end, { once: true });
  child.stdin?.on("error", () => {}); // it closed its input: what comes now is dropped
  const size =
    options.tty && terminals ? new TerminalSize(terminals.stty, () => terminalOf(descendants(pid))) : undefined;
  void exitCode.then(() => {
    options.signal.removeEventListener("abort", end);
    size?.close();
  });
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (!child.stdin?.writable) return resolve();
        child.stdin.write(bytes, () => resolve());
      }),
    endInput: () => void child.stdin?.end(),
    stdout: bytesOf(child.stdout),
    stderr: bytesOf(child.stderr),
    exitCode,
    ...(size ? { resize: (columns: number, rows: number) => size.set(columns, rows) } : {}),
  };
}

/** The program was given a session of its own, and so is what runs in a terminal: they end with all that they started. */
function endAll(pid: number): void {
  const own = lookUp(pid);
  const below = descendants(pid);
  const leaders = [...(own ? [own] : []), ...below];
  for (const identity of [...below, ...leaders.flatMap(sessionOf)]) signalProcess(identity, "SIGKILL");
}

async function* bytesOf(stream: Readable | null): AsyncIterable<Uint8Array> {
  if (!stream) return;
  for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
