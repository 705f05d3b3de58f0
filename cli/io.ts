import type { Clock } from "../base/clock.js";

/** Where a command reads and writes; the process's own in `navctl.ts`, buffers in tests. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard output is a terminal. */
  readonly isTty: boolean;
  /** Standard error is a terminal: progress is shown there. */
  readonly stderrIsTty?: boolean;
  readonly clock?: Clock;
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal;
  /** The terminal that standard input is, where it is one. */
  readonly terminal?: Terminal | undefined;
  /** Runs a plugin in our place and resolves with its exit code; absent: there are no plugins. */
  readonly runProgram?: (program: string, args: readonly string[]) => Promise<number>;
  /** Opens an editor on a file and resolves with its exit code; absent: `edit` is refused. */
  readonly runEditor?: (command: string, file: string) => Promise<number>;
}

export interface Terminal {
  /** Every key comes as it is pressed, none is shown by the terminal itself. */
  setRaw(raw: boolean): void;
  size(): { readonly columns: number; readonly rows: number };
  /** Undefined: nobody is to be told any more. */
  onResize(listener: (() => void) | undefined): void;
}

export interface Output {
  write(chunk: string | Uint8Array): unknown;
}

/** The whole of an input as text. */
export async function readAll(input: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limitBytes) throw new Error(`the input is larger than ${limitBytes} bytes`);
  }
  return Buffer.concat(chunks).toString("utf8");
}
