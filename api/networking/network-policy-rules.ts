import { BlockList, isIP } from "node:net";
import { portName, portNumber } from "../../apimachinery/names.js";
import { forbidden, invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { Draft, FieldError } from "../../apimachinery/schema/schema.js";
import { cidrErrors } from "../core/ip-address.js";
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "./network-policy.js";

// A policy is about traffic to its pods, and about traffic from them where it says anything of that.
export function policyTypeDefaults({ policyTypes = [], egress = [] }: NetworkPolicySpec): Draft<NetworkPolicySpec> {
  if (policyTypes.length > 0) return {};
  return { policyTypes: egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"] };
}

const maxPolicyTypes = 2;

export const policyTypeRules = ({ policyTypes = [] }: NetworkPolicySpec): FieldError[] =>
  policyTypes.length > maxPolicyTypes
    ? [invalid("policyTypes", policyTypes, "may not specify more than two policyTypes")]
    : [];

export function peerRules({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer): FieldError[] {
  if (!ipBlock) return podSelector || namespaceSelector ? [] : [required("", "must specify a peer")];
  return podSelector || namespaceSelector ? [forbidden("", "may not specify both ipBlock and another peer")] : [];
}

export function policyPortRules({ port, endPort }: NetworkPolicyPort): FieldError[] {
  const errors =
    port === undefined ? [] : invalidFor("port", port, typeof port === "number" ? portNumber(port) : portName(port));
  if (endPort === undefined) return errors;
  if (port === undefined)
    return [...errors, invalid("endPort", endPort, "may not be specified when `port` is not specified")];
  if (typeof port !== "number")
    return [...errors, invalid("endPort", endPort, "may not be specified when `port` is non-numeric")];
  if (endPort < port) errors.push(invalid("endPort", endPort, "must be greater than or equal to `port`"));
  return [...errors, ...invalidFor("endPort", endPort, portNumber(endPort))];
}

export function ipBlockRules({ cidr, except = [] }: IPBlock): FieldError[] {
  const errors = invalidFor("cidr", cidr, cidrErrors(cidr));
  if (errors.length > 0) return errors;
  return except.flatMap((part, index) => {
    const path = `except[${index}]`;
    const shape = invalidFor(path, part, cidrErrors(part));
    if (shape.length > 0) return shape;
    return isStrictSubset(part, cidr) ? [] : [invalid(path, part, "must be a strict subset of `cidr`")];
  });
}

function isStrictSubset(part: string, whole: string): boolean {
  const [address = "", bits = ""] = part.split("/");
  const [base = "", wholeBits = ""] = whole.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) !== isIP(base) || Number(bits) <= Number(wholeBits)) return false;
  const range = new BlockList();
  range.addSubnet(base, Number(wholeBits), family);
  return range.check(address, family);
}
