import { dnsLabel, qualifiedName } from "../../apimachinery/names.js";
import { invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { EndpointAddress, EndpointSubset } from "./endpoints.js";
import { ipErrors, specialAddressErrors } from "./ip-address.js";

export function subsetRules({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset): FieldError[] {
  const errors: FieldError[] = [];
  if (addresses.length + notReadyAddresses.length === 0)
    errors.push(required("", "must specify `addresses` or `notReadyAddresses`"));
  for (const [index, { name, appProtocol }] of ports.entries()) {
    if (name !== undefined) errors.push(...invalidFor(`ports[${index}].name`, name, dnsLabel(name)));
    else if (ports.length > 1) errors.push(required(`ports[${index}].name`));
    if (appProtocol !== undefined)
      errors.push(...invalidFor(`ports[${index}].appProtocol`, appProtocol, qualifiedName(appProtocol)));
  }
  return errors;
}

export const addressRules = ({ ip, hostname }: EndpointAddress): FieldError[] => [
  ...invalidFor("ip", ip, [...ipErrors(ip), ...specialAddressErrors(ip)]),
  ...(hostname === undefined ? [] : invalidFor("hostname", hostname, dnsLabel(hostname))),
];
