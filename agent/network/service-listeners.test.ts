import fc from "fast-check";
import type { Service } from "../../api/core/service.js";
import type { Endpoint, EndpointSlice } from "../../api/discovery/endpoint-slice.js";
import { backendKey, type ProxyHost, type ServicePlan, serviceListeners } from "./service-listeners.js";

const host: ProxyHost = {
  nodes: new Set(["one", "two"]),
  addresses: [{ address: "127.64.0.1", node: "one" }, { address: "127.64.1.1", node: "two" }, { address: "127.0.0.1" }],
};

function service(spec: Partial<Service["spec"]> = {}, labels: Readonly<Record<string, string>> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "", labels },
    spec: {
      type: "ClusterIP",
      clusterIP: "127.96.0.9",
      sessionAffinity: "None",
      ports: [{ port: 80, protocol: "TCP" }],
      ...spec,
    },
  } as Service;
}

function slice(endpoints: readonly Endpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", namespace: "default", uid: "s", resourceVersion: "1", creationTimestamp: "" },
    addressType: "IPv4",
    endpoints,
    ports: [{ name: "", port: 8080, protocol: "TCP" }],
    ...more,
  } as EndpointSlice;
}

const at = (address: string, conditions: Endpoint["conditions"] = { ready: true }, nodeName = "one"): Endpoint => ({
  addresses: [address],
  conditions,
  nodeName,
});
const ending = (serving: boolean): Endpoint["conditions"] => ({ ready: false, serving, terminating: true });

const shown = ({ listeners }: ServicePlan): readonly string[] =>
  listeners.map(
    ({ protocol, address, port, backends }) => `${protocol} ${address}:${port} > ${backends.map(backendKey).join(" ")}`,
  );

