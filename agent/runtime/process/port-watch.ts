import { readFileSync } from "node:fs";
import type { Clock } from "../../../base/clock.js";
import { familyOf, socketInodes, socketRows } from "../proc.js";
import type { Listener, RuntimeEvent } from "../runtime.js";
import type { ProcessContainer } from "./container.js";

/** Looks for programs of containers that listen on all addresses of the host. It costs little while nothing is new. */
export class PortWatch {
  readonly #clock: Clock;
  #known: ReadonlySet<string> = new Set();
  #restUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is new since the last look. A host with very many sockets is looked at less often. */
  warnings(running: readonly Watched[]): readonly RuntimeEvent[] {
    const startedMs = this.#clock.monotonic();
    if (running.length === 0 || startedMs < this.#restUntilMs) return [];
    const found = this.#look(running);
    const endedMs = this.#clock.monotonic();
    this.#restUntilMs = endedMs + (endedMs - startedMs) * restShare;
    return found;
  }

  #look(running: readonly Watched[]): readonly RuntimeEvent[] {
    const wide = tables.flatMap(([file, protocol]) => socketRows(file, protocol)).filter(isWide);
    const fresh = new Map(wide.flatMap((row) => (this.#known.has(row.inode) ? [] : [[row.inode, row] as const])));
    this.#known = new Set(wide.map(({ inode }) => inode));
    if (fresh.size === 0) return [];
    return running.flatMap(({ id, stored: { record }, mainProcess }) => {
      const inodes = new Set(familyOf(mainProcess).flatMap(({ pid }) => socketInodes(pid)));
      const own = [...inodes].flatMap((inode) => fresh.get(inode) ?? []);
      const pods = running.map(({ stored }) => stored.record.pod).filter(({ uid }) => uid !== record.pod.uid);
      const others = [...new Set(pods.map(({ name }) => name))];
      return own.map((listener) => ({
        podUid: record.pod.uid,
        containerId: id,
        warning: { reason: "ListensOnAllAddresses", message: wideListenerText(record.name, listener, others) },
      }));
    });
  }
}

type Watched = Pick<ProcessContainer, "id" | "stored" | "mainProcess">;

/** At most a hundredth of the time is spent looking. */
const restShare = 100;

const tables = [
  ["/proc/net/tcp", "TCP"],
  ["/proc/net/tcp6", "TCP"],
  ["/proc/net/udp", "UDP"],
  ["/proc/net/udp6", "UDP"],
] as const;

/** A datagram socket of a client has some high port at all addresses too. */
const clientPortsFrom = 32_768;
const isWide = ({ address, port, protocol }: Listener): boolean =>
  (address === "0.0.0.0" || address === "::") && (protocol === "TCP" || port < clientPortsFrom);

/** What the pod's author should know, and do. `others`: pods beside it. */
export function wideListenerText(
  container: string,
  { port, protocol }: Pick<Listener, "port" | "protocol">,
  others: readonly string[],
): string {
  const named = others.slice(0, namedMax).join(", ") + (others.length > namedMax ? " and others" : "");
  const whose = others.length === 0 ? "any other pod" : named;
  return `container ${container} listens on ${protocol} port ${port} of all addresses, which this node's pods share: what is sent to that port of ${whose} reaches it, and no other pod can have the port; let the program bind $POD_IP instead`;
}

const namedMax = 3;

/** The first port that a container's program may bind: others need a right, which all of this user's programs lack. */
export function lowestPort(): number {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf("/proc/self/status"))?.[1] ?? "0";
  if ((BigInt(`0x${effective}`) >> netBindService) & 1n) return 1;
  const first = Number(textOf("/proc/sys/net/ipv4/ip_unprivileged_port_start"));
  return Number.isInteger(first) && first > 0 ? first : usualFirstPort;
}

/** CAP_NET_BIND_SERVICE. */
const netBindService = 10n;
const usualFirstPort = 1024;

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
