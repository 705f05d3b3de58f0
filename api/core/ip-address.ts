import { isIP, isIPv4, isIPv6 } from "node:net";

/** Addresses as Kubernetes validates them. */

export const notAnAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

export const ipErrors = (text: string): readonly string[] => (isIP(text) === 0 ? [notAnAddress] : []);
export const ipv4Errors = (text: string): readonly string[] => (isIPv4(text) ? [] : ["must be a valid IPv4 address"]);
export const ipv6Errors = (text: string): readonly string[] => (isIPv6(text) ? [] : ["must be a valid IPv6 address"]);

export function cidrErrors(text: string): readonly string[] {
  const [, address = "", bits = ""] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const widest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return bits !== "" && Number(bits) <= widest
    ? []
    : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
}

/** Addresses that no endpoint may have: they mean something else on every node. The loopback range is the caller's business. */
export function specialAddressErrors(text: string): readonly string[] {
  if (text === "0.0.0.0" || text === "::") return [`may not be unspecified (${text})`];
  if (/^169\.254\./.test(text) || /^fe[89ab][0-9a-f]:/i.test(text))
    return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"];
  if (/^224\.0\.0\./.test(text) || /^ff02:/i.test(text))
    return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"];
  return [];
}

/** A process pod listens on a loopback address, so who configures that runtime says which of them are endpoints. */
export function loopbackErrors(text: string): readonly string[] {
  return /^127\./.test(text) || text === "::1" ? ["may not be in the loopback range (127.0.0.0/8, ::1/128)"] : [];
}
