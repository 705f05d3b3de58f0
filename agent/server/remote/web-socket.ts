import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { HttpProblem } from "../problem.js";
import { type Outcome, plainWords, type RemoteClient, type RemoteInput, sizeOf } from "./client.js";

interface Protocol {
  readonly name: string;
  /** Either side can close a single stream. */
  readonly closesHalves?: boolean;
  /** Tells the outcome in words alone. */
  readonly plain?: boolean;
  /** Messages are text: the stream's number as a digit, the rest in base64. */
  readonly base64?: boolean;
}

/** Newest first; who offers none speaks the oldest. */
const protocols: readonly Protocol[] = [
  { name: "v5.channel.k8s.io", closesHalves: true },
  { name: "v4.channel.k8s.io" },
  { name: "v4.base64.channel.k8s.io", base64: true },
  { name: "channel.k8s.io", plain: true },
  { name: "base64.channel.k8s.io", plain: true, base64: true },
  { name: "", plain: true },
];

/**
 * A remote command over a WebSocket. Each message begins with the number of its stream: 0 stdin, 1 stdout, 2 stderr,
 * 3 the outcome as a Status, 4 terminal size; from v5 on 255 closes the stream that follows.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export async function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<RemoteClient> {
  const offered = offeredProtocols(request);
  const protocol = protocols.find(({ name }) => offered.includes(name));
  if (!protocol) {
    const known = protocols.flatMap(({ name }) => (name === "" ? [] : [name]));
    throw new HttpProblem(400, `no known subprotocol; this node speaks ${known.join(", ")}`);
  }
  return clientAt(await upgradeWebSocket(request, socket, head, protocol.name), protocol);
}

export const offeredProtocols = ({ headers }: IncomingMessage): readonly string[] =>
  (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());

export function upgradeWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string,
): Promise<WebSocket> {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: () => protocol,
    maxPayload: messageMaxBytes,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    // What is no proper handshake is answered by the server itself.
    socket.once("close", () => reject(new Error("the caller went away")));
    server.handleUpgrade(request, socket, head, resolve);
  });
}

const [stdinStream, stdoutStream, stderrStream, errorStream, resizeStream, closeSignal] = [0, 1, 2, 3, 4, 255] as const;
const messageMaxBytes = 32 * 1024 * 1024;
const bufferMaxBytes = 1024 * 1024;
const closeMs = 10_000;
const beatMs = 5_000;

function clientAt(webSocket: WebSocket, { closesHalves, plain, base64 }: Protocol): RemoteClient {
  const gone = new AbortController();
  let input: RemoteInput | undefined;
  webSocket.on("close", () => gone.abort());
  webSocket.on("error", () => webSocket.terminate());
  const send = (stream: number, bytes: Uint8Array): Promise<void> =>
    sendMessage(webSocket, base64 ? `${stream}${Buffer.from(bytes).toString("base64")}` : withStream(stream, bytes));
  webSocket.on("message", (data: Buffer) => {
    const stream = base64 ? Number(String.fromCharCode(data[0] ?? 0)) : data[0];
    const bytes = base64 ? Buffer.from(data.subarray(1).toString("latin1"), "base64") : data.subarray(1);
    if (stream === stdinStream && input?.take && bytes.length > 0) {
      // A program that does not read holds up the sender, not this process.
      webSocket.pause();
      void input.take(bytes).then(() => webSocket.resume());
    } else if (closesHalves && stream === closeSignal && bytes[0] === stdinStream) input?.end();
    else if (stream === resizeStream) {
      const given = sizeOf(bytes);
      if (given) input?.resize(...given);
    }
  });
  // Nothing that comes before somebody listens is lost.
  webSocket.pause();
  // Who reads nothing does not see that the other end is gone; who writes does.
  const beat = setInterval(() => webSocket.ping(), beatMs);
  webSocket.once("close", () => clearInterval(beat));
  return {
    gone: gone.signal,
    listen(to) {
      input = to;
      webSocket.resume();
    },
    send: (stream, bytes) => send(stream === "stdout" ? stdoutStream : stderrStream, bytes),
    finish(outcome: Outcome) {
      if (webSocket.readyState === webSocket.CLOSED) return;
      webSocket.resume();
      const words = plain ? plainWords(outcome) : JSON.stringify(outcome);
      if (words !== "") void send(errorStream, Buffer.from(words));
      webSocket.close(1000);
      const timer = setTimeout(() => webSocket.terminate(), closeMs);
      webSocket.once("close", () => clearTimeout(timer));
    },
  };
}

const withStream = (stream: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([stream]), bytes]);

/** Resolves when little enough is waiting to be sent. */
export function sendMessage(webSocket: WebSocket, message: string | Uint8Array): Promise<void> {
  if (webSocket.readyState !== webSocket.OPEN) return Promise.resolve();
  return new Promise((resolve) => {
    const full = webSocket.bufferedAmount + message.length > bufferMaxBytes;
    webSocket.send(message, () => full && resolve());
    if (!full) resolve();
  });
}
