import { Duplex, finished } from "node:stream";
import { messageOf } from "../../../base/error-text.js";
import { dialSpdy } from "../../../base/spdy/dial.js";
import { type ExecSession, RuntimeError } from "../runtime.js";

export interface StreamsWanted {
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly signal: AbortSignal;
}

/**
 * A conversation with a program, over the runtime's streaming server: a stream for each direction, one for terminal
 * sizes, and one on which the end is told. https://kubernetes.io/blog/2024/05/01/cri-streaming-explained/
 */
export async function converse(url: string, { stdin, tty, signal }: StreamsWanted): Promise<ExecSession> {
  const { session } = await dialSpdy({ url, protocols: ["v4.channel.k8s.io"], signal });
  try {
    const open = async (type: string): Promise<Duplex> => (await session.open(new Map([["streamtype", type]]))).duplex;
    const outcome = await open("error");
    const input = stdin ? await open("stdin") : undefined;
    const output = await open("stdout");
    const errors = tty ? undefined : await open("stderr");
    const sizes = tty ? await open("resize") : undefined;
    const exitCode = endOf(outcome, signal).finally(() => session.close());
    exitCode.catch(() => {}); // whoever asks for it hears of it
    return {
      write: (bytes) =>
        new Promise((resolve) => {
          if (!input?.writable) return resolve();
          input.write(bytes, () => resolve());
        }),
      endInput: () => void input?.end(),
      stdout: chunksOf(output),
      stderr: chunksOf(errors),
      exitCode,
      ...(sizes
        ? { resize: (columns, rows) => void sizes.write(`${JSON.stringify({ Width: columns, Height: rows })}\n`) }
        : {}),
    };
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** A connection to a port inside a sandbox. */
export async function connectTo(url: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const { session } = await dialSpdy({ url, protocols: ["portforward.k8s.io"], signal });
  try {
    const open = async (type: string): Promise<Duplex> => {
      const headers = new Map([
        ["streamtype", type],
        ["port", String(port)],
        ["requestid", "0"],
      ]);
      return (await session.open(headers)).duplex;
    };
    const errors = await open("error");
    const data = await open("data");
    const problem = textOf(errors);
    const connection = new Duplex({
      read: () => data.resume(),
      write: (chunk: Buffer, _encoding, done) => void data.write(chunk, done),
      final: (done) => void data.end(done),
      destroy: (error, done) => {
        session.destroy();
        done(error);
      },
    });
    data.on("data", (chunk: Buffer) => {
      if (!connection.push(chunk)) data.pause();
    });
    data.pause();
    // What ended for a reason is told apart from what was over.
    finished(data, { writable: false }, () => {
      void problem.then((text) =>
        text === "" ? connection.push(null) : connection.destroy(new Error(withoutPreamble(text))),
      );
    });
    connection.on("error", () => {}); // whoever reads hears of it
    return connection;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** The runtime names the sandbox, which means nothing to whoever asked for a pod. */
export const withoutPreamble = (text: string): string => text.replace(/^error forwarding port \d+ to pod [^:]*: /, "");

/** The exit code that the runtime tells at the end; throws RuntimeError where it was no program's end. */
async function endOf(outcome: Duplex, signal: AbortSignal): Promise<number> {
  const text = await textOf(outcome);
  if (text === "") {
    if (signal.aborted) return killedCode;
    throw new RuntimeError("Unavailable", "the connection to the container runtime broke off");
  }
  const { ok, exitCode, message } = decodeOutcome(text);
  if (ok) return 0;
  if (exitCode !== undefined) return exitCode;
  throw new RuntimeError("NotFound", message);
}

/** A Status, as Kubernetes' remote commands end. */
export function decodeOutcome(text: string): {
  readonly ok: boolean;
  readonly exitCode: number | undefined;
  readonly message: string;
} {
  try {
    const status = JSON.parse(text) as {
      readonly status?: string;
      readonly message?: string;
      readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
    };
    const code = Number(status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message ?? Number.NaN);
    return {
      ok: status.status === "Success",
      exitCode: Number.isInteger(code) ? code : undefined,
      // Whoever passes it on says so himself.
      message: (status.message ?? text).replace(/^Internal error occurred: /, ""),
    };
  } catch (error) {
    return { ok: false, exitCode: undefined, message: `${text} (${messageOf(error)})` };
  }
}

/** Taken as it arrives: what a stream holds when its connection breaks off is lost to whoever asks for it later. */
function textOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < outcomeMaxBytes) chunks.push(chunk);
    bytes += chunk.length;
  });
  return new Promise((resolve) =>
    finished(stream, { writable: false }, () => resolve(Buffer.concat(chunks).toString("utf8"))),
  );
}

async function* chunksOf(stream: Duplex | undefined): AsyncIterable<Uint8Array> {
  if (!stream) return;
  try {
    for await (const chunk of quietly(stream)) if (chunk instanceof Uint8Array) yield chunk;
  } catch {
    // its end is told by the exit code
  }
}

/**
 * Reading to the end writes nothing: a stream reset while the runtime closes the connection would have the system throw
 * away what else was received, the exit code among it.
 */
const quietly = (stream: Duplex): AsyncIterable<Uint8Array> => stream.iterator({ destroyOnReturn: false });

/** Of a program whose caller has gone. */
export const killedCode = 137;
const outcomeMaxBytes = 64 * 1024;
