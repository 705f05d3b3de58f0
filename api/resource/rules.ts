import type { ObjectMeta } from "../../apimachinery/meta.js";
import { dnsLabel } from "../../apimachinery/names.js";
import { duplicates, invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { DeviceClaim, DeviceRequest } from "./device-request.js";
import type { ResourceClaimStatus } from "./resource-claim.js";
import type { ResourceSliceSpec } from "./resource-slice.js";

// Who asks for an exact number and names none wants one.
export const countDefault = ({
  allocationMode,
  count,
}: {
  readonly allocationMode: string;
  readonly count?: number;
}): { readonly count?: number } => (allocationMode === "ExactCount" && count === undefined ? { count: 1 } : {});

export function deviceRequestRules({ name, exactly, firstAvailable = [] }: DeviceRequest): FieldError[] {
  const errors = invalidFor("name", name, dnsLabel(name));
  if (exactly && firstAvailable.length > 0)
    errors.push(
      invalid("", {}, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"),
    );
  if (!exactly && firstAvailable.length === 0)
    errors.push(required("", "exactly one of `exactly` or `firstAvailable` is required"));
  return errors;
}

export function deviceClaimRules({ requests = [], constraints = [] }: DeviceClaim): FieldError[] {
  const names = new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((each) => `${name}/${each.name}`),
    ]),
  );
  return [
    ...duplicates(
      requests,
      ({ name }) => name,
      (index) => `requests[${index}].name`,
    ),
    ...constraints.flatMap((constraint, index) =>
      (constraint.requests ?? []).flatMap((name, at) =>
        names.has(name)
          ? []
          : [
              invalid(
                `constraints[${index}].requests[${at}]`,
                name,
                "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
              ),
            ],
      ),
    ),
  ];
}

/** Devices can be reached from one node, some nodes, all nodes, or each says for itself. */
export function sliceRules(spec: ResourceSliceSpec): FieldError[] {
  const { devices = [], nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const errors = duplicates(
    devices,
    ({ name }) => name,
    (index) => `devices[${index}].name`,
  );
  const ways = [nodeName, nodeSelector, allNodes || undefined, perDeviceNodeSelection || undefined];
  const given = ways.filter((way) => way !== undefined).length;
  const needed = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
  if (given === 0) errors.push(required("", needed));
  if (given > 1) errors.push(invalid("", {}, `${needed}, but multiple fields are set`));
  return errors;
}

/** `allocated,reserved` */
export function claimState({ deletionTimestamp }: ObjectMeta, status: ResourceClaimStatus | undefined): string {
  const states = [
    ...(deletionTimestamp === undefined ? [] : ["deleted"]),
    ...(status?.allocation ? ["allocated"] : deletionTimestamp === undefined ? ["pending"] : []),
    ...((status?.reservedFor ?? []).length > 0 ? ["reserved"] : []),
  ];
  return states.join(",");
}
