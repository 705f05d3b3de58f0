import { invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { cidrErrors, ipErrors } from "../core/ip-address.js";
import type { ParentReference } from "./ip-address.js";
import type { ServiceCIDRSpec } from "./service-cidr.js";

/** Rules of the objects that stand for addresses and ranges of services. */

export const addressNameErrors = (name: string): FieldError[] => invalidFor("metadata.name", name, ipErrors(name));

/** `services/default/web` */
export const parentText = ({ resource, namespace = "", group = "", name }: ParentReference): string =>
  [group === "" ? resource : `${resource}.${group}`, namespace, name].filter((part) => part !== "").join("/");

const maxRanges = 2;

export function serviceCidrRules({ cidrs = [] }: ServiceCIDRSpec): FieldError[] {
  if (cidrs.length === 0) return [required("cidrs", "at least one CIDR required")];
  if (cidrs.length > maxRanges) return [invalid("cidrs", cidrs, "may only hold up to 2 values")];
  const errors = cidrs.flatMap((cidr, index) => invalidFor(`cidrs[${index}]`, cidr, cidrErrors(cidr)));
  const families = new Set(cidrs.map((cidr) => cidr.includes(":")));
  if (cidrs.length === maxRanges && families.size < maxRanges)
    errors.push(
      invalid(
        "cidrs",
        cidrs,
        "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
      ),
    );
  return errors;
}
