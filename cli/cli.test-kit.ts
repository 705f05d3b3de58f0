import type { Io } from "./io.js";
import { main } from "./main.js";

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  readonly isTty?: boolean;
  readonly runEditor?: Io["runEditor"];
  /** Sees standard output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Runs one navctl command line in this process. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, {
    stdout: {
      write: (chunk) => {
        out.push(text(chunk));
        options.onOutput?.(text(chunk));
      },
    },
    stderr: { write: (chunk) => err.push(text(chunk)) },
    stdin: input(options.stdin ?? ""),
    env: options.env ?? {},
    cwd: options.cwd ?? "/nonexistent",
    isTty: options.isTty ?? false,
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.runEditor ? { runEditor: options.runEditor } : {}),
  });
  return { code, stdout: out.join(""), stderr: err.join("") };
}

const text = (chunk: string | Uint8Array): string =>
  typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");

async function* input(content: string): AsyncIterable<Uint8Array> {
  if (content !== "") yield Buffer.from(content);
}
