import { parseIpv4Block } from "../../../base/ipv4.js";

/** A range of IPv4 addresses, `10.96.0.0/16`. Network and broadcast address are not given out. */
export interface Ipv4Range {
  readonly cidr: string;
  readonly first: number;
  readonly last: number;
  /** Below this offset lie the addresses that people ask for by number; others are taken above while there are any. */
  readonly reservedBelow: number;
}

export function parseIpv4Range(cidr: string): Ipv4Range {
  const block = parseIpv4Block(cidr);
  if (!block || block.bits < 8 || block.bits > 30) throw new Error(`not an IPv4 range with 8 to 30 bits: ${cidr}`);
  const { first, size } = block;
  const reserved = Math.min(Math.max(16, size / 16), 256);
  return {
    cidr,
    first: first + 1,
    last: first + size - 2,
    reservedBelow: first + (reserved < size / 2 ? reserved : 1),
  };
}

export const inRange = ({ first, last }: Ipv4Range, address: number): boolean => address >= first && address <= last;
