import { cells, errorsOf } from "../kind.test-kit.js";
import { ingresses } from "./ingress.js";
import { ingressClasses } from "./ingress-class.js";

const service = { service: { name: "web", port: { number: 80 } } };
const path = (more: object = {}): object => ({ path: "/", pathType: "Prefix", backend: service, ...more });
const ingress = (rule: object, rest: object = {}): object => ({ spec: { rules: [rule], ...rest } });
const routed = (more: object): object => ingress({ http: { paths: [path(more)] } });
const at = "spec.rules[0].http.paths[0]";

describe("ingresses", () => {
  it.each<[string, object, readonly string[]]>([
    ["a good one", ingress({ host: "*.example.com", http: { paths: [path()] } }), []],
    ["a backend for all", { spec: { defaultBackend: service } }, []],
    ["nothing at all", { spec: {} }, ["spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"]],
    [
      "an address as host",
      ingress({ host: "10.0.0.1" }),
      ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ],
    [
      "no type of path",
      routed({ pathType: undefined }),
      [`${at}.pathType: Required value: pathType must be specified`],
    ],
    [
      "an unknown type of path",
      routed({ pathType: "Odd" }),
      [`${at}.pathType: Unsupported value: "Odd": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ],
    ["a path from nowhere", routed({ path: "a" }), [`${at}.path: Invalid value: "a": must be an absolute path`]],
    [
      "a path that climbs",
      routed({ path: "/a/../b" }),
      [`${at}.path: Invalid value: "/a/../b": must not contain '/../'`],
    ],
    [
      "a service without a port",
      routed({ backend: { service: { name: "web" } } }),
      [`${at}.backend.service.port: Required value: port name or number is required`],
    ],
    [
      "a port by name and number",
      routed({ backend: { service: { name: "web", port: { name: "http", number: 80 } } } }),
      [`${at}.backend.service: Invalid value: "web": cannot set both port name & port number`],
    ],
    [
      "no backend",
      routed({ backend: {} }),
      [`${at}.backend: Invalid value: "": resource or service backend is required`],
    ],
    ["no paths", ingress({ http: { paths: [] } }), ["spec.rules[0].http.paths: Required value"]],
    [
      "a class named twice",
      {
        metadata: { name: "web", namespace: "default", annotations: { "kubernetes.io/ingress.class": "a" } },
        ...ingress({ http: { paths: [path()] } }, { ingressClassName: "a" }),
      },
      ['annotations.kubernetes.io/ingress.class: Invalid value: "a": can not be set when the class field is also set'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(ingresses, draft)).toEqual(expected);
  });

  it("show hosts, addresses and ports", () => {
    const rules = ["a.io", "b.io", "c.io", "d.io"].map((host) => ({ host }));
    const status = { loadBalancer: { ingress: [{ ip: "10.1.1.1" }, { hostname: "lb.io" }] } };
    expect(cells(ingresses, { spec: { ingressClassName: "x", rules, tls: [{ hosts: ["a.io"] }] }, status })).toEqual({
      Name: "web",
      Class: "x",
      Hosts: "a.io,b.io,c.io + 1 more...",
      Address: "10.1.1.1,lb.io",
      Ports: "80, 443",
      Age: "2m3s",
    });
    expect(cells(ingresses, { spec: { defaultBackend: service } })).toMatchObject({
      Class: undefined,
      Hosts: "*",
      Address: "",
      Ports: "80",
    });
  });
});

describe("ingress classes", () => {
  const ingressClass = (spec: object): object => ({ spec: { controller: "acme.io/lb", ...spec } });

  it.each<[string, object, readonly string[]]>([
    ["a good one", ingressClass({ parameters: { kind: "P", name: "p" } }), []],
    ["no controller", { spec: {} }, ["spec.controller: Required value"]],
    [
      "a controller of nobody",
      ingressClass({ controller: "lb" }),
      ['spec.controller: Invalid value: "lb": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      "parameters of an unknown namespace",
      ingressClass({ parameters: { kind: "P", name: "p", scope: "Namespace" } }),
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(ingressClasses, draft)).toEqual(expected);
  });

  it("show their parameters", () => {
    const parameters = { apiGroup: "k8s.io", kind: "P", name: "p" };
    expect(cells(ingressClasses, ingressClass({ parameters })).Parameters).toBe("P.k8s.io/p");
  });
});
