import { createServer, type Server } from "node:net";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { HostSockets } from "./host-sockets.js";

const listening = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
  });
const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
};

describe("the sockets of the host", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it("are looked at once a second, or when a fresh look is asked for", async () => {
    const clock = new VirtualClock();
    const sockets = new HostSockets(clock);
    const ports = (fresh: boolean) => sockets.listenersOf([process], fresh).map(({ port }) => port);
    const first = await listening();
    servers.push(first);
    expect(ports(false)).toContain(portOf(first));
    const second = await listening();
    servers.push(second);
    expect(ports(false)).not.toContain(portOf(second));
    expect(ports(true)).toContain(portOf(second));
    const third = await listening();
    servers.push(third);
    await clock.advance(1_001);
    expect(ports(false)).toContain(portOf(third));
  });

  it("of no process are none", () => {
    expect(new HostSockets(new VirtualClock()).listenersOf([], true)).toEqual([]);
  });
});
