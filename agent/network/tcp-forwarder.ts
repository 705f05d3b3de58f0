import { connect, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../base/clock.js";
import type { Forwarder, ForwarderOptions, Target } from "./forwarder.js";
import { type Backend, backendKey } from "./service-listeners.js";

/**
 * Takes connections and carries them to a backend, bytes, half-closes and resets alike. A backend that cannot be
 * reached is passed over for another one: nothing was sent to it yet. Resolves once it listens.
 */
export function forwardTcp(options: ForwarderOptions): Promise<Forwarder> {
  let target = options.target;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true }, (client) =>
    carry(client, () => target, options),
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.address, port: options.port, backlog: backlogConnections }, () => {
      server.removeListener("error", reject);
      server.on("error", () => {});
      resolve(
        forwarderOf(server, (next) => {
          target = next;
        }),
      );
    });
  });
}

const forwarderOf = (server: Server, aim: (target: Target) => void): Forwarder => ({
  aim,
  close: () => void server.close(),
});

const backlogConnections = 1024;
const dialTimeoutMs = 2_000;
const dialsMax = 4;

function carry(client: Socket, target: () => Target, options: ForwarderOptions): void {
  const { budget } = options;
  let backend: Socket | undefined;
  const end = (): void => {
    client.resetAndDestroy();
    backend?.resetAndDestroy();
  };
  client.on("error", end);
  if (!budget.take(end)) {
    end();
    return;
  }
  client.once("close", () => {
    // While a backend is dialled nobody reads from the client, so that its end shows late: nothing is left to carry then.
    if (backend?.connecting) backend.destroy();
    budget.give(end);
  });
  const dialled = (socket: Socket): void => {
    backend = socket;
  };
  dial(client, target, options, dialled).then(
    (socket) => (socket ? join(client, socket) : end()),
    () => end(),
  );
}

/** A connection to one of the backends, in turn until one takes it; undefined: none does. */
async function dial(
  client: Socket,
  target: () => Target,
  { clock, isOwn }: ForwarderOptions,
  dialled: (socket: Socket) => void,
): Promise<Socket | undefined> {
  const from = client.remoteAddress ?? "";
  const tried = new Set<string>();
  while (tried.size < dialsMax && !client.destroyed) {
    const { backends, balancer, affinityMs } = target();
    const chosen = balancer.pick(from, backends, { affinityMs, nowMs: clock.monotonic(), tried });
    if (!chosen) return undefined;
    tried.add(backendKey(chosen));
    if (isOwn("TCP", chosen)) continue;
    const socket = dialBackend(chosen);
    dialled(socket);
    if (await connected(socket, clock)) return socket;
  }
  return undefined;
}

function connected(socket: Socket, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(dialTimeoutMs, () => socket.destroy());
    socket.once("connect", () => {
      timer.cancel();
      resolve(true);
    });
    socket.once("close", () => {
      timer.cancel();
      resolve(false);
    });
    // Told of by "close".
    socket.on("error", () => {});
  });
}

function dialBackend({ address, port }: Backend): Socket {
  return connect({ host: address, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
}

/** Each side's end ends the other's, after what was sent before it; each side's failure is the other's. */
function join(client: Socket, backend: Socket): void {
  backend.on("error", () => client.resetAndDestroy());
  backend.once("close", () => {
    if (!client.writableEnded) client.destroy();
  });
  client.once("close", () => {
    if (!backend.writableEnded) backend.destroy();
  });
  client.pipe(backend);
  backend.pipe(client);
}
