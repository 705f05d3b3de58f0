import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { eventually } from "../eventually.test-kit.js";
import { ListenerSet } from "./listener-set.js";
import type { WantedListener } from "./service-listeners.js";

describe("the sockets of a proxy", () => {
  const warnings: string[] = [];
  let set: ListenerSet<string>;
  beforeEach(() => {
    warnings.length = 0;
    const warn = (owner: string, message: string): void => void warnings.push(`${owner}: ${message}`);
    set = new ListenerSet<string>({ clock: systemClock, log: silentLog, warn });
  });
  afterEach(() => set.close());

  async function answering(text: string): Promise<{ readonly port: number; close(): Promise<void> }> {
    const server = createServer((socket) => socket.end(text)).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      close: () => new Promise((resolve) => server.close(() => resolve())),
    };
  }
  async function freePort(): Promise<number> {
    const server = await answering("");
    await server.close();
    return server.port;
  }
  const wanted = (port: number, backend: number): WantedListener => ({
    ...{ protocol: "TCP", address: "127.0.0.1", port, route: `${backend}` },
    backends: [{ address: "127.0.0.1", port: backend }],
  });
  const plan = (...listeners: readonly WantedListener[]) => ({ listeners, refusals: [] });
  async function ask(port: number): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text;
  }

  it("open, are aimed elsewhere without a gap, and close", async () => {
    const [a, b, port] = [await answering("a"), await answering("b"), await freePort()];
    set.want("svc", "svc", plan(wanted(port, a.port)));
    await set.settled();
    expect([set.serves({ protocol: "TCP", address: "127.0.0.1", port }), await ask(port)]).toEqual([true, "a"]);
    set.want("svc", "svc", plan(wanted(port, b.port)));
    expect(await ask(port)).toBe("b");
    set.remove("svc");
    await expect(ask(port)).rejects.toThrow("ECONNREFUSED");
    await Promise.all([a.close(), b.close()]);
  });

  it("go to whoever waits for one as soon as it is given up", async () => {
    const [a, b, port] = [await answering("a"), await answering("b"), await freePort()];
    set.want("first", "first", plan(wanted(port, a.port)));
    set.want("second", "second", plan(wanted(port, b.port)));
    await set.settled();
    expect(await ask(port)).toBe("a");
    set.remove("first");
    expect(await eventually(() => ask(port))).toBe("b");
    await Promise.all([a.close(), b.close()]);
  });

  it("are told of once when another program has them, and so is what is refused", async () => {
    const [a, other] = [await answering("a"), await answering("other")];
    set.want("svc", "svc", { listeners: [wanted(other.port, a.port)], refusals: ["no SCTP"] });
    await set.settled();
    set.want("svc", "svc", { listeners: [wanted(other.port, a.port)], refusals: ["no SCTP"] });
    await set.settled();
    expect(warnings).toEqual([
      "svc: no SCTP",
      expect.stringContaining(`svc: TCP 127.0.0.1:${other.port} is not served: another program listens`),
    ]);
    await other.close();
    expect(await eventually(() => ask(other.port))).toBe("a");
    await a.close();
  });
});