describe("what is served of a Service", () => {
  it("is its cluster address, by its ready endpoints", () => {
    const slices = [slice([at("127.64.0.2"), at("127.64.0.3", { ready: false }), at("127.64.0.4", {})])];
    expect(shown(serviceListeners(service(), slices, host))).toEqual([
      "TCP 127.96.0.9:80 > 127.64.0.2:8080 127.64.0.4:8080",
    ]);
  });

  it("is nothing while nobody serves", () => {
    expect(shown(serviceListeners(service(), [slice([at("127.64.0.2", { ready: false })])], host))).toEqual([]);
    expect(shown(serviceListeners(service(), [], host))).toEqual([]);
  });

  it("is by endpoints that end but still serve, when no others are left", () => {
    const old = at("127.64.0.2", ending(true));
    expect(shown(serviceListeners(service(), [slice([old, at("127.64.0.3", ending(false))])], host))).toEqual([
      "TCP 127.96.0.9:80 > 127.64.0.2:8080",
    ]);
    expect(shown(serviceListeners(service(), [slice([old, at("127.64.0.4")])], host))).toEqual([
      "TCP 127.96.0.9:80 > 127.64.0.4:8080",
    ]);
  });

  it("is its node port too, on every node of the host", () => {
    const spec = { type: "NodePort" as const, ports: [{ port: 80, protocol: "TCP" as const, nodePort: 30080 }] };
    expect(shown(serviceListeners(service(spec), [slice([at("127.64.0.2")])], host))).toEqual([
      "TCP 127.96.0.9:80 > 127.64.0.2:8080",
      "TCP 127.64.0.1:30080 > 127.64.0.2:8080",
      "TCP 127.64.1.1:30080 > 127.64.0.2:8080",
      "TCP 127.0.0.1:30080 > 127.64.0.2:8080",
    ]);
  });

  it("is served by a node's own pods only where the policies say Local", () => {
    const ports = [{ port: 80, protocol: "TCP" as const, nodePort: 30080 }];
    const spec = { type: "NodePort" as const, ports, externalTrafficPolicy: "Local" as const };
    const slices = [slice([at("127.64.1.2", {}, "two"), at("127.64.9.2", {}, "elsewhere")])];
    expect(shown(serviceListeners(service({ ...spec, internalTrafficPolicy: "Local" }), slices, host))).toEqual([
      "TCP 127.96.0.9:80 > 127.64.1.2:8080",
      "TCP 127.64.1.1:30080 > 127.64.1.2:8080",
      "TCP 127.0.0.1:30080 > 127.64.1.2:8080",
    ]);
  });

  it("takes each port to the endpoints' port of its name and protocol", () => {
    const spec = {
      ports: [
        { name: "dns", port: 53, protocol: "UDP" as const },
        { name: "dns-tcp", port: 53, protocol: "TCP" as const },
        { name: "other", port: 99, protocol: "TCP" as const },
      ],
    };
    const ports = [
      { name: "dns", port: 5353, protocol: "UDP" as const },
      { name: "dns-tcp", port: 5354, protocol: "TCP" as const },
    ];
    expect(shown(serviceListeners(service(spec), [slice([at("127.64.0.2")], { ports })], host))).toEqual([
      "UDP 127.96.0.9:53 > 127.64.0.2:5353",
      "TCP 127.96.0.9:53 > 127.64.0.2:5354",
    ]);
  });

  it("is nothing for services without an address, and for those of another proxy", () => {
    const slices = [slice([at("127.64.0.2")])];
    for (const other of [
      service({ clusterIP: "None" }),
      service({ type: "ExternalName" }),
      service({}, { "service.kubernetes.io/service-proxy-name": "mine" }),
      service({}, { "service.kubernetes.io/headless": "" }),
    ])
      expect(serviceListeners(other, slices, host)).toEqual({ listeners: [], refusals: [] });
  });

  it("names what is asked for and not done", () => {
    const spec = { externalIPs: ["192.0.2.1"], ports: [{ port: 7, protocol: "SCTP" as const }] };
    expect(serviceListeners(service(spec), [slice([at("127.64.0.2")])], host)).toEqual({
      listeners: [],
      refusals: [expect.stringContaining("192.0.2.1"), expect.stringContaining("SCTP")],
    });
  });

  it("keeps a client with its backend for three hours unless told otherwise", () => {
    const slices = [slice([at("127.64.0.2")])];
    const affinityOf = (spec: Partial<Service["spec"]>): number | undefined =>
      serviceListeners(service({ sessionAffinity: "ClientIP", ...spec }), slices, host).listeners[0]?.affinityMs;
    expect(affinityOf({})).toBe(10_800_000);
    expect(affinityOf({ sessionAffinityConfig: { clientIP: { timeoutSeconds: 2 } } })).toBe(2_000);
  });

  it("never goes to an endpoint that does not serve, and never to none", () => {
    const anyEndpoint = fc.record({
      addresses: fc.integer({ min: 2, max: 250 }).map((last) => [`127.64.0.${last}`]),
      conditions: fc.record(
        { ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() },
        { requiredKeys: [] },
      ),
      nodeName: fc.constantFrom("one", "two", "three"),
    });
    const policy = fc.constantFrom("Cluster" as const, "Local" as const);
    fc.assert(
      fc.property(fc.array(anyEndpoint, { maxLength: 12 }), policy, policy, (endpoints, internal, external) => {
        const ports = [{ port: 80, protocol: "TCP" as const, nodePort: 30080 }];
        const spec = { type: "NodePort" as const, ports };
        const { listeners } = serviceListeners(
          service({ ...spec, internalTrafficPolicy: internal, externalTrafficPolicy: external }),
          [slice(endpoints)],
          host,
        );
        for (const { backends } of listeners) {
          if (backends.length === 0) return false;
          for (const { address } of backends) {
            const serves = endpoints.some(
              ({ addresses, conditions: { ready = true, serving = ready, terminating = false } }) =>
                addresses[0] === address && (ready || (serving && terminating)),
            );
            if (!serves) return false;
          }
        }
        return true;
      }),
    );
  });
});
