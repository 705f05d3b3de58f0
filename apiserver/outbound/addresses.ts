import { BlockList, isIP } from "node:net";

/** Where the API server may connect to on somebody else's word. */
export interface AddressRules {
  /** Ranges of this machine's loopback that agents may have: `127.64.0.0/10`. Loopback is refused otherwise. */
  readonly loopbackCidrs?: readonly string[];
  /** The store's listeners, to which nobody may be sent. Port 0 means all ports. */
  readonly forbidden?: readonly Listener[];
  /** The API server's own listener, once it has one; nobody may be sent there either. */
  readonly own?: () => Listener | undefined;
}

/** An unspecified address, or a name, which may stand for any, means all addresses. */
export interface Listener {
  readonly address: string;
  readonly port: number;
}

export type AddressVerdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Judges literal addresses only, so that what is dialled is what was judged. */
export function createAddressCheck({ loopbackCidrs = [], forbidden = [], own = () => undefined }: AddressRules) {
  const loopback = rangesOf(["127.0.0.0/8", "::1/128"]);
  const allowedLoopback = rangesOf(loopbackCidrs);
  const closed = forbidden.map(coverOf);
  const never = { ipv4: rangesOf(neverIPv4), ipv6: rangesOf(neverIPv6) };
  return (address: string, port: number): AddressVerdict => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (isIP(address) === 0) return refuse(`${JSON.stringify(address)} is not an IP address`);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return refuse(`${port} is not a port`);
    const self = own();
    if ([...closed, ...(self ? [coverOf(self)] : [])].some((covers) => covers(address, port, family)))
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
/** The same, and IPv4 in IPv6 clothes, of which the first covers every IPv4 address too, hence a list of its own. */
const neverIPv6 = ["::/128", "::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "fe80::/10", "ff00::/8"];

type Covers = (address: string, port: number, family: "ipv4" | "ipv6") => boolean;

/** Whether an address is a listener's, however it is written. */
function coverOf(listener: Listener): Covers {
  const version = isIP(listener.address);
  const single = new BlockList();
  if (version !== 0) single.addAddress(listener.address, version === 6 ? "ipv6" : "ipv4");
  const isAny = version === 0 || single.check("0.0.0.0") || single.check("::", "ipv6");
  return (address, port, family) =>
    (listener.port === port || listener.port === 0) && (isAny || single.check(address, family));
}

function rangesOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const slash = cidr.indexOf("/");
    const address = cidr.slice(0, slash);
    list.addSubnet(address, Number(cidr.slice(slash + 1)), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}
