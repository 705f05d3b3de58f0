/** IPv4 addresses as numbers below 2^32, and blocks of them as CIDR texts name them. */
export interface Ipv4Block {
  /** The block's own first address, whichever of its addresses the text gives. */
  readonly first: number;
  /** Length of the prefix. */
  readonly bits: number;
  /** How many addresses there are. */
  readonly size: number;
}

/** Undefined for what is not four decimal numbers. */
export function parseIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((address, part) => address * 256 + part, 0);
}

export const formatIpv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

/** `10.96.0.0/16`; undefined for anything else. */
export function parseIpv4Block(text: string): Ipv4Block | undefined {
  const [, host = "", length = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseIpv4(host);
  const bits = Number(length);
  if (address === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return { first: Math.floor(address / size) * size, bits, size };
}
