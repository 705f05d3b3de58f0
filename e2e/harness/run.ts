import { type ChildProcess, spawn } from "node:child_process";

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  /** The program is killed after this long. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end and collects what it printed. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: options.env ?? process.env,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? runTimeoutMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal ? 128 : 1), ...output });
    });
  });
}

const runTimeoutMs = 90_000;

/** Resolves with the exit code (128 when a signal ended it). */
export const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? 128);
    else child.once("exit", (code) => resolve(code ?? 128));
  });

/**
 * Asks again and again until the answer is there; throws what was last wrong when time is up. It waits between as long as
 * a question takes, if that is longer: programs that ask leave the machine to those that are asked about.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 60_000, everyMs = 50 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    const askedMs = performance.now();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > endMs) throw new Error(`not so after ${timeoutMs} ms: ${what}${last ? ` (${String(last)})` : ""}`);
    const pauseMs = Math.max(everyMs, Math.min(maxPauseMs, performance.now() - askedMs));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const maxPauseMs = 1_000;
