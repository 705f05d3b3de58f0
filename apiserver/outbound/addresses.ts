import { BlockList, isIP } from "node:net";

/** Where the API server may connect to on somebody else's word. */
export interface AddressRules {
  /** Ranges of this machine's loopback that agents may have: `127.64.0.0/10`. Loopback is refused otherwise. */
  readonly loopbackCidrs?: readonly string[];
  /** Listeners that nobody may be sent to: the API server's own, the store's. Port 0 means all ports. */
  readonly forbidden?: readonly { readonly address: string; readonly port: number }[];
}

export type AddressVerdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Judges literal addresses only, so that what is dialled is what was judged. */
export function createAddressCheck({ loopbackCidrs = [], forbidden = [] }: AddressRules) {
  const loopback = rangesOf(["127.0.0.0/8", "::1/128"]);
  const allowedLoopback = rangesOf(loopbackCidrs);
  const never = { ipv4: rangesOf(neverIPv4), ipv6: rangesOf(neverIPv6) };
  return (address: string, port: number): AddressVerdict => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (isIP(address) === 0) return refuse(`${JSON.stringify(address)} is not an IP address`);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return refuse(`${port} is not a port`);
    if (forbidden.some((one) => one.address === address && (one.port === port || one.port === 0)))
      return refuse(`${address}:${port} is not a node's address`);
    if (never[family].check(address, family)) return refuse(`${address} is not a unicast address`);
    if (loopback.check(address, family) && !allowedLoopback.check(address, family))
      return refuse(`${address} is a loopback address outside the range of nodes`);
    return { ok: true };
  };
}

const refuse = (why: string): AddressVerdict => ({ ok: false, why });

/** Unspecified, link-local (where clouds keep their secrets), multicast, reserved. */
const neverIPv4 = ["0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"];
/** The same, and IPv4 in IPv6 clothes: that rule covers every IPv4 address too, hence a list of its own. */
const neverIPv6 = ["::/128", "::ffff:0:0/96", "fe80::/10", "ff00::/8"];

function rangesOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const slash = cidr.indexOf("/");
    const address = cidr.slice(0, slash);
    list.addSubnet(address, Number(cidr.slice(slash + 1)), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}
