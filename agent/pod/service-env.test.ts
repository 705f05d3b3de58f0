import type { Service } from "../../api/core/service.js";
import { serviceLinks } from "./service-env.js";

const service = (name: string, spec: Partial<Service["spec"]>): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, uid: name, namespace: "default", resourceVersion: "1", creationTimestamp: "" },
  spec: { type: "ClusterIP", sessionAffinity: "None", ...spec },
});

describe("the environment made of services", () => {
  it("names host and ports of those that have an address", () => {
    const ports = [
      { name: "http-web", port: 80, protocol: "TCP" as const, targetPort: 8080 },
      { name: "dns", port: 53, protocol: "UDP" as const, targetPort: 53 },
    ];
    const env = serviceLinks([service("my-app", { clusterIP: "127.96.0.5", ports })]);
    expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toEqual({
      MY_APP_SERVICE_HOST: "127.96.0.5",
      MY_APP_SERVICE_PORT: "80",
      MY_APP_SERVICE_PORT_HTTP_WEB: "80",
      MY_APP_SERVICE_PORT_DNS: "53",
      MY_APP_PORT: "tcp://127.96.0.5:80",
      MY_APP_PORT_80_TCP: "tcp://127.96.0.5:80",
      MY_APP_PORT_80_TCP_PROTO: "tcp",
      MY_APP_PORT_80_TCP_PORT: "80",
      MY_APP_PORT_80_TCP_ADDR: "127.96.0.5",
      MY_APP_PORT_53_UDP: "udp://127.96.0.5:53",
      MY_APP_PORT_53_UDP_PROTO: "udp",
      MY_APP_PORT_53_UDP_PORT: "53",
      MY_APP_PORT_53_UDP_ADDR: "127.96.0.5",
    });
  });

  it("is silent of headless ones", () => {
    expect(serviceLinks([service("a", { clusterIP: "None", ports: [] }), service("b", {})])).toEqual([]);
  });
});
