import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { sealedStdio } from "../../../base/sealed-stdio.js";
import { type ExecOptions, type ExecSession, RuntimeError } from "../runtime.js";

export interface ExecPlan {
  /** The program by its absolute path, then its arguments. */
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly workingDir: string;
}

/** Runs a program beside a container's own, with its environment; it ends with the container. */
export async function startExec({ argv, env, workingDir }: ExecPlan, options: ExecOptions): Promise<ExecSession> {
  const [program, ...args] = argv;
  const child = spawn(program ?? "", args, {
    cwd: workingDir,
    env: Object.fromEntries(env),
    stdio: sealedStdio(options.stdin ? "pipe" : "ignore", "pipe", "pipe"),
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
  child.on("error", () => {}); // a kill that came too late
  const end = (): void => endGroup(child);
  if (options.signal.aborted) end();
  else options.signal.addEventListener("abort", end, { once: true });
  void exitCode.then(() => options.signal.removeEventListener("abort", end));
  child.stdin?.on("error", () => {}); // it closed its input: what comes now is dropped
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
  };
}

/** The program was given a session of its own, so its whole group ends. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
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
