import { once } from "node:events";
import { request } from "node:https";
import { createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { SpdySession } from "../../base/spdy/session.js";
import { eventually } from "../eventually.test-kit.js";
import { type ServedPod, servePod } from "./server.test-kit.js";

describe("port-forwarding", () => {
  let served: ServedPod;
  let echo: Server;
  let port: number;
  beforeAll(async () => {
    served = await servePod("127.64.207.0/24", [{ name: "main" }]);
    await served.start("main", "exec sleep 1000");
    echo = createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).pipe(socket));
    echo.listen(0, served.ip);
    await once(echo, "listening");
    const address = echo.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  afterAll(async () => {
    echo.close();
    await served.close();
  });

  const upgrade = (
    headers: Record<string, string | string[]>,
  ): Promise<{ socket: Duplex; head: Buffer; status: number }> =>
    new Promise((resolve, reject) => {
      const { server, pki, caller } = served;
      const asked = request({
        ...{ host: "127.0.0.1", port: server.port, path: "/portForward/default/web", method: "GET", agent: false },
        ...{ ca: pki.caCertificate, cert: caller.certificate, key: caller.key },
        headers: { connection: "Upgrade", ...headers },
      });
      asked.on("error", reject);
      asked.on("upgrade", (response, socket, head) => resolve({ socket, head, status: response.statusCode ?? 0 }));
      asked.on("response", (response) =>
        resolve({ socket: response.socket, head: Buffer.alloc(0), status: response.statusCode ?? 0 }),
      );
      asked.end();
    });
  const spdy = async (): Promise<SpdySession> => {
    const { socket, head } = await upgrade({ upgrade: "SPDY/3.1", "x-stream-protocol-version": "portforward.k8s.io" });
    return new SpdySession(socket, { role: "client", head });
  };
  const pair = async (
    session: SpdySession,
    to: number,
    id: string,
  ): Promise<{ data: Duplex; error: Promise<string> }> => {
    const headers = (type: string) =>
      new Map([
        ["streamType", type],
        ["port", String(to)],
        ["requestID", id],
      ]);
    const error = (await session.open(headers("error"))).duplex;
    error.end();
    const data = (await session.open(headers("data"))).duplex;
    const told = textOf(error);
    told.catch(() => {}); // whoever ends the session does not wait for it
    return { data, error: told };
  };
  const textOf = async (duplex: Duplex): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of duplex) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it("carries several connections over SPDY, each half-closed by itself", async () => {
    const session = await spdy();
    const texts = await Promise.all(
      ["a", "b", "c"].map(async (letter) => {
        const { data, error } = await pair(session, port, letter);
        data.end(letter.repeat(200_000));
        const text = await textOf(data);
        expect(await error).toBe("");
        return text;
      }),
    );
    expect(texts).toEqual(["a", "b", "c"].map((letter) => letter.repeat(200_000)));
    session.destroy();
  });

  it("tells on the error stream of a port on which nobody listens, and goes on", async () => {
    const session = await spdy();
    const refused = await pair(session, 1, "x");
    expect(await refused.error).toBe(
      `error forwarding port 1 to pod web, uid u: dial tcp ${served.ip}:1: connect: connection refused`,
    );
    const { data } = await pair(session, port, "y");
    data.end("still");
    expect(await textOf(data)).toBe("still");
    session.destroy();
  });

  it("leaves no connection behind when its caller vanishes", async () => {
    const connections = (): Promise<number> =>
      new Promise((resolve) => echo.getConnections((_error, count) => resolve(count)));
    const { socket, head } = await upgrade({ upgrade: "SPDY/3.1", "x-stream-protocol-version": "portforward.k8s.io" });
    const session = new SpdySession(socket, { role: "client", head });
    const { data } = await pair(session, port, "z");
    data.write("hello");
    await once(data, "data");
    expect(await connections()).toBeGreaterThan(0);
    socket.destroy();
    await eventually(async () => expect(await connections()).toBe(0));
  });

  it.each<[string, Record<string, string>, number]>([
    ["SPDY without a protocol", { upgrade: "SPDY/3.1" }, 403],
    ["SPDY with another protocol", { upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" }, 403],
    ["another upgrade", { upgrade: "h2c" }, 400],
  ])("refuses %s, and closes", async (_title, headers, status) => {
    const { socket, status: answered } = await upgrade(headers);
    expect(answered).toBe(status);
    if (!socket.destroyed) await once(socket, "close");
  });

  it("drops streams that name no port or belong to nothing", async () => {
    const session = await spdy();
    for (const headers of [
      { streamType: "data", port: "0", requestID: "1" },
      { streamType: "data", port: "65536", requestID: "1" },
      { streamType: "data", port: "80;ls", requestID: "1" },
      { streamType: "sideways", port: "80", requestID: "1" },
    ]) {
      const stream = await session.open(new Map(Object.entries(headers))).catch(() => undefined);
      if (stream && !stream.duplex.destroyed) await once(stream.duplex, "close");
    }
    session.destroy();
  });

  it("carries ports named beforehand over a plain WebSocket", async () => {
    const { server, pki, caller } = served;
    const url = `wss://127.0.0.1:${server.port}/portForward/default/web?ports=${port}&ports=1`;
    const socket = new WebSocket(url, ["v4.channel.k8s.io"], {
      ...{ ca: pki.caCertificate, cert: caller.certificate, key: caller.key },
    });
    const channels: Record<number, Buffer> = {};
    socket.on("message", (data: Buffer) => {
      const channel = data[0] ?? -1;
      channels[channel] = Buffer.concat([channels[channel] ?? Buffer.alloc(0), data.subarray(1)]);
    });
    await once(socket, "open");
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from("hello")]));
    await eventually(async () => {
      expect(channels[0]?.subarray(2).toString()).toBe("hello");
      expect(channels[0]?.readUInt16LE(0)).toBe(port);
      expect(channels[3]?.subarray(2).toString()).toContain("connection refused");
    });
    socket.terminate();
  });
});
