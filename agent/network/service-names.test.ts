import type { Service } from "../../api/core/service.js";
import type { Endpoint, EndpointSlice } from "../../api/discovery/endpoint-slice.js";
import { serviceNames } from "./service-names.js";

const service = (name: string, namespace: string, spec: Partial<Service["spec"]>): Service =>
  ({ metadata: { name, namespace }, spec: { type: "ClusterIP", ...spec } }) as Service;
const slice = (endpoints: readonly Endpoint[]): EndpointSlice =>
  ({ addressType: "IPv4", endpoints }) as unknown as EndpointSlice;
const none = () => [];

describe("names of Services", () => {
  it("are whole, and short as far as the pod's search path would complete them", () => {
    const all = [
      service("web", "shop", { clusterIP: "127.96.0.9" }),
      service("db", "infra", { clusterIP: "127.96.0.7" }),
    ];
    expect(serviceNames(all, none, "infra")).toEqual([
      "127.96.0.7\tdb.infra.svc.cluster.local\tdb.infra.svc\tdb.infra\tdb",
      "127.96.0.9\tweb.shop.svc.cluster.local\tweb.shop.svc\tweb.shop",
    ]);
  });

  it("lead to what is ready behind headless ones, by hostname too", () => {
    const endpoints: readonly Endpoint[] = [
      { addresses: ["127.64.0.2"], conditions: { ready: true }, hostname: "db-0" },
      { addresses: ["127.64.0.3"], conditions: { ready: false }, hostname: "db-1" },
      { addresses: ["127.64.0.4"], conditions: {} },
    ];
    const all = [service("db", "infra", { clusterIP: "None" })];
    expect(serviceNames(all, () => [slice(endpoints)], "other")).toEqual([
      "127.64.0.2\tdb.infra.svc.cluster.local\tdb.infra.svc\tdb.infra",
      "127.64.0.2\tdb-0.db.infra.svc.cluster.local\tdb-0.db.infra.svc\tdb-0.db.infra",
      "127.64.0.4\tdb.infra.svc.cluster.local\tdb.infra.svc\tdb.infra",
    ]);
  });

  it("are none for aliases, and none stands for the host itself", () => {
    const all = [
      service("alias", "shop", { type: "ExternalName" }),
      service("localhost", "shop", { clusterIP: "127.96.0.9" }),
    ];
    expect(serviceNames(all, none, "shop")).toEqual([
      "127.96.0.9\tlocalhost.shop.svc.cluster.local\tlocalhost.shop.svc\tlocalhost.shop",
    ]);
  });

  it("are bounded, the pod's own namespace first", () => {
    const many = Array.from({ length: 5_000 }, (_, i) => service(`s${i}`, "many", { clusterIP: "127.96.1.1" }));
    const lines = serviceNames([...many, service("web", "shop", { clusterIP: "127.96.0.9" })], none, "shop");
    expect(lines).toHaveLength(4_000);
    expect(lines[0]).toContain("web.shop");
  });
});
