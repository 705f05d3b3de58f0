import fc from "fast-check";
import { endpoints } from "../../api/core/endpoints.js";
import { endpointSlices } from "../../api/discovery/endpoint-slice.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import type { Reads } from "../registry/reads.js";
import type { AdmissionRequest } from "./admission.js";
import { loopbackEndpoints } from "./loopback-endpoints.js";

const plugin = loopbackEndpoints(["127.64.0.0/11"]);

/** What the plugin says of an object: "" when it lets it pass. */
function verdict(definition: ResourceDefinition, object: object, parts: Partial<AdmissionRequest> = {}): string {
  const request = {
    operation: "CREATE",
    definition,
    subresource: "",
    namespace: "default",
    name: "web",
    object: object as KubeObject,
    ...parts,
  } as AdmissionRequest;
  if (!plugin.handles?.(request)) return "";
  try {
    void plugin.validate?.(request, {} as Reads);
    return "";
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}
const asEndpoints = (ip: string) => ({ subsets: [{ notReadyAddresses: [{ ip }] }] });
const asSlice = (...addresses: string[]) => ({ endpoints: [{ addresses }] });

describe("addresses of endpoints", () => {
  it.each(["127.64.0.2", "127.95.255.254", "10.1.2.3", "fd00::1"])("%s may be one", (ip) => {
    expect(verdict(endpoints, asEndpoints(ip))).toBe("");
    expect(verdict(endpointSlices, asSlice(ip))).toBe("");
  });

  it.each(["127.0.0.1", "127.96.0.1", "::1"])("%s is refused, with its path", (ip) => {
    expect(verdict(endpoints, asEndpoints(ip))).toBe(
      `Endpoints "web" is invalid: subsets[0].notReadyAddresses[0].ip: Invalid value: "${ip}": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
    );
    expect(verdict(endpointSlices, asSlice("10.0.0.1", ip))).toContain("endpoints[0].addresses[1]: Invalid value");
  });

  it("the API server's own may be where it listens", () => {
    expect(verdict(endpoints, asEndpoints("127.0.0.1"), { name: "kubernetes" })).toBe("");
    expect(verdict(endpoints, asEndpoints("127.0.0.1"), { name: "kubernetes", namespace: "other" })).not.toBe("");
  });

  it("of loopback, exactly the given range passes", () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), ([a, b, c]) => {
        expect(verdict(endpoints, asEndpoints(`127.${a}.${b}.${c}`)) === "").toBe(a >= 64 && a < 96);
      }),
    );
  });
});
