import { cells, errorsOf, read } from "../kind.test-kit.js";
import { ipAddresses } from "./ip-address.js";
import { networkPolicies } from "./network-policy.js";
import { serviceCIDRs } from "./service-cidr.js";

const policy = (spec: object = {}): object => ({ spec: { podSelector: {}, ...spec } });
const from = (peer: object): object => policy({ ingress: [{ from: [peer] }] });
const ports = (port: object): object => policy({ ingress: [{ ports: [port] }] });
const at = "spec.ingress[0].from[0]";

describe("network policies", () => {
  it("are about traffic to pods, and from them where they say so", () => {
    expect(read(networkPolicies, policy()).spec.policyTypes).toEqual(["Ingress"]);
    expect(read(networkPolicies, policy({ egress: [{}] })).spec.policyTypes).toEqual(["Ingress", "Egress"]);
    expect(read(networkPolicies, ports({ port: 80 })).spec.ingress?.[0]?.ports?.[0]?.protocol).toBe("TCP");
  });

  it.each<[string, object, readonly string[]]>([
    ["all of a namespace", policy(), []],
    ["a range of addresses", from({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }), []],
    ["nobody", from({}), [`${at}: Required value: must specify a peer`]],
    [
      "addresses and pods at once",
      from({ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }),
      [`${at}: Forbidden: may not specify both ipBlock and another peer`],
    ],
    [
      "no range",
      from({ ipBlock: { cidr: "10" } }),
      [`${at}.ipBlock.cidr: Invalid value: "10": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`],
    ],
    [
      "an exception that is none",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }),
      [`${at}.ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``],
    ],
    [
      "a range of ports that runs backwards",
      ports({ port: 90, endPort: 80 }),
      ["spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`"],
    ],
    [
      "a range of names",
      ports({ port: "http", endPort: 80 }),
      ["spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is non-numeric"],
    ],
    [
      "an unknown direction",
      policy({ policyTypes: ["Up"] }),
      ['spec.policyTypes[0]: Unsupported value: "Up": supported values: "Egress", "Ingress"'],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(networkPolicies, draft)).toEqual(expected);
  });

  it("show which pods they mean", () => {
    const chosen = policy({ podSelector: { matchLabels: { app: "db" } } });
    expect(cells(networkPolicies, chosen)["Pod-Selector"]).toBe("app=db");
    expect(cells(networkPolicies, policy())["Pod-Selector"]).toBe("<none>");
  });
});

describe("addresses of services", () => {
  it("are named after themselves", () => {
    const address = (name: string): object => ({
      metadata: { name },
      spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
    });
    expect(errorsOf(ipAddresses, address("10.96.0.1"))).toEqual([]);
    expect(errorsOf(ipAddresses, address("web"))).toHaveLength(1);
    expect(cells(ipAddresses, address("10.96.0.1")).ParentRef).toBe("services/default/web");
  });

  it("come from one range a family", () => {
    const range = (...cidrs: string[]): object => ({ spec: { cidrs } });
    expect(errorsOf(serviceCIDRs, range("10.0.0.0/24", "fd00::/64"))).toEqual([]);
    expect(errorsOf(serviceCIDRs, range())).toEqual(["spec.cidrs: Required value: at least one CIDR required"]);
    expect(errorsOf(serviceCIDRs, range("10.0.0.0/24", "10.1.0.0/24"))).toHaveLength(1);
    expect(cells(serviceCIDRs, range("10.0.0.0/24")).CIDRs).toBe("10.0.0.0/24");
  });
});
