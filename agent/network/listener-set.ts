import { backoffMs } from "../../base/backoff.js";
import type { Clock, Timer } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import { Balancer } from "./balancer.js";
import { bindProblem, openFilesMax } from "./bind-problem.js";
import { Budget, type Forwarder, type Target } from "./forwarder.js";
import { listenerKey, type ServicePlan, type WantedListener } from "./service-listeners.js";
import { forwardTcp } from "./tcp-forwarder.js";
import { forwardUdp } from "./udp-forwarder.js";

export interface ListenerSetOptions<Owner> {
  readonly clock: Clock;
  readonly log: Logger;
  /** Something of the owner's is not served, and why. */
  readonly warn: (owner: Owner, message: string) => void;
}

interface Served<Owner> {
  readonly owner: Owner;
  readonly wanted: ReadonlyMap<string, WantedListener>;
  readonly refusals: string;
}

/** The sockets that are open, and those that should be; opens, re-aims and closes until both are the same. */
export class ListenerSet<Owner> {
  readonly #options: ListenerSetOptions<Owner>;
  readonly #budget = new Budget(Math.min(flowsMax, flowsWithin(openFilesMax())));
  readonly #services = new Map<string, Served<Owner>>();
  readonly #listeners = new Map<string, Listener>();
  readonly #balancers = new Map<string, Balancer>();
  /** Who wants a socket which another one has, by socket. */
  readonly #waiting = new Map<string, string>();
  #closed = false;

  constructor(options: ListenerSetOptions<Owner>) {
    this.#options = options;
  }

  /** Makes the owner's ports served as the plan says. */
  want(key: string, owner: Owner, { listeners, refusals }: ServicePlan): void {
    if (this.#closed) return;
    const before = this.#services.get(key);
    const wanted = new Map(listeners.map((each) => [listenerKey(each), each]));
    const told = refusals.join("; ");
    if (told !== "" && told !== before?.refusals) this.#options.warn(owner, told);
    if (wanted.size === 0 && told === "") this.#services.delete(key);
    else this.#services.set(key, { owner, wanted, refusals: told });
    const routes = new Set(listeners.map(({ route }) => route));
    for (const [id, old] of before?.wanted ?? []) {
      if (!wanted.has(id)) this.#drop(id, key);
      if (!routes.has(old.route)) this.#balancers.delete(old.route);
    }
    for (const [id, each] of wanted) this.#serve(id, key, owner, each);
  }

  remove(key: string): void {
    const before = this.#services.get(key);
    this.#services.delete(key);
    for (const [id, { route }] of before?.wanted ?? []) {
      this.#drop(id, key);
      this.#balancers.delete(route);
    }
  }

  serves(address: Pick<WantedListener, "protocol" | "address" | "port">): boolean {
    return this.#listeners.get(listenerKey(address))?.isOpen ?? false;
  }

  /** Resolves once every socket asked for so far is open or could not be opened. */
  async settled(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map(({ tried }) => tried));
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners.values()) listener.close();
    this.#listeners.clear();
    this.#services.clear();
    this.#budget.endAll();
  }

  #serve(id: string, key: string, owner: Owner, wanted: WantedListener): void {
    const known = this.#listeners.get(id);
    // The cluster gives an address to one service at a time: the one that has it here is about to lose it.
    if (known && known.owner !== key) {
      this.#waiting.set(id, key);
      return;
    }
    const target = this.#targetOf(wanted);
    if (known) {
      known.aim(target);
      return;
    }
    if (this.#listeners.size >= listenersMax) {
      this.#options.warn(owner, `${id} is not served: this proxy opens at most ${listenersMax} sockets`);
      return;
    }
    const { clock, log } = this.#options;
    const listener = new Listener(key, wanted, target, {
      clock,
      budget: this.#budget,
      isOwn: (protocol, { address, port }) => this.#listeners.has(listenerKey({ protocol, address, port })),
      failed: (error) => {
        const problem = bindProblem(wanted, error);
        log.warn("port not served", { of: key, port: id, problem });
        this.#options.warn(owner, problem);
      },
    });
    this.#listeners.set(id, listener);
  }

  #targetOf({ route, backends, affinityMs }: WantedListener): Target {
    const balancer = this.#balancers.get(route) ?? new Balancer();
    this.#balancers.set(route, balancer);
    return { backends, balancer, ...(affinityMs === undefined ? {} : { affinityMs }) };
  }

  #drop(id: string, key: string): void {
    const listener = this.#listeners.get(id);
    if (listener?.owner !== key) return;
    listener.close();
    this.#listeners.delete(id);
    const next = this.#waiting.get(id);
    this.#waiting.delete(id);
    const served = next === undefined ? undefined : this.#services.get(next);
    const wanted = served?.wanted.get(id);
    if (next !== undefined && served && wanted) this.#serve(id, next, served.owner, wanted);
  }
}

const listenersMax = 20_000;
const flowsMax = 16_384;
/** A connection is two open files; half of what the process may have is for others. */
const flowsWithin = (openFiles: number): number => Math.max(flowsMin, Math.floor(openFiles / 4));
const flowsMin = 64;
const retry = { baseMs: 1_000, maxMs: 30_000 };

interface ListenerOptions {
  readonly clock: Clock;
  readonly budget: Budget;
  readonly isOwn: (protocol: "TCP" | "UDP", backend: { readonly address: string; readonly port: number }) => boolean;
  readonly failed: (error: unknown) => void;
}

/** One socket: opened as soon as the system lets it, tried again until then. */
class Listener {
  readonly owner: string;
  /** The first attempt is over. */
  readonly tried: Promise<void>;
  #target: Target;
  #forwarder: Forwarder | undefined;
  #closed = false;
  #timer: Timer | undefined;

  constructor(owner: string, wanted: WantedListener, target: Target, options: ListenerOptions) {
    this.owner = owner;
    this.#target = target;
    this.tried = this.#open(wanted, options, 1);
  }

  get isOpen(): boolean {
    return this.#forwarder !== undefined;
  }

  aim(target: Target): void {
    this.#target = target;
    this.#forwarder?.aim(target);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#forwarder?.close();
    this.#forwarder = undefined;
  }

  async #open(wanted: WantedListener, options: ListenerOptions, attempt: number): Promise<void> {
    const { protocol, address, port } = wanted;
    const forward = protocol === "TCP" ? forwardTcp : forwardUdp;
    try {
      const forwarder = await forward({ ...options, address, port, target: this.#target });
      if (this.#closed) return forwarder.close();
      forwarder.aim(this.#target);
      this.#forwarder = forwarder;
    } catch (error) {
      if (this.#closed) return;
      if (attempt === 1) options.failed(error);
      this.#timer = options.clock.after(backoffMs(retry, attempt), () => void this.#open(wanted, options, attempt + 1));
    }
  }
}
