import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from "../../apimachinery/names.js";
import { duplicates, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import { ipv4Errors, ipv6Errors, specialAddressErrors } from "../core/ip-address.js";
import type { Endpoint, EndpointPort } from "./endpoint-slice.js";

export const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;

interface Slice {
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly endpoints?: readonly Endpoint[];
  readonly ports?: readonly EndpointPort[];
}

export function endpointSliceErrors({ addressType, endpoints = [], ports = [] }: Slice): FieldError[] {
  const errors = [...tooMany("endpoints", endpoints, maxEndpoints), ...tooMany("ports", ports, maxPorts)];
  if (errors.length > 0) return errors;
  return [
    ...endpoints.flatMap((endpoint, index) => under(`endpoints[${index}]`, endpointErrors(endpoint, addressType))),
    ...duplicates(
      ports,
      ({ name }) => name,
      (index) => `ports[${index}].name`,
    ),
    ...ports.flatMap((port, index) => under(`ports[${index}]`, portErrors(port))),
  ];
}

function endpointErrors({ addresses, hostname, nodeName }: Endpoint, type: Slice["addressType"]): FieldError[] {
  const errors = tooMany("addresses", addresses, maxAddresses);
  if (addresses.length === 0) errors.push(required("addresses", "must contain at least 1 address"));
  for (const [index, address] of addresses.entries())
    errors.push(...invalidFor(`addresses[${index}]`, address, addressMessages(address, type)));
  if (hostname !== undefined) errors.push(...invalidFor("hostname", hostname, dnsLabel(hostname)));
  if (nodeName !== undefined) errors.push(...invalidFor("nodeName", nodeName, dnsSubdomain(nodeName)));
  return errors;
}

function addressMessages(address: string, type: Slice["addressType"]): readonly string[] {
  switch (type) {
    case "IPv4":
      return [...ipv4Errors(address), ...specialAddressErrors(address)];
    case "IPv6":
      return [...ipv6Errors(address), ...specialAddressErrors(address)];
    case "FQDN":
      return dnsSubdomain(address);
    default: // A type that is refused for itself.
      return [];
  }
}

function portErrors({ name, port, appProtocol }: EndpointPort): FieldError[] {
  return [
    ...(name === "" ? [] : invalidFor("name", name, dnsLabel(name))),
    ...(port === undefined ? [] : invalidFor("port", port, portNumber(port))),
    ...(appProtocol === undefined ? [] : invalidFor("appProtocol", appProtocol, qualifiedName(appProtocol))),
  ];
}

const tooMany = (path: string, items: readonly unknown[], most: number): FieldError[] =>
  items.length > most ? [{ path, reason: "TooMany", message: `must have at most ${most} items` }] : [];
