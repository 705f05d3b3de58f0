import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Timer } from "../../base/clock.js";
import type { Forwarder, ForwarderOptions, Target } from "./forwarder.js";
import { type Backend, backendKey } from "./service-listeners.js";

/**
 * Takes datagrams and carries them to a backend; its answers go back to the sender. Datagrams of one sender go to one
 * backend until it leaves or nothing came for a while. Resolves once it is bound.
 */
export async function forwardUdp(options: ForwarderOptions): Promise<Forwarder> {
  const socket = createSocket("udp4");
  const flows = new Flows(socket, options);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: options.address, port: options.port, exclusive: true }, () => {
      socket.removeListener("error", reject);
      resolve();
    });
  });
  // What cannot be delivered is lost, as datagrams are.
  socket.on("error", () => {});
  socket.on("message", (datagram, sender) => flows.take(datagram, sender));
  return {
    aim: (target) => flows.aim(target),
    close() {
      flows.close();
      socket.close();
    },
  };
}

const idleMs = 60_000;
const sweepEveryMs = 5_000;
const flowsMax = 2_048;
const waitingMax = 16;

interface Flow {
  readonly sender: string;
  readonly backend: string;
  readonly socket: Socket;
  end(): void;
  /** Until the socket is connected. */
  waiting: Buffer[] | undefined;
  usedAtMs: number;
}

class Flows {
  readonly #socket: Socket;
  readonly #options: ForwarderOptions;
  #target: Target;
  /** In the order of last use. */
  readonly #flows = new Map<string, Flow>();
  #sweep: Timer | undefined;

  constructor(socket: Socket, options: ForwarderOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#target = options.target;
  }

  /** Flows to backends that left are forgotten: what comes next goes elsewhere. */
  aim(target: Target): void {
    this.#target = target;
    const kept = new Set(target.backends.map(backendKey));
    for (const flow of [...this.#flows.values()]) if (!kept.has(flow.backend)) flow.end();
  }

  take(datagram: Buffer, { address, port }: RemoteInfo): void {
    const sender = `${address}:${port}`;
    const flow = this.#flows.get(sender) ?? this.#open(sender, address, port);
    if (!flow) return;
    this.#used(flow);
    if (!flow.waiting) flow.socket.send(datagram);
    else if (flow.waiting.length < waitingMax) flow.waiting.push(datagram);
  }

  close(): void {
    this.#sweep?.cancel();
    for (const flow of [...this.#flows.values()]) flow.end();
  }

  #open(sender: string, address: string, port: number): Flow | undefined {
    const { clock, budget, isOwn } = this.#options;
    const { backends, balancer, affinityMs } = this.#target;
    const backend = balancer.pick(address, backends, { affinityMs, nowMs: clock.monotonic() });
    if (!backend || isOwn("UDP", backend)) return undefined;
    if (this.#flows.size >= flowsMax) this.#oldest()?.end();
    const socket = createSocket("udp4");
    const end = (): void => {
      if (!this.#flows.delete(sender)) return;
      budget.give(end);
      socket.close();
    };
    if (!budget.take(end)) {
      socket.close();
      return undefined;
    }
    const flow: Flow = { sender, backend: backendKey(backend), socket, end, waiting: [], usedAtMs: 0 };
    this.#connect(flow, backend, (answer) => this.#socket.send(answer, port, address));
    this.#flows.set(sender, flow);
    this.#sweepLater();
    return flow;
  }

  #connect(flow: Flow, backend: Backend, answer: (datagram: Buffer) => void): void {
    const { socket } = flow;
    // Refused: nobody is bound there. The next datagram of this sender may find another backend.
    socket.on("error", () => flow.end());
    socket.on("message", (datagram) => {
      this.#used(flow);
      answer(datagram);
    });
    socket.connect(backend.port, backend.address, () => {
      const { waiting = [] } = flow;
      flow.waiting = undefined;
      for (const datagram of waiting) socket.send(datagram);
    });
  }

  #used(flow: Flow): void {
    flow.usedAtMs = this.#options.clock.monotonic();
    if (this.#flows.delete(flow.sender)) this.#flows.set(flow.sender, flow);
  }

  #oldest(): Flow | undefined {
    return this.#flows.values().next().value;
  }

  #sweepLater(): void {
    this.#sweep ??= this.#options.clock.after(sweepEveryMs, () => {
      this.#sweep = undefined;
      const limitMs = this.#options.clock.monotonic() - idleMs;
      for (let flow = this.#oldest(); flow && flow.usedAtMs < limitMs; flow = this.#oldest()) flow.end();
      if (this.#flows.size > 0) this.#sweepLater();
    });
  }
}
