import type { Clock } from "../../base/clock.js";
import type { Balancer } from "./balancer.js";
import type { Backend } from "./service-listeners.js";

/** Where a listener's traffic goes; replaced as a whole when the endpoints change. */
export interface Target {
  readonly backends: readonly Backend[];
  readonly balancer: Balancer;
  readonly affinityMs?: number;
}

/** One socket that takes traffic for a service port. */
export interface Forwarder {
  /** What comes from now on goes there. */
  aim(target: Target): void;
  /** Takes nothing new; what is under way goes on to its end. */
  close(): void;
}

export interface ForwarderOptions {
  readonly address: string;
  readonly port: number;
  readonly target: Target;
  readonly clock: Clock;
  readonly budget: Budget;
  /** The address is one of the proxy's own: forwarding to it would go in a circle. */
  readonly isOwn: (protocol: "TCP" | "UDP", backend: Backend) => boolean;
}

/** How many connections and flows there may be at a time, of all services together. */
export class Budget {
  readonly #max: number;
  readonly #ends = new Set<() => void>();

  constructor(max: number) {
    this.#max = max;
  }

  get used(): number {
    return this.#ends.size;
  }

  /** False when nothing is left. `end` breaks it off; whoever took gives back. */
  take(end: () => void): boolean {
    if (this.#ends.size >= this.#max) return false;
    this.#ends.add(end);
    return true;
  }

  give(end: () => void): void {
    this.#ends.delete(end);
  }

  /** Breaks off everything that is under way. */
  endAll(): void {
    for (const end of [...this.#ends]) end();
  }
}
