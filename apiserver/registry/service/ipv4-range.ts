/** A range of IPv4 addresses, `10.96.0.0/16`. Network and broadcast address are not given out. */
export interface Ipv4Range {
  readonly cidr: string;
  readonly first: number;
  readonly last: number;
  /** Below this offset lie the addresses that people ask for by number; others are taken above while there are any. */
  readonly reservedBelow: number;
}

export function parseIpv4Range(cidr: string): Ipv4Range {
  const [text = "", bits = ""] = cidr.split("/");
  const address = parseIpv4(text);
  const prefix = Number(bits);
  if (address === undefined || !/^\d+$/.test(bits) || prefix < 8 || prefix > 30)
    throw new Error(`not an IPv4 range with 8 to 30 bits: ${cidr}`);
  const size = 2 ** (32 - prefix);
  const base = Math.floor(address / size) * size;
  const reserved = Math.min(Math.max(16, size / 16), 256);
  return { cidr, first: base + 1, last: base + size - 2, reservedBelow: base + (reserved < size / 2 ? reserved : 1) };
}

/** Undefined for what is not four decimal numbers. */
export function parseIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((address, part) => address * 256 + part, 0);
}

export const formatIpv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

export const inRange = ({ first, last }: Ipv4Range, address: number): boolean => address >= first && address <= last;
