import { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";
import { SpdySession, type SpdyStream } from "../../base/spdy/session.js";
import { HttpProblem } from "./problem.js";
import { offeredProtocols, upgradeWebSocket } from "./remote/web-socket.js";
import type { ServerOptions } from "./server.js";
import { checkReachable, findPod } from "./target.js";
import { acceptSpdyUpgrade, asksForSpdy, type Upgrade } from "./upgrade.js";

const overSpdy = "portforward.k8s.io";
const tunnelled = `SPDY/3.1+${overSpdy}`;
const channels = "v4.channel.k8s.io";

/** One connection to a port of a pod: what it carries, and where failures are told. */
type Forward = (port: number, data: Duplex, error: Duplex) => Promise<void>;

/**
 * /portForward/NAMESPACE/POD: connections to ports of a pod. Over SPDY/3.1, by itself or tunnelled through a WebSocket,
 * the caller opens a pair of streams for each; over a plain WebSocket there is one for each of `?ports=`.
 */
export async function servePortForward(options: ServerOptions, upgrade: Upgrade): Promise<void> {
  const { request, socket, head, path, query } = upgrade;
  const { metadata } = findPod(options, path);
  const { uid, namespace, name } = metadata;
  await checkReachable(options.runtime);
  const sandboxes = await options.runtime.sandboxes({ podUid: uid });
  const sandbox = sandboxes.filter(({ state }) => state === "ready").toSorted((a, b) => b.attempt - a.attempt)[0];
  if (!sandbox)
    throw new HttpProblem(400, `pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} is not running`);
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  const forward: Forward = async (port, data, error) => {
    try {
      const connection = await options.runtime.connect(sandbox.id, port, gone.signal);
      await join(data, connection);
      error.end();
    } catch (problem) {
      const why = problem instanceof Error ? problem.message : String(problem);
      error.end(`error forwarding port ${port} to pod ${name}, uid ${uid}: ${why}`);
      data.destroy();
    }
  };
  if (asksForSpdy(upgrade)) {
    acceptSpdyUpgrade(upgrade, [overSpdy]);
    return forwardPairs(socket, head, forward);
  }
  if (request.headers.upgrade?.toLowerCase() !== "websocket")
    throw new HttpProblem(400, "only WebSocket and SPDY/3.1 are spoken here");
  const offered = offeredProtocols(request);
  if (offered.includes(tunnelled)) {
    const webSocket = await upgradeWebSocket(request, socket, head, tunnelled);
    return forwardPairs(createWebSocketStream(webSocket), Buffer.alloc(0), forward);
  }
  if (!offered.includes(channels))
    throw new HttpProblem(400, `no known subprotocol; this node speaks ${tunnelled}, ${channels}`);
  const ports = portsOf(query);
  forwardChannels(await upgradeWebSocket(request, socket, head, channels), ports, forward);
}

const portsMax = 64;
const pairTimeoutMs = 30_000;

function portsOf(query: URLSearchParams): readonly number[] {
  const ports = query.getAll("ports").flatMap((text) => text.split(","));
  if (ports.length === 0) throw new HttpProblem(400, 'query parameter "ports" is required');
  if (ports.length > portsMax) throw new HttpProblem(400, `at most ${portsMax} ports at once`);
  return ports.map((text) => {
    const port = portOf(text);
    if (port === undefined) throw new HttpProblem(400, `invalid port ${JSON.stringify(text.slice(0, 16))}`);
    return port;
  });
}

const portOf = (text: string): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;

/**
 * Both directions, each ended by itself; a failure of one side is that of the other. Throws what the far side failed of,
 * unless its program just let go of the connection.
 */
function join(near: Duplex, far: Duplex): Promise<void> {
  near.pipe(far).pipe(near);
  return new Promise((resolve, reject) => {
    const over = (): void => {
      near.destroy();
      far.destroy();
      resolve();
    };
    far.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    let open = 2;
    const closed = (): void => {
      open--;
      if (open === 0) resolve();
    };
    for (const side of [near, far]) {
      side.once("error", over);
      side.once("close", () => (side.readableEnded && side.writableFinished ? closed() : over()));
    }
  });
}

function forwardPairs(socket: Duplex, head: Buffer, forward: Forward): void {
  const waiting = new Map<string, { readonly stream: SpdyStream; readonly timer: NodeJS.Timeout }>();
  const session = new SpdySession(socket, {
    role: "server",
    head,
    onStream(stream) {
      const { headers, duplex } = stream;
      const type = headers.get("streamtype") ?? "";
      const port = portOf(headers.get("port") ?? "");
      const request = `${headers.get("requestid") ?? ""}/${port}`;
      if (port === undefined || (type !== "data" && type !== "error")) return void duplex.destroy();
      const other = waiting.get(request);
      if (!other) {
        const timer = setTimeout(() => {
          waiting.delete(request);
          duplex.destroy();
        }, pairTimeoutMs);
        waiting.set(request, { stream, timer });
        return;
      }
      if (other.stream.headers.get("streamtype") === type) return void duplex.destroy();
      waiting.delete(request);
      clearTimeout(other.timer);
      const [data, error] = type === "data" ? [duplex, other.stream.duplex] : [other.stream.duplex, duplex];
      error.resume();
      void forward(port, data, error);
    },
  });
  void session.closed.then(() => {
    for (const { timer } of waiting.values()) clearTimeout(timer);
  });
}

/**
 * The first byte of each message is a channel: an even one carries the data of a port, the next one its failures; the
 * first message of each is the port. There is no half-closing, and one connection to each port.
 */
function forwardChannels(webSocket: WebSocket, ports: readonly number[], forward: Forward): void {
  const beat = setInterval(() => webSocket.ping(), beatMs);
  const inputs = new Map<number, Duplex>();
  webSocket.once("close", () => {
    clearInterval(beat);
    for (const input of inputs.values()) input.destroy();
  });
  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("message", (data: Buffer) => {
    const input = inputs.get(data[0] ?? -1);
    if (input && data.length > 1 && !input.destroyed && !input.push(data.subarray(1))) webSocket.pause();
  });
  const forwards = ports.map((port, index) => {
    const [data, error] = [channelOf(webSocket, index * 2), channelOf(webSocket, index * 2 + 1)];
    inputs.set(index * 2, data);
    const announce = Buffer.alloc(2);
    announce.writeUInt16LE(port);
    data.write(announce);
    error.write(announce);
    return forward(port, data, error);
  });
  void Promise.all(forwards).then(() => webSocket.close(1000));
}

const beatMs = 5_000;

function channelOf(webSocket: WebSocket, channel: number): Duplex {
  return new Duplex({
    read: () => webSocket.resume(),
    write(chunk: Buffer, _encoding, done) {
      if (webSocket.readyState !== webSocket.OPEN) return done(new Error("the caller is gone"));
      webSocket.send(Buffer.concat([Buffer.of(channel), chunk]), (error) => done(error ?? null));
    },
    final(done) {
      // What it says last is all that it says: the channel cannot be closed by itself.
      this.push(null);
      done();
    },
  }).on("error", () => {});
}
