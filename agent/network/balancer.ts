import { type Backend, backendKey } from "./service-listeners.js";

/** Whose turn it is behind one service port, and which client stays with whom. */
export class Balancer {
  #turn = 0;
  /** In the order of last use. */
  readonly #clients = new Map<string, { readonly backend: string; readonly untilMs: number }>();

  /** `client`: its address. `tried`: those that could not be reached just now. */
  pick(
    client: string,
    backends: readonly Backend[],
    { affinityMs, nowMs, tried }: { affinityMs?: number | undefined; nowMs: number; tried?: ReadonlySet<string> },
  ): Backend | undefined {
    const left = tried && tried.size > 0 ? backends.filter((each) => !tried.has(backendKey(each))) : backends;
    if (affinityMs === undefined) return this.#next(left);
    const known = this.#clients.get(client);
    const stays = known && known.untilMs > nowMs ? left.find((each) => backendKey(each) === known.backend) : undefined;
    const chosen = stays ?? this.#next(left);
    this.#clients.delete(client);
    if (chosen) this.#clients.set(client, { backend: backendKey(chosen), untilMs: nowMs + affinityMs });
    this.#forget();
    return chosen;
  }

  #next(backends: readonly Backend[]): Backend | undefined {
    if (backends.length === 0) return undefined;
    this.#turn = (this.#turn + 1) % backends.length;
    return backends[this.#turn];
  }

  #forget(): void {
    if (this.#clients.size <= clientsMax) return;
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined) this.#clients.delete(oldest);
  }
}

/** A service port remembers so many clients. */
const clientsMax = 10_000;
