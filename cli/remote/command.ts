import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { ConnectionError } from "../../client/client.js";
import { CliError } from "../errors.js";
import type { Session } from "../session.js";
import { openSocket, refusalOf } from "./socket.js";

/** Channels of a remote command: the first byte of every message. */
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

const protocolWithClose = "v5.channel.k8s.io";
const protocols = [protocolWithClose, "v4.channel.k8s.io"];
const stdinChunkMaxBytes = 32 * 1024;
const bufferedMaxBytes = 1024 * 1024;
const drainCheckMs = 10;

export interface RemoteOptions {
  readonly stdin: boolean;
  /** The command runs on a terminal, whose size follows ours. */
  readonly tty: boolean;
  /** Where the command's output goes; standard output unless said. */
  readonly onOutput?: (chunk: Uint8Array) => void | Promise<void>;
  /** What the command reads; standard input unless said. */
  readonly input?: AsyncIterable<Uint8Array>;
}

/**
 * Runs a command over a WebSocket, or joins one that runs, copying the standard streams; answers its exit code. With a
 * terminal every key goes to the other side, Ctrl-C too.
 */
export async function openRemote(session: Session, path: string, options: RemoteOptions): Promise<number> {
  const socket = await openSocket(session, path, protocols);
  const terminal = options.tty ? session.io.terminal : undefined;
  try {
    return await converse(session, socket, options, () => {
      if (!terminal) return;
      terminal.setRaw(true);
      const tell = (): void => {
        const { columns, rows } = terminal.size();
        if (columns > 0 && rows > 0 && socket.readyState === WebSocket.OPEN)
          socket.send(
            Buffer.concat([Buffer.of(channel.resize), Buffer.from(JSON.stringify({ Width: columns, Height: rows }))]),
          );
      };
      tell();
      terminal.onResize(tell);
    });
  } finally {
    terminal?.setRaw(false);
    terminal?.onResize(undefined);
    socket.terminate();
  }
}

function converse(session: Session, socket: WebSocket, options: RemoteOptions, opened: () => void): Promise<number> {
  const output = options.onOutput ?? ((chunk: Uint8Array) => void session.io.stdout.write(chunk));
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    socket.on("unexpected-response", (_, response: IncomingMessage) => {
      refusalOf(response).then(reject, reject);
    });
    socket.on("error", (error) => reject(new ConnectionError(error.message, { cause: error })));
    socket.on("open", () => {
      opened();
      if (options.stdin) send(session, socket, options.input ?? session.io.stdin).catch(reject);
    });
    socket.on("message", (data: Buffer) => {
      const payload = data.subarray(1);
      switch (data[0]) {
        case channel.stdout:
          if (payload.length > 0) {
            const taken = output(payload);
            if (taken) {
              // Nothing more is read until there is room for it.
              socket.pause();
              void taken.finally(() => socket.resume());
            }
          }
          break;
        case channel.stderr:
          if (payload.length > 0) session.io.stderr.write(payload);
          break;
        case channel.status:
          try {
            code = exitCodeOf(payload.toString("utf8"));
          } catch (error) {
            reject(error);
          }
          break;
      }
    });
    socket.on("close", () => {
      if (code !== undefined) resolve(code);
      else reject(new ConnectionError("the connection ended before the command did"));
    });
  });
}

async function send(session: Session, socket: WebSocket, inputs: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const input of inputs) {
    for (let at = 0; at < input.length; at += stdinChunkMaxBytes) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(Buffer.concat([Buffer.of(channel.stdin), input.subarray(at, at + stdinChunkMaxBytes)]));
    }
    while (socket.bufferedAmount > bufferedMaxBytes) await session.clock.sleep(drainCheckMs);
  }
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.protocol === protocolWithClose) socket.send(Buffer.of(channel.close, channel.stdin));
}

interface StatusView {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** What the Status on the last channel says: 0, the command's exit code, or a failure to run it at all. */
export function exitCodeOf(text: string): number {
  const { status, reason, message, details }: StatusView = JSON.parse(text);
  if (status === "Success") return 0;
  const cause = details?.causes?.find((one) => one.reason === "ExitCode")?.message;
  const code = Number(cause);
  if (reason === "NonZeroExitCode" && Number.isInteger(code) && cause !== undefined) return code;
  throw new CliError(message ?? "the command could not be run");
}
