import { assert } from "../base/assert.js";
import { formatIpv4, parseIpv4Block } from "../base/ipv4.js";
import { UserError } from "./user-error.js";

/** IPv4 ranges that a cluster lives on. */
export interface ClusterRanges {
  /** Each node gets a /24 of it. */
  readonly pods: string;
  readonly services: string;
}

/** Loopback addresses for everything: nodes and pods get the lower half of the range, Services the upper one. */
export function loopbackRanges(cidr: string): ClusterRanges {
  const block = parseIpv4Block(cidr);
  if (!block || Math.floor(block.first / 2 ** 24) !== 127)
    throw new UserError(`--loopback-cidr ${cidr} is not within 127.0.0.0/8`);
  const { first, bits, size } = block;
  if (bits > maxPrefix) throw new UserError(`--loopback-cidr ${cidr} is too small: /${maxPrefix} or larger`);
  if (first === loopbackStart && bits < 16)
    throw new UserError(`--loopback-cidr ${cidr} holds 127.0.0.1, which belongs to the host`);
  return { pods: `${formatIpv4(first)}/${bits + 1}`, services: `${formatIpv4(first + size / 2)}/${bits + 1}` };
}

/** What clusters of containers use unless told: private ranges that few networks route. */
export const containerRanges: ClusterRanges = { pods: "10.244.0.0/16", services: "10.96.0.0/12" };

/** Simulated pods have addresses that nothing listens on. */
export const simulatedRanges: ClusterRanges = { pods: "10.128.0.0/9", services: "10.96.0.0/12" };

/** Leaves a /24 for at least four nodes, and as much for Services. */
const maxPrefix = 21;
const loopbackStart = 127 * 2 ** 24;

/** The first usable address of a range: the `kubernetes` Service's. */
export function firstAddress(cidr: string): string {
  const block = parseIpv4Block(cidr);
  assert(block, `${cidr} is not an IPv4 range`);
  return formatIpv4(block.first + 1);
}

export const isLoopback = (address: string): boolean =>
  address === "localhost" || address === "::1" || address.startsWith("127.");
