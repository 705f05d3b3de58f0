import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { VirtualClock } from "../../base/virtual-clock.js";
import { Balancer } from "./balancer.js";
import { Budget, type Forwarder } from "./forwarder.js";
import type { Backend } from "./service-listeners.js";
import { forwardUdp } from "./udp-forwarder.js";

describe("datagrams through the proxy", () => {
  const sockets: Socket[] = [];
  const forwarders: Forwarder[] = [];
  afterEach(() => {
    for (const forwarder of forwarders.splice(0)) forwarder.close();
    for (const socket of sockets.splice(0)) socket.close();
  });

  async function bound(): Promise<Socket> {
    const socket = createSocket("udp4");
    sockets.push(socket);
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return socket;
  }

  /** Answers its name and what it got. */
  async function backend(name: string): Promise<Backend> {
    const socket = await bound();
    socket.on("message", (text, { port, address }) => socket.send(`${name} ${text}`, port, address));
    return socket.address();
  }

  async function proxyTo(backends: readonly Backend[], max = 100) {
    const free = createSocket("udp4");
    free.bind(0, "127.0.0.1");
    await once(free, "listening");
    const at = free.address();
    await new Promise<void>((resolve) => free.close(() => resolve()));
    const clock = new VirtualClock();
    const balancer = new Balancer();
    const budget = new Budget(max);
    const target = { backends, balancer };
    const forwarder = await forwardUdp({ ...at, target, clock, budget, isOwn: () => false });
    forwarders.push(forwarder);
    return { at, clock, budget, aim: (next: readonly Backend[]) => forwarder.aim({ backends: next, balancer }) };
  }

  async function ask(socket: Socket, { address, port }: Backend, text: string): Promise<string> {
    const answer = once(socket, "message");
    socket.send(text, port, address);
    return String((await answer)[0]);
  }

  it("go to one backend for each sender, and its answers come back", async () => {
    const { at } = await proxyTo([await backend("a"), await backend("b")]);
    const [first, second] = [await bound(), await bound()];
    const one = (await ask(first, at, "1")).split(" ")[0];
    const two = (await ask(second, at, "1")).split(" ")[0];
    expect([one, two].toSorted()).toEqual(["a", "b"]);
    for (const text of ["2", "3"]) expect(await ask(first, at, text)).toBe(`${one} ${text}`);
  });

  it("go elsewhere when their backend leaves", async () => {
    const [a, b] = [await backend("a"), await backend("b")];
    const { at, aim, budget } = await proxyTo([a]);
    const socket = await bound();
    expect(await ask(socket, at, "1")).toBe("a 1");
    aim([b]);
    expect(budget.used).toBe(0);
    expect(await ask(socket, at, "2")).toBe("b 2");
  });

  it("are forgotten when nothing came for a minute", async () => {
    const { at, clock, budget } = await proxyTo([await backend("a")]);
    const socket = await bound();
    await ask(socket, at, "1");
    await clock.advance(50_000);
    await ask(socket, at, "2");
    await clock.advance(50_000);
    expect(budget.used).toBe(1);
    await clock.advance(20_000);
    expect(budget.used).toBe(0);
    expect(await ask(socket, at, "3")).toBe("a 3");
  });

  it("are dropped beyond the bound", async () => {
    const { at, budget } = await proxyTo([await backend("a")], 1);
    const [first, second] = [await bound(), await bound()];
    await ask(first, at, "1");
    let heard = false;
    second.on("message", () => {
      heard = true;
    });
    second.send("1", at.port, at.address);
    expect(await ask(first, at, "2")).toBe("a 2");
    expect([heard, budget.used]).toEqual([false, 1]);
  });

  it("find another backend when nobody is bound at theirs", async () => {
    const gone = await bound();
    const address = gone.address();
    const good = await backend("good");
    const { at, budget } = await proxyTo([address, good]);
    gone.close();
    sockets.splice(sockets.indexOf(gone), 1);
    const socket = await bound();
    const heard: string[] = [];
    socket.on("message", (text) => heard.push(String(text)));
    for (let i = 0; i < 100 && heard.length === 0; i++) {
      socket.send("x", at.port, at.address);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(heard[0]).toBe("good x");
    expect(budget.used).toBe(1);
  });
});
