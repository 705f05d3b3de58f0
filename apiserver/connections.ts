import type { Http2SecureServer, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";

/** What is open at one listener, so that nothing outlives its close. */
export class Connections {
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #answers = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(server: Http2SecureServer) {
    this.#server = server;
    server.on("connection", (socket: Socket) => keep(this.#sockets, socket));
    server.on("session", (session) => keep(this.#sessions, session));
  }

  get closing(): boolean {
    return this.#closed !== undefined;
  }

  /** An answer under way; it must not reject. */
  track(answer: Promise<void>): void {
    this.#answers.add(answer);
    void answer.then(() => this.#answers.delete(answer));
  }

  /** Idempotent. */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    await Promise.race([Promise.all(this.#answers), expiry(graceMs)]);
    // What was answered last is still on its way through TLS: the connections get a moment to end by themselves.
    for (const session of this.#sessions) session.close();
    await Promise.race([closed, expiry(Math.min(graceMs, flushMs))]);
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const flushMs = 100;

function keep<T extends { once(event: "close", listener: () => void): unknown }>(set: Set<T>, item: T): void {
  set.add(item);
  item.once("close", () => set.delete(item));
}

const expiry = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
