import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { systemClock } from "../../base/clock.js";
import { Balancer } from "./balancer.js";
import { Budget, type Forwarder } from "./forwarder.js";
import type { Backend } from "./service-listeners.js";
import { forwardTcp } from "./tcp-forwarder.js";

describe("connections through the proxy", () => {
  const servers: Server[] = [];
  const forwarders: Forwarder[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const forwarder of forwarders.splice(0)) forwarder.close();
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  async function backend(serve: (socket: Socket) => void): Promise<Backend> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      serve(socket);
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return addressOf(server);
  }

  /** A port on which nobody listens. */
  async function nobody(): Promise<Backend> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = addressOf(server);
    await new Promise((resolve) => server.close(resolve));
    return address;
  }

  async function proxyTo(backends: readonly Backend[], { max = 100, own = [] as readonly Backend[] } = {}) {
    const at = await nobody();
    const balancer = new Balancer();
    const budget = new Budget(max);
    const forwarder = await forwardTcp({
      ...at,
      target: { backends, balancer },
      clock: systemClock,
      budget,
      isOwn: (_, { port }) => own.some((each) => each.port === port),
    });
    forwarders.push(forwarder);
    return { at, forwarder, budget, aim: (next: readonly Backend[]) => forwarder.aim({ backends: next, balancer }) };
  }

  async function client({ address, port }: Backend): Promise<Socket> {
    const socket = connect({ host: address, port, allowHalfOpen: true });
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  }

  /** How a connection ends to which nothing is sent. */
  function outcomeOf({ address, port }: Backend): Promise<unknown> {
    const socket = connect({ host: address, port });
    sockets.push(socket);
    return errorOf(socket);
  }

  it("carry every byte both ways, and an end of one direction leaves the other open", async () => {
    const total = 8 * 1024 * 1024;
    const echo = await backend((socket) => {
      let received = 0;
      socket.on("data", (chunk) => {
        received += chunk.length;
      });
      // Answers only after the client has said that it is done.
      socket.on("end", () => socket.end(Buffer.alloc(received, 1)));
    });
    const { at } = await proxyTo([echo]);
    const socket = await client(at);
    socket.end(Buffer.alloc(total, 2));
    let answered = 0;
    for await (const chunk of socket) answered += (chunk as Buffer).length;
    expect(answered).toBe(total);
  });

  it("pass over a backend that refuses", async () => {
    const good = await backend((socket) => socket.end("good"));
    const { at } = await proxyTo([await nobody(), good, await nobody()]);
    for (let i = 0; i < 6; i++) expect(await textOf(await client(at))).toBe("good");
  });

  it("are reset when no backend takes them", async () => {
    const { at, budget } = await proxyTo([await nobody()]);
    expect(await outcomeOf(at)).toBe("ECONNRESET");
    while (budget.used > 0) await systemClock.sleep(5);
  });

  it("are reset when the backend resets them, and the backend's when the client does", async () => {
    const rude = await backend((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const first = await client((await proxyTo([rude])).at);
    first.write("hello");
    expect(await errorOf(first)).toBe("ECONNRESET");

    let reset: Promise<unknown> | undefined;
    const listening = await backend((socket) => {
      reset = errorOf(socket);
      socket.write("hello");
    });
    const second = await client((await proxyTo([listening])).at);
    await once(second, "data");
    second.resetAndDestroy();
    expect(await reset).toBe("ECONNRESET");
  });

  it("are refused beyond the bound, and taken again when others have ended", async () => {
    const holding = await backend((socket) => void socket.write("held"));
    const { at, budget } = await proxyTo([holding], { max: 2 });
    const held = [await client(at), await client(at)];
    await Promise.all(held.map((socket) => once(socket, "data")));
    expect(await outcomeOf(at)).toBe("ECONNRESET");
    held[0]?.resetAndDestroy();
    while (budget.used === 2) await systemClock.sleep(5);
    const next = await client(at);
    expect(String((await once(next, "data"))[0])).toBe("held");
  });

  it("go on to their end when the listener is closed or aimed elsewhere", async () => {
    const echo = await backend((socket) => socket.pipe(socket));
    const other = await backend((socket) => socket.end("other"));
    const { at, forwarder, aim } = await proxyTo([echo]);
    const socket = await client(at);
    socket.write("one");
    expect(String((await once(socket, "data"))[0])).toBe("one");
    aim([other]);
    expect(await textOf(await client(at))).toBe("other");
    forwarder.close();
    socket.end("two");
    expect(await textOf(socket)).toBe("two");
    await expect(client(at)).rejects.toThrow("ECONNREFUSED");
  });

  it("never go in a circle", async () => {
    const own = await backend((socket) => socket.end("circle"));
    const { at } = await proxyTo([own], { own: [own] });
    expect(await outcomeOf(at)).toBe("ECONNRESET");
  });
});

function addressOf(server: Server): Backend {
  const { address, port } = server.address() as AddressInfo;
  return { address, port };
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const errorOf = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => {
    socket.on("error", (error) => resolve("code" in error ? error.code : error.message));
    socket.once("close", () => resolve("closed"));
    socket.resume();
  });
