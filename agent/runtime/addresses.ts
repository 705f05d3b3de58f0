/** IPv4 addresses of a node's range: the first is the node's own, the others its pods'. */
export interface AddressRange {
  readonly node: string;
  /** Pods' addresses in the order in which they are given out. */
  at(index: number): string;
  readonly size: number;
}

export function rangeOf(cidr: string): AddressRange {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [a, b, c, d, prefix] = (match ?? []).slice(1).map(Number);
  if (a === undefined || b === undefined || c === undefined || d === undefined || prefix === undefined)
    throw new Error(`not an IPv4 range: ${cidr}`);
  if ([a, b, c, d].some((byte) => byte > 255) || prefix < 8 || prefix > 30)
    throw new Error(`not a usable IPv4 range: ${cidr}`);
  const size = 2 ** (32 - prefix);
  const base = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  const text = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
  return { node: text(base + 1), at: (index) => text(base + 2 + index), size: size - 3 };
}

/** The next free address after the one given out last, so that an address is not used again at once. */
export function nextAddress(
  range: AddressRange,
  taken: ReadonlySet<string>,
  startAt: number,
): { readonly address: string; readonly index: number } | undefined {
  for (let step = 0; step < range.size; step++) {
    const index = (startAt + step) % range.size;
    const address = range.at(index);
    if (!taken.has(address)) return { address, index };
  }
  return undefined;
}
