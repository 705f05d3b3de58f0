import type { Clock } from "../../../base/clock.js";
import { socketInodes, socketRows } from "../proc.js";
import type { Listener } from "../runtime.js";

/**
 * Which sockets processes listen on. The kernel takes milliseconds to write its tables down, however few sockets there
 * are, so that one look serves all who ask within a second and do not need a fresh one.
 */
export class HostSockets {
  readonly #clock: Clock;
  #rows: readonly (Listener & { readonly inode: string })[] = [];
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** TCP sockets on which these processes listen and UDP ones that they have bound. */
  listenersOf(processes: readonly { readonly pid: number }[], fresh: boolean): Listener[] {
    const inodes = new Set(processes.flatMap(({ pid }) => socketInodes(pid)));
    if (inodes.size === 0) return [];
    if (fresh || this.#clock.monotonic() - this.#readAtMs > maxAgeMs) this.#read();
    return this.#rows.flatMap(({ inode, ...listener }) => (inodes.has(inode) ? [listener] : []));
  }

  #read(): void {
    this.#rows = [
      ...socketRows("/proc/net/tcp", "TCP"),
      ...socketRows("/proc/net/udp", "UDP"),
      ...socketRows("/proc/net/tcp6", "TCP"),
    ];
    this.#readAtMs = this.#clock.monotonic();
  }
}

const maxAgeMs = 1_000;
