import { UserError } from "./user-error.js";

/** IPv4 ranges that a cluster lives on. */
export interface ClusterRanges {
  /** Each node gets a /24 of it. */
  readonly pods: string;
  readonly services: string;
}

/** Loopback addresses for everything: nodes and pods get the lower half of the range, Services the upper one. */
export function loopbackRanges(cidr: string): ClusterRanges {
  const [address = "", length = ""] = cidr.split("/");
  const prefix = Number(length);
  const octets = address.split(".").map(Number);
  if (octets[0] !== 127 || prefix < 8) throw new UserError(`--loopback-cidr ${cidr} is not within 127.0.0.0/8`);
  if (prefix > maxPrefix) throw new UserError(`--loopback-cidr ${cidr} is too small: /${maxPrefix} or larger`);
  const size = 2 ** (32 - prefix);
  const base = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const first = base - (base % size);
  if (first === loopbackStart && prefix < 16)
    throw new UserError(`--loopback-cidr ${cidr} holds 127.0.0.1, which belongs to the host`);
  return { pods: `${dotted(first)}/${prefix + 1}`, services: `${dotted(first + size / 2)}/${prefix + 1}` };
}

/** Simulated pods have addresses that nothing listens on. */
export const simulatedRanges: ClusterRanges = { pods: "10.128.0.0/9", services: "10.96.0.0/12" };

/** Leaves a /24 for at least four nodes, and as much for Services. */
const maxPrefix = 21;
const loopbackStart = 127 * 2 ** 24;

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** The first usable address of a range: the `kubernetes` Service's. */
export const firstAddress = (cidr: string): string => {
  const [address = ""] = cidr.split("/");
  const value = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return dotted(value + 1);
};

export const isLoopback = (address: string): boolean =>
  address === "localhost" || address === "::1" || address.startsWith("127.");
