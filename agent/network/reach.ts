import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Ipv4Block, parseIpv4Block } from "../../base/ipv4.js";

/** How cluster addresses come to be ones on which this host can listen. */
export interface AddressReach {
  /** Throws when the host does not let it, saying what to do. */
  open(): Promise<void>;
  /** Undoes what `open` did. */
  close(): Promise<void>;
}

/** Loopback addresses are this host's without further ado; others are made so. */
export function reachOf(serviceCidr: string, run: RunIp = runIp): AddressReach {
  const block = parseIpv4Block(serviceCidr);
  if (!block) throw new Error(`not an IPv4 range: ${serviceCidr}`);
  return Math.floor(block.first / 2 ** 24) === 127 ? ownAlready : localRoute(serviceCidr, block, run);
}

/** `ip` with these arguments; answers what it printed. */
export type RunIp = (args: readonly string[]) => Promise<string>;

const ownAlready: AddressReach = {
  open: async () => {},
  close: async () => {},
};

/** A route that declares the whole range local: no address is assigned, and neighbours are told nothing. */
function localRoute(cidr: string, block: Ipv4Block, run: RunIp): AddressReach {
  const route = ["local", cidr, "dev", "lo", "table", "local"];
  let opened = false;
  return {
    async open() {
      const taken = overlap(block, await run(["-4", "route", "show", "table", "main"]));
      if (taken)
        throw new Error(
          `cluster addresses ${cidr} overlap this host's route to ${taken}: choose another --service-cluster-ip-range`,
        );
      await run(["-4", "route", "replace", ...route]);
      opened = true;
    },
    async close() {
      if (opened) await run(["-4", "route", "del", ...route]);
      opened = false;
    },
  };
}

/** The first destination of a routing table (as `ip route show` prints it) that shares addresses with the range. */
export function overlap(block: Ipv4Block, table: string): string | undefined {
  for (const line of table.split("\n")) {
    const words = line.trim().split(/\s+/);
    const destination = words.find((word) => /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(word));
    if (destination === undefined || words[0] === "default") continue;
    const other = parseIpv4Block(destination.includes("/") ? destination : `${destination}/32`);
    if (other && other.first < block.first + block.size && block.first < other.first + other.size) return destination;
  }
  return undefined;
}

const execute = promisify(execFile);
const ipTimeoutMs = 5_000;

async function runIp(args: readonly string[]): Promise<string> {
  const path = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
  const { stdout } = await execute("ip", args, { timeout: ipTimeoutMs, env: { ...process.env, PATH: path } });
  return stdout;
}
