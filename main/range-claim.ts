import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { type Ipv4Block, parseIpv4Block } from "../base/ipv4.js";
import { UserError } from "./user-error.js";

/**
 * Takes a loopback range for this process, so that no two clusters of one host hand out the same addresses; the answer
 * gives it back. The claim is a socket without a file, named after the range: it is seen by all who share this host's
 * loopback (its network namespace, whatever their files and process ids), and ends with the process.
 */
export async function claimRange(cidr: string): Promise<() => void> {
  const server = createServer((socket) => socket.destroy());
  // Refused where a host has no such sockets: then nobody can be asked.
  server.on("error", () => {});
  server.listen(`\0${prefix} ${cidr} ${process.pid}`);
  await Promise.race([once(server, "listening"), once(server, "close"), once(server, "error")]).catch(() => {});
  server.unref();
  const other = overlapping(cidr, claimsIn(tableOf()));
  if (!other) return () => void server.close();
  server.close();
  throw new UserError(
    `the addresses ${other.cidr} are another cluster's on this host (process ${other.pid}): stop it, or give this one a range of its own, such as --loopback-cidr ${freeBeside(cidr)}`,
  );
}

const prefix = "navarch loopback";

export interface Claim {
  readonly cidr: string;
  readonly pid: number;
}

/** The claims among a host's sockets, as /proc/net/unix tells them: a name without a file begins with `@`, and each of its zero bytes is one too. */
export function claimsIn(table: string): readonly Claim[] {
  return table.split("\n").flatMap((line) => {
    const [, cidr, pid] = / @navarch loopback (\S+) (\d+)@*$/.exec(line) ?? [];
    return cidr === undefined ? [] : [{ cidr, pid: Number(pid) }];
  });
}

export function overlapping(cidr: string, claims: readonly Claim[], self = process.pid): Claim | undefined {
  const own = parseIpv4Block(cidr);
  return claims.find((claim) => {
    const other = parseIpv4Block(claim.cidr);
    return own && other && shares(own, other) && !(claim.pid === self && claim.cidr === cidr);
  });
}

const shares = (a: Ipv4Block, b: Ipv4Block): boolean => a.first < b.first + b.size && b.first < a.first + a.size;

/** Ranges that nobody has by default. */
const freeBeside = (cidr: string): string => (cidr.startsWith("127.128.") ? "127.192.0.0/10" : "127.128.0.0/10");

function tableOf(): string {
  try {
    return readFileSync("/proc/net/unix", "utf8");
  } catch {
    return "";
  }
}
