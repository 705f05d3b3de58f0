import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type ExecSession, RuntimeError } from "../runtime/runtime.js";
import { HttpProblem } from "./problem.js";
import type { ServerOptions } from "./server.js";
import { findTarget } from "./target.js";

/**
 * GET /exec/NAMESPACE/POD/CONTAINER as a WebSocket. Each message begins with the number of its stream: 0 stdin,
 * 1 stdout, 2 stderr, 3 the outcome as a Status, 4 terminal size; from v5 on 255 closes the stream that follows.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export async function serveExec(
  options: ServerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const protocol = protocols.find((name) => offered.includes(name));
  if (!protocol)
    return refuse(socket, new HttpProblem(400, `no known subprotocol; this node speaks ${protocols.join(", ")}`));
  let session: ExecSession;
  const abort = new AbortController();
  let query: ExecQuery;
  let problem: string | undefined;
  try {
    const url = new URL(request.url ?? "/", "http://agent");
    query = decodeExecQuery(url.searchParams);
    const { latest, name } = await findTarget(options, url.pathname.split("/").slice(2).map(decodeURIComponent));
    if (latest?.state !== "running") throw new HttpProblem(400, `container ${JSON.stringify(name)} is not running`);
    const started = await options.runtime
      .exec(latest.id, { command: query.command, stdin: query.stdin, tty: query.tty, signal: abort.signal })
      .catch((error: unknown) => {
        if (!(error instanceof RuntimeError) || error.reason === "NotSupported") throw error;
        problem = error.message;
        return undefined;
      });
    session = started ?? emptySession;
  } catch (error) {
    return refuse(
      socket,
      error instanceof HttpProblem
        ? error
        : new HttpProblem(400, error instanceof Error ? error.message : String(error)),
    );
  }
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: () => protocol,
    maxPayload: messageMaxBytes,
    perMessageDeflate: false,
  });
  server.handleUpgrade(request, socket, head, (webSocket) => {
    if (problem !== undefined) {
      send(webSocket, errorStream, Buffer.from(JSON.stringify(failureStatus(problem))));
      webSocket.close(1000);
      return;
    }
    void relay(webSocket, session, query, protocol === "v5.channel.k8s.io", abort);
  });
}

const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];
const [stdinStream, stdoutStream, stderrStream, errorStream, resizeStream, closeSignal] = [0, 1, 2, 3, 4, 255];
const messageMaxBytes = 32 * 1024 * 1024;
const bufferMaxBytes = 1024 * 1024;

const emptySession: ExecSession = {
  write: async () => {},
  endInput() {},
  stdout: none(),
  stderr: none(),
  exitCode: Promise.resolve(0),
};
async function* none(): AsyncIterable<Uint8Array> {}

interface ExecQuery {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export function decodeExecQuery(params: URLSearchParams): ExecQuery {
  const command = params.getAll("command");
  if (command.length === 0) throw new HttpProblem(400, "you must specify at least one command");
  const on = (name: string): boolean => ["true", "1"].includes(params.get(name) ?? "");
  const query = { command, stdin: on("stdin"), stdout: on("stdout"), stderr: on("stderr"), tty: on("tty") };
  if (!query.stdin && !query.stdout && !query.stderr)
    throw new HttpProblem(400, "you must specify at least 1 of stdin, stdout, stderr");
  return query;
}

async function relay(
  webSocket: WebSocket,
  session: ExecSession,
  query: ExecQuery,
  closesHalves: boolean,
  abort: AbortController,
): Promise<void> {
  webSocket.on("close", () => abort.abort());
  webSocket.on("error", () => abort.abort());
  webSocket.on("message", (data: Buffer) => {
    const stream = data[0];
    const bytes = data.subarray(1);
    if (stream === stdinStream && query.stdin && bytes.length > 0) {
      // A program that does not read holds up the sender, not this process.
      webSocket.pause();
      void session.write(bytes).then(() => webSocket.resume());
    } else if (closesHalves && stream === closeSignal && bytes[0] === stdinStream) session.endInput();
    else if (stream === resizeStream) resize(session, bytes);
  });
  const pump = async (wanted: boolean, stream: number, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      if (!wanted) continue;
      send(webSocket, stream, chunk);
      while (webSocket.bufferedAmount > bufferMaxBytes && webSocket.readyState === webSocket.OPEN)
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const pumped = Promise.all([
    pump(query.stdout, stdoutStream, session.stdout),
    pump(query.stderr && !query.tty, stderrStream, session.stderr),
  ]);
  const code = await session.exitCode;
  await pumped.catch(() => {});
  send(webSocket, errorStream, Buffer.from(JSON.stringify(exitStatus(code))));
  webSocket.close(1000);
}

function send(webSocket: WebSocket, stream: number, bytes: Uint8Array): void {
  if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.from([stream]), bytes]));
}

function resize(session: ExecSession, bytes: Uint8Array): void {
  try {
    const size: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof size !== "object" || size === null || !("Width" in size) || !("Height" in size)) return;
    if (typeof size.Width === "number" && typeof size.Height === "number") session.resize?.(size.Width, size.Height);
  } catch {
    // a size that cannot be read changes nothing
  }
}

/** How clients learn the exit code. */
export const exitStatus = (code: number): unknown =>
  code === 0
    ? { metadata: {}, status: "Success" }
    : {
        metadata: {},
        status: "Failure",
        reason: "NonZeroExitCode",
        message: `command terminated with non-zero exit code: exit status ${code}`,
        details: { causes: [{ reason: "ExitCode", message: String(code) }] },
      };
const failureStatus = (message: string): unknown => ({
  metadata: {},
  status: "Failure",
  reason: "InternalError",
  message: `Internal error occurred: ${message}`,
  code: 500,
});

function refuse(socket: Duplex, { code, message }: HttpProblem): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
