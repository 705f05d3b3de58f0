import { BlockList, isIPv4 } from "node:net";
import { endpoints } from "../../api/core/endpoints.js";
import { loopbackErrors } from "../../api/core/ip-address.js";
import { endpointSlices } from "../../api/discovery/endpoint-slice.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { invalid } from "../../apimachinery/status.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { objectOf } from "./subject.js";

/**
 * No endpoint may have a loopback address, except in the ranges that process pods live in, and for the API server's own
 * Service. It is a plugin since what is allowed depends on how the cluster is run.
 */
export function loopbackEndpoints(allowedCidrs: readonly string[]): AdmissionPlugin {
  const allowed = new BlockList();
  for (const cidr of allowedCidrs) {
    const [address = "", bits = ""] = cidr.split("/");
    allowed.addSubnet(address, Number(bits), "ipv4");
  }
  return {
    name: "LoopbackEndpoints",
    handles: ({ operation, subresource, namespace, name }) =>
      (operation === "CREATE" || operation === "UPDATE") &&
      subresource === "" &&
      !(namespace === "default" && name === "kubernetes"),
    validate(request) {
      const errors = addressesOf(request)
        .filter(({ ip }) => !(isIPv4(ip) && allowed.check(ip)))
        .flatMap(({ path, ip }) =>
          loopbackErrors(ip).map((message): FieldError => ({ path, reason: "Invalid", value: ip, message })),
        );
      if (errors.length > 0) throw invalid(request.definition, request.name, errors);
    },
  };
}

interface Address {
  readonly path: string;
  readonly ip: string;
}

function addressesOf(request: AdmissionRequest): readonly Address[] {
  const { subsets = [] } = objectOf(request, endpoints) ?? {};
  const { endpoints: inSlice = [] } = objectOf(request, endpointSlices) ?? {};
  return [
    ...subsets.flatMap((subset, i) =>
      (["addresses", "notReadyAddresses"] as const).flatMap((list) =>
        (subset[list] ?? []).map(({ ip }, j) => ({ path: `subsets[${i}].${list}[${j}].ip`, ip })),
      ),
    ),
    ...inSlice.flatMap(({ addresses }, i) =>
      addresses.map((ip, j) => ({ path: `endpoints[${i}].addresses[${j}]`, ip })),
    ),
  ];
}
