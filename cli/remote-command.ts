import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { ConnectionError } from "../client/client.js";
import { statusErrorOf } from "../client/https-transport.js";
import { CliError } from "./errors.js";
import type { Session } from "./session.js";

/** Channels of a remote command: the first byte of every message. */
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

const protocolWithClose = "v5.channel.k8s.io";
const protocols = [protocolWithClose, "v4.channel.k8s.io"];
const stdinChunkMaxBytes = 32 * 1024;
const bufferedMaxBytes = 1024 * 1024;
const drainCheckMs = 10;

/** Runs a command over a WebSocket, copying the standard streams; answers its exit code. */
export async function openRemote(session: Session, path: string, withStdin: boolean): Promise<number> {
  const { server, tls, token } = await session.connection();
  const socket = new WebSocket(server.replace(/^http/, "ws") + path, protocols, {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    rejectUnauthorized: !tls.insecureSkipVerify,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  const abort = (): void => socket.terminate();
  session.io.signal?.addEventListener("abort", abort, { once: true });
  try {
    return await converse(session, socket, withStdin);
  } finally {
    session.io.signal?.removeEventListener("abort", abort);
    socket.terminate();
  }
}

function converse(session: Session, socket: WebSocket, withStdin: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    socket.on("unexpected-response", (_, response: IncomingMessage) => {
      refusal(response).then(reject, reject);
    });
    socket.on("error", (error) => reject(new ConnectionError(error.message, { cause: error })));
    socket.on("open", () => {
      if (withStdin) send(session, socket).catch(reject);
    });
    socket.on("message", (data: Buffer) => {
      const payload = data.subarray(1);
      switch (data[0]) {
        case channel.stdout:
          if (payload.length > 0) session.io.stdout.write(payload);
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

async function refusal(response: IncomingMessage): Promise<Error> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return statusErrorOf({ status: response.statusCode ?? 500 }, Buffer.concat(chunks).toString("utf8"));
}

async function send(session: Session, socket: WebSocket): Promise<void> {
  for await (const input of session.io.stdin) {
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
